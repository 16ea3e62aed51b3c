// SPDX-License-Identifier: Apache-2.0
// The command verify: two people compare what their nodes make of each other's keys.
#include <fmt/format.h>

#include "tools/chaski/command_error.hpp"
#include "tools/chaski/commands.hpp"
#include "tools/chaski/link_pictures.hpp"
#include "tools/chaski/passphrase.hpp"
#include "tools/chaski/safe_text.hpp"

namespace chaski::tools {

using nlohmann::json;

namespace {

/// Without printing it for --json: what matters is the answer to the request that follows.
std::string number_of(const Context& context, const std::string& name) {
  const json answer = parse_answer(context.client.request("GET", "/v1/contacts"));
  for (const json& contact : answer.at("contacts")) {
    if (contact.at("name").get<std::string>() == name) {
      return one_line(contact.at("safety_number").get<std::string>());
    }
  }
  throw CommandError{ExitCode::refused, "unknown_contact", "there is no contact of this name",
                     "see the names with `chaski contacts`"};
}

/// Four groups a line, as people read them to each other.
std::string in_lines(const std::string& number) {
  constexpr std::size_t kGroups = 4;
  std::string out = "  ";
  std::size_t groups = 0;
  for (const char c : number) {
    if (c == ' ' && ++groups % kGroups == 0) {
      out += "\n  ";
    } else {
      out += c;
    }
  }
  return out + "\n";
}

std::string code_of(std::string number) {
  std::erase(number, ' ');
  return "chaski:safety/" + number;
}

}  // namespace

void run_verify(const Context& context, const std::string& name,
                const std::vector<std::string>& number) {
  std::string theirs;
  for (const std::string& part : number) theirs += part;
  if (theirs.empty()) {
    theirs = number_of(context, name);
    if (context.json || !context.screen.terminal()) {
      throw usage_error("nobody compares here",
                        fmt::format("type chaski verify {} and the number that they see",
                                    one_line(name)));
    }
    Screen::print(qr_words(context, QrWish::when_terminal, code_of(theirs)) + in_lines(theirs));
    if (!confirmed("Look at their screen, or ask a voice that you know. Do they see the same "
                   "number for you?\nType yes if all of it is the same: ")) {
      throw CommandError{ExitCode::refused, "not_confirmed", "nothing was verified",
                         "if the numbers differ, meet and invite each other again"};
    }
  }
  const json answer =
      ask(context, "POST", "/v1/contacts/verify", {{"contact", name}, {"safety_number", theirs}});
  if (context.json) return;
  Screen::print(fmt::format("{} is verified: nobody sits between you.\n",
                            context.screen.paint(Colour::strong, one_line(name))));
}

void run_unverify(const Context& context, const std::string& name) {
  ask(context, "POST", "/v1/contacts/unverify", {{"contact", name}});
  if (context.json) return;
  Screen::print(fmt::format("{} is not verified any more.\n", one_line(name)));
}

}  // namespace chaski::tools
