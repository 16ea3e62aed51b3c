// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <ctime>

#include "tools/chaski/command_error.hpp"
#include "tools/chaski/commands.hpp"
#include "tools/chaski/quantities.hpp"
#include "tools/chaski/safe_text.hpp"

namespace chaski::tools {

namespace {

using nlohmann::json;

std::string problem_words(const Context& context, const json& event) {
  const auto problems = event.find("problems");
  if (problems == event.end() || !problems->is_array() || problems->empty()) {
    return "all is well\n";
  }
  std::string text;
  for (const json& problem : *problems) {
    if (!text.empty()) text += "          ";
    text += context.screen.paint(Colour::warning, one_line(problem.value("what", "")));
    if (const auto mend = problem.value("mend", ""); !mend.empty()) text += "; " + one_line(mend);
    text += '\n';
  }
  return text;
}

}  // namespace

std::string event_words(const Context& context, const json& event) {
  const auto kind = event.value("event", "");
  if (kind == "message") return message_words(context, event.at("message"));
  const std::string when =
      context.screen.paint(Colour::quiet, moment_words(context.now_unix_s, context.now_unix_s)) +
      "  ";
  if (kind == "file") return when + "file " + file_words(context, event.at("file"));
  if (kind == "neighbour") {
    return when + fmt::format("neighbour {} {} ({})\n", one_line(event.at("id").get<std::string>()),
                              event.at("up").get<bool>() ? "is here" : "is gone",
                              one_line(event.value("transport", "")));
  }
  if (kind == "contact") {
    const json& contact = event.at("contact");
    std::string called;
    if (const auto own = contact.value("own_name", ""); !own.empty()) {
      called = fmt::format(" (they call themselves {})", one_line(own));
    }
    return when + fmt::format("contact {}: {}{}\n",
                              one_line(contact.at("name").get<std::string>()),
                              one_line(contact.value("trust", "")), called);
  }
  if (kind == "introduction")
    return when + "introduction " + introduction_words(context, event.at("introduction"));
  if (kind == "session") {
    const bool ours = event.value("renewed_by", "") == "us";
    return when + fmt::format("session with {} renewed by {}\n",
                              one_line(event.at("contact").at("name").get<std::string>()),
                              ours ? "this node" : "theirs");
  }
  if (kind == "status") return when + problem_words(context, event);
  return {};  // an event of a newer node
}

void run_watch(const Context& context, std::optional<std::uint64_t> after) {
  const std::string target =
      after ? fmt::format("/v1/events?after={}", *after) : std::string("/v1/events");
  Context present = context;
  const auto on_line = [&present](std::string_view line) {
    const json event = parse_answer(line);
    if (present.json) {
      Screen::print(json_line(event));
      return true;
    }
    present.now_unix_s = std::time(nullptr);
    Screen::print(event_words(present, event));
    if (event.value("event", "") == "message") {
      const json& message = event.at("message");
      if (message.at("state") == "received") {
        mark_read(present, {message.at("id").get<std::uint64_t>()});
      }
    }
    return true;
  };
  context.client.stream(target, on_line);
}

}  // namespace chaski::tools
