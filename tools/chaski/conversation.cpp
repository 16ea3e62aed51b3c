// SPDX-License-Identifier: Apache-2.0
// The commands about messages that are there, about whom to hear, and the person's settings.
#include <fmt/format.h>

#include <cstdio>

#include "tools/chaski/command_error.hpp"
#include "tools/chaski/commands.hpp"
#include "tools/chaski/quantities.hpp"
#include "tools/chaski/safe_text.hpp"

namespace chaski::tools {

namespace {

using nlohmann::json;

/// Asks for something that is done to a contact, and says how it stands then.
void change_contact(const Context& context, const char* what, const std::string& name,
                    std::string_view done) {
  const json answer = ask(context, "POST", fmt::format("/v1/contacts/{}", what),
                          {{"contact", name}});
  if (context.json) return;
  Screen::print(fmt::format(
      fmt::runtime(done), one_line(answer.at("contact").at("name").get<std::string>())));
}

}  // namespace

void run_trust(const Context& context, const std::string& name) {
  change_contact(context, "trust", name,
                 "You can write to {} again. Nothing was compared: better run chaski verify.\n");
}

void run_block(const Context& context, const std::string& name) {
  change_contact(context, "block", name,
                 "{} is blocked: what they send is not opened, and they are not told.\n");
}

void run_unblock(const Context& context, const std::string& name) {
  change_contact(context, "unblock", name, "{} is heard again.\n");
}

void run_react(const Context& context, const std::string& message, const std::string& reaction) {
  const json answer = ask(context, "POST", "/v1/messages/react",
                          {{"message", message_number(message)}, {"reaction", reaction}});
  if (context.json) return;
  Screen::print(reaction.empty()
                    ? std::string("Your reaction is taken back.\n")
                    : fmt::format("{} goes to {}.\n", one_line(reaction),
                                  one_line(answer.at("message").at("contact").get<std::string>())));
}

void run_delete(const Context& context, const std::string& message, bool here) {
  const json answer = ask(context, "POST", "/v1/messages/delete",
                          {{"message", message_number(message)}, {"here", here}});
  if (context.json) return;
  if (here) return Screen::print("Deleted here.\n");
  const json& asked = answer.at("message");
  Screen::print(fmt::format(
      "Deleted here; {} is asked to delete it too (see chaski explain {}). Whoever read it before "
      "may remember it.\n",
      one_line(asked.at("contact").get<std::string>()), asked.at("id").get<std::uint64_t>()));
}

void mark_read(const Context& context, const std::vector<std::uint64_t>& messages) {
  if (messages.empty()) return;
  try {
    parse_answer(context.client.request("POST", "/v1/messages/read",
                                        json{{"messages", messages}}.dump()));
  } catch (const CommandError& error) {
    // They were shown all the same.
    std::fprintf(stderr, "chaski: what was shown still counts as unread: %s\n",
                 one_line(error.what).c_str());
  }
}

void run_settings(const Context& context, const SettingsOptions& options) {
  json wishes = json::object();
  if (!options.name.empty()) wishes["name"] = options.name;
  if (!options.read_receipts.empty()) wishes["read_receipts"] = options.read_receipts == "on";
  const json answer = wishes.empty() ? ask(context, "GET", "/v1/settings")
                                     : ask(context, "POST", "/v1/settings", wishes);
  if (context.json) return;
  Screen::print(fmt::format("name           {}\nread receipts  {}\n",
                            one_line(answer.at("name").get<std::string>()),
                            answer.at("read_receipts").get<bool>()
                                ? "on: contacts are told when you read their messages"
                                : "off: nobody is told what you read"));
}

}  // namespace chaski::tools
