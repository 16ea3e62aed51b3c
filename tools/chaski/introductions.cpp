// SPDX-License-Identifier: Apache-2.0
// The commands introduce and introductions.
#include <fmt/format.h>

#include "tools/chaski/command_error.hpp"
#include "tools/chaski/commands.hpp"
#include "tools/chaski/safe_text.hpp"

namespace chaski::tools {

using nlohmann::json;

namespace {

std::string text_of(const json& from, const char* key) { return one_line(from.value(key, "")); }

/// Where one of the two stands whom the person introduced.
std::string party_words(const json& party) {
  const auto who = text_of(party, "contact");
  const auto reply = party.value("reply", "");
  const auto offer = party.value("offer", "");
  if (reply == "yes") return who + " said yes";
  if (reply == "no") return who + " said no";
  if (offer == "delivered") return who + " was asked";
  if (offer == "expired") return "the question to " + who + " ran out on its way";
  return who + " is being asked";
}

std::string told_words(const json& party) {
  const auto who = text_of(party, "contact");
  const auto meet = party.value("meet", "");
  if (meet == "delivered") return who + " was told";
  if (meet == "expired") return "what tells " + who + " ran out on its way: introduce them again";
  if (meet == "due") return who + " is told within minutes";
  return who + " is being told";
}

std::string ours_words(const json& one) {
  const json& parties = one.at("parties");
  const json& first = parties.at(0);
  const json& second = parties.at(1);
  const auto state = one.value("state", "");
  std::string text = fmt::format("you introduce {} and {}: ", text_of(first, "contact"),
                                 text_of(second, "contact"));
  const bool both = first.value("reply", "") == "yes" && second.value("reply", "") == "yes";
  if (state == "met") return text + "both said yes, and know of each other";
  if (state == "refused") return text + "ended, for you blocked one of them, or one changed";
  if (both) return text + "both said yes; " + told_words(first) + ", " + told_words(second);
  text += party_words(first) + ", " + party_words(second);
  if (state == "lapsed") text += "; its time is over";
  return text;
}

std::string theirs_words(const json& one) {
  const auto by = text_of(one, "by");
  const auto name = text_of(one, "name");
  const auto state = one.value("state", "");
  const auto contact = text_of(one, "contact");
  const auto id = one.value("id", std::uint64_t{0});
  const std::string text = fmt::format("{} introduces you to {}: ", by, name);
  if (state == "offered")
    return text + fmt::format("say yes or no with chaski introductions accept {0}, or decline {0}",
                              id);
  if (state == "accepted") {
    return text + (one.value("reply", "") == "expired"
                       ? fmt::format("you said yes, but it ran out on its way to {}", by)
                       : std::string("you said yes, and nothing came back yet"));
  }
  if (state == "meeting") return text + "they said yes too; you will be contacts";
  if (state == "met")
    return text + fmt::format("{0} is a contact now; compare numbers with chaski verify {0}",
                              contact);
  if (state == "known") return text + fmt::format("they are your contact {} already", contact);
  if (state == "declined") return text + "you said no";
  if (state == "refused") return text + "ended, for you blocked them, or there is no room";
  return text + "nothing came of it in time";
}

}  // namespace

std::string introduction_words(const Context& context, const json& one) {
  std::string line = fmt::format(
      "{}  {}\n", context.screen.paint(Colour::strong, std::to_string(one.value("id", 0U))),
      one.value("ours", false) ? ours_words(one) : theirs_words(one));
  if (const auto note = text_of(one, "note"); !note.empty()) line += "   “" + note + "”\n";
  return line;
}

void run_introduce(const Context& context, const std::string& first, const std::string& second,
                   const std::string& note) {
  json body{{"first", first}, {"second", second}};
  if (!note.empty()) body["note"] = note;
  const json answer = ask(context, "POST", "/v1/introductions", body);
  if (context.json) return;
  Screen::print(fmt::format(
      "{} and {} are asked whether they want to know each other. Who they are is told only when\n"
      "both say yes: see chaski introductions.\n",
      context.screen.paint(Colour::strong, one_line(first)),
      context.screen.paint(Colour::strong, one_line(second))));
}

void run_introductions(const Context& context, const IntroductionsOptions& options) {
  if (options.action.empty()) {
    const json answer = ask(context, "GET", "/v1/introductions");
    if (context.json) return;
    std::string text;
    for (const json& one : answer.at("introductions")) text += introduction_words(context, one);
    if (text.empty()) {
      text = "No introductions: type chaski introduce with two of your contacts.\n";
    }
    Screen::print(text);
    return;
  }
  json body{{"id", *options.number}};
  if (!options.name.empty()) body["name"] = options.name;
  const std::string path = "/v1/introductions/" + options.action;
  const json answer = ask(context, "POST", path, body);
  if (context.json) return;
  const json& one = answer.at("introduction");
  const auto by = text_of(one, "by");
  const auto name = text_of(one, "name");
  Screen::print(options.action == "accept"
                    ? fmt::format("{} is told that you want to know {}. When {} says yes too, you "
                                  "become contacts; it can take days.\n",
                                  by, name, name)
                    : fmt::format("{} is told that you said no. Nobody else is.\n", by));
}

}  // namespace chaski::tools
