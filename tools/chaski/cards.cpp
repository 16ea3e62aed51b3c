// SPDX-License-Identifier: Apache-2.0
// The commands about cards, for people who never met.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "tools/chaski/commands.hpp"
#include "tools/chaski/link_pictures.hpp"
#include "tools/chaski/quantities.hpp"
#include "tools/chaski/safe_text.hpp"

namespace chaski::tools {

using nlohmann::json;

namespace {

std::int64_t now_unix_s() {
  using std::chrono::system_clock;
  return std::chrono::duration_cast<std::chrono::seconds>(system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

void run_card(const Context& context, const CardOptions& options, const LinkOptions& links) {
  LinkPictures pictures(links);
  json body = json::object();
  if (options.fresh) body["new"] = true;
  if (options.publish) body["publish"] = true;
  if (options.days) body["days"] = *options.days;
  if (options.price) body["price"] = *options.price;
  const json answer = ask(context, "POST", "/v1/cards", body);
  const json& card = answer.at("card");
  const auto link = one_line(card.at("link").get<std::string>());
  pictures.write(link);
  if (context.json) return;
  std::string text = qr_words(context, links.qr, link) + link + "\n";
  if (options.publish) {
    text += "It goes through the mesh once this node has worked for it, and travels for two weeks "
            "at most: everybody can read it, nobody can take it back.\n";
  }
  if (context.screen.terminal()) {
    text += fmt::format(
        "Your card, for anybody, any number of times, until {}. They type: chaski add <link>\n"
        "Each answer costs their node {} of work. Who answers is unverified: anybody may be.\n",
        moment_words(card.at("expires_unix_s").get<std::int64_t>(), now_unix_s()),
        work_words(card.at("price").get<std::uint64_t>()));
  }
  Screen::print(text);
}

void run_withdraw_cards(const Context& context) {
  const json answer = ask(context, "POST", "/v1/cards/withdraw", json::object());
  if (context.json) return;
  const auto count = answer.at("withdrawn").get<std::uint64_t>();
  Screen::print(count == 0 ? std::string("There was no card to take back.\n")
                           : fmt::format("Nobody can answer {} any more. Who has answered stays a "
                                         "contact.\n",
                                         count == 1 ? std::string("your card")
                                                    : fmt::format("your {} cards", count)));
}

void run_cards(const Context& context) {
  const json answer = ask(context, "GET", "/v1/cards");
  if (context.json) return;
  const json& cards = answer.at("heard");
  std::string text;
  if (cards.empty()) text = "No cards of others passed by yet.\n";
  std::size_t width = 0;
  const auto name_of = [](const json& card) {
    const auto name = one_line(card.at("name").get<std::string>());
    return name.empty() ? std::string("(no name)") : name;
  };
  for (const json& card : cards) width = std::max(width, name_of(card).size());
  for (const json& card : cards) {
    const auto contact = one_line(card.value("contact", std::string()));
    text += fmt::format("{:<{}}  {}  until {}{}\n", name_of(card), width,
                        one_line(card.at("fingerprint").get<std::string>()),
                        moment_words(card.at("expires_unix_s").get<std::int64_t>(), now_unix_s()),
                        contact.empty() ? std::string() : "  your contact " + contact);
  }
  if (!cards.empty() && context.screen.terminal()) {
    text += "Names are what each card says; anybody may say any. To write to one, type: "
            "chaski add --card <fingerprint>\n";
  }
  Screen::print(text);
}

}  // namespace chaski::tools
