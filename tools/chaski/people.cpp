// SPDX-License-Identifier: Apache-2.0
// The commands about people: init, whoami, invite, add, contacts.
#include <fmt/format.h>

#include <algorithm>

#include "tools/chaski/command_error.hpp"
#include "tools/chaski/commands.hpp"
#include "tools/chaski/link_pictures.hpp"
#include "tools/chaski/quantities.hpp"
#include "tools/chaski/safe_text.hpp"

namespace chaski::tools {

namespace {

using nlohmann::json;

void require_utf8(const std::string& text, const char* what) {
  if (is_utf8(text)) return;
  throw usage_error(fmt::format("{} is not UTF-8 text", what), "set the terminal to UTF-8");
}

std::string person_words(const Context& context, const json& answer) {
  const auto name = one_line(answer.at("name").get<std::string>());
  return fmt::format("{}\nfingerprint  {}\n", context.screen.paint(Colour::strong, name),
                     one_line(answer.at("fingerprint").get<std::string>()));
}

Colour trust_colour(const std::string& trust) {
  if (trust == "changed") return Colour::bad;
  return trust == "verified" ? Colour::good : Colour::plain;
}

}  // namespace

void run_init(const Context& context, const std::string& name, const PassphraseSource& source) {
  require_utf8(name, "the name");
  json body{{"name", name}};
  add_new_passphrase(body, source, "A passphrase for what you write and know: ");
  const json answer = ask(context, "POST", "/v1/init", body);
  if (context.json) return;
  Screen::print("You are " + person_words(context, answer) +
                "Next: meet somebody and type chaski invite; they type chaski add.\n");
}

void run_whoami(const Context& context) {
  const json answer = ask(context, "GET", "/v1/whoami");
  if (!context.json) Screen::print(person_words(context, answer));
}

void run_invite(const Context& context, const LinkOptions& options,
                std::optional<std::uint64_t> price) {
  LinkPictures pictures(options);
  json body = json::object();
  if (price) body["price"] = *price;
  const json answer = ask(context, "POST", "/v1/invites", body);
  const auto link = one_line(answer.at("link").get<std::string>());
  pictures.write(link);
  if (context.json) return;
  const bool terminal = context.screen.terminal();
  std::string text = qr_words(context, options.qr, link) + link + "\n";
  if (terminal) {
    text += "For one person, once: let them scan it, or hand them the link where nobody listens "
            "in. They type: chaski add <link>\n";
    if (const auto bits = answer.value("price", std::uint64_t{0}); bits > 0) {
      text += fmt::format("An answer that does not come by hand costs their node {} of work.\n",
                          work_words(bits));
    }
  }
  Screen::print(text);
}

void run_add(const Context& context, const std::string& link, const std::string& card,
             const std::string& name, bool replace, const LinkOptions& options) {
  if (link.empty() && card.empty())
    throw usage_error("the link is missing", "type chaski add <link>");
  require_utf8(name, "the name");
  require_utf8(link, "the link");
  json body = card.empty() ? json{{"link", link}} : json{{"card", card}};
  require_utf8(card, "the fingerprint");
  if (!name.empty()) body["name"] = name;
  if (replace) body["replace"] = true;
  LinkPictures pictures(options);
  const json answer = ask(context, "POST", "/v1/contacts", body);
  const auto back = answer.value("answer_link", std::string());
  if (!back.empty()) pictures.write(one_line(back));
  if (context.json) return;
  const json& contact = answer.at("contact");
  const auto shown = one_line(contact.at("name").get<std::string>());
  std::string text = fmt::format(
      "{} is a contact now, {}.\nSafety number  {}\n", context.screen.paint(Colour::strong, shown),
      one_line(contact.at("trust").get<std::string>()),
      one_line(contact.at("safety_number").get<std::string>()));
  if (contact.value("met", "") == "card" && contact.at("trust") == "unverified") {
    text += fmt::format(
        "They came by a card, not from hand to hand: whoever made it may be anybody, whatever name "
        "it bears.\nCompare the number over another way before you trust them: chaski verify {}\n",
        shown);
  }
  if (contact.at("trust") == "changed") {
    text += fmt::format(
        "This is another identity than the one of before. Compare the number: chaski verify {0}\n"
        "Until then, or until you type chaski trust {0}, nothing can be written to them.\n",
        shown);
  }
  if (!back.empty()) {
    text += qr_words(context, options.qr, one_line(back));
    text += fmt::format("{} still has to type: chaski add {}\n", shown, one_line(back));
  } else if (!options.png.empty() || !options.svg.empty()) {
    text += "There is nothing to hand back, so no QR code was written.\n";
  }
  if (const auto work = answer.find("work"); work != answer.end() && work->is_object()) {
    text += fmt::format("Or wait: {}, then your answer goes through the mesh.\n",
                        working_words(work->value("left_s", std::uint64_t{0})));
  }
  Screen::print(text);
}

void run_cancel(const Context& context, const std::string& name) {
  require_utf8(name, "the name");
  ask(context, "POST", "/v1/work/cancel", {{"contact", name}});
  if (context.json) return;
  Screen::print(
      "Your answer does not go through the mesh; the link that add printed still works.\n");
}

namespace {

/// One or two words: how the person stands with a contact.
std::string standing(const json& contact) {
  if (contact.value("blocked", false)) return "blocked";
  if (contact.value("needs_meeting", false)) return "meet again";
  return contact.at("trust").get<std::string>();
}

}  // namespace

void run_heal(const Context& context, const std::string& name) {
  require_utf8(name, "the name");
  const json answer = ask(context, "POST", "/v1/contacts/heal", {{"contact", name}});
  if (context.json) return;
  const json& contact = answer.at("contact");
  const auto left = contact.at("session").value("standing", std::uint64_t{0});
  Screen::print(fmt::format(
      "What you write to {} from now on goes into a new session; they need not do anything.\n"
      "That can be done {} more before they answer. Their safety number is the same.\n",
      context.screen.paint(Colour::strong, one_line(name)),
      left == 1 ? std::string("once") : fmt::format("{} times", left)));
}

namespace {

/// By whom they were introduced: to be believed as far as that contact is.
std::string introduced_words(const json& contact) {
  const auto by = contact.value("introduced_by", "");
  return by.empty() ? std::string() : "  introduced by " + one_line(by);
}

}  // namespace

void run_contacts(const Context& context, bool names_only) {
  const json answer = ask(context, "GET", "/v1/contacts");
  if (context.json) return;
  const json& contacts = answer.at("contacts");
  std::string text;
  if (contacts.empty() && !names_only) {
    text = "No contacts yet: meet somebody; type chaski invite, or chaski add with their link.\n";
  }
  std::size_t width = 0;
  for (const json& contact : contacts) {
    width = std::max(width, one_line(contact.at("name").get<std::string>()).size());
  }
  for (const json& contact : contacts) {
    const auto name = one_line(contact.at("name").get<std::string>());
    const auto trust = contact.at("trust").get<std::string>();
    if (names_only) {
      text += name + "\n";
      continue;
    }
    const auto own_name = contact.value("own_name", "");
    const bool by_card = contact.value("met", "") == "card";
    text += fmt::format("{:<{}}  {}  safety number {}{}{}\n", name, width,
                        context.screen.paint(trust_colour(trust),
                                             fmt::format("{:<10}", one_line(standing(contact)))),
                        one_line(contact.at("safety_number").get<std::string>()),
                        own_name.empty() || own_name == name
                            ? std::string()
                            : fmt::format("  calls themselves {}", one_line(own_name)),
                        by_card ? "  met by a card" : introduced_words(contact));
  }
  Screen::print(text);
}

}  // namespace chaski::tools
