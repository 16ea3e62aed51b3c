// SPDX-License-Identifier: Apache-2.0
// Cards: for people who never met.
#include <array>
#include <limits>

#include "daemon/api_json.hpp"
#include "daemon/api_routes.hpp"

namespace chaski::daemon {
namespace {

Json card_json(const node::OwnCardInfo& card) {
  return {{"link", card.link},
          {"price", card.price_bits},
          {"issued_unix_s", card.issued_unix_s},
          {"expires_unix_s", card.expires_unix_s},
          {"answers", card.answers},
          {"published", node::to_string(card.published)},
          {"published_unix_s", card.published_unix_s}};
}

Json heard_json(const node::HeardCardInfo& card) {
  Json out{{"name", card.name},
           {"fingerprint", card.fingerprint},
           {"link", card.link},
           {"price", card.price_bits},
           {"issued_unix_s", card.issued_unix_s},
           {"expires_unix_s", card.expires_unix_s}};
  if (!card.contact.empty()) out["contact"] = card.contact;
  return out;
}

/// What does not fit is more than any bound: the node refuses it.
std::optional<unsigned> small(std::optional<std::uint64_t> number) {
  if (!number) return std::nullopt;
  constexpr std::uint64_t kMax = std::numeric_limits<unsigned>::max();
  return static_cast<unsigned>(std::min(*number, kMax));
}

ApiResult get_cards(ApiContext& context, const RouteInput&) {
  Json own = Json::array();
  for (const auto& card : context.node.own_cards()) own.push_back(card_json(card));
  Json heard = Json::array();
  for (const auto& card : context.node.heard_cards()) heard.push_back(heard_json(card));
  const node::CardCounts counts = context.node.card_counts();
  return ApiAnswer{{{"own", std::move(own)},
                    {"heard", std::move(heard)},
                    {"passed_by",
                     {{"taken", counts.taken},
                      {"dropped", counts.dropped},
                      {"older", counts.older},
                      {"pushed_out", counts.pushed_out}}}}};
}

ApiResult post_cards(ApiContext& context, const RouteInput& input) {
  BodyReader body(input.body);
  node::CardRequest request;
  request.fresh = body.flag("new");
  request.publish = body.flag("publish");
  request.days = small(body.number("days"));
  request.price_bits = small(body.number("price"));
  if (const auto error = body.finish()) return base::unexpected(*error);
  const auto card = context.node.card(request, context.now, context.wall);
  if (!card) return base::unexpected(person_error(card.error()));
  return ApiAnswer{{{"card", card_json(*card)}, {"made", card->made}}, true};
}

ApiResult post_withdraw(ApiContext& context, const RouteInput& input) {
  BodyReader body(input.body);
  if (const auto error = body.finish()) return base::unexpected(*error);
  const auto withdrawn = context.node.withdraw_cards();
  if (!withdrawn) return base::unexpected(person_error(withdrawn.error()));
  return ApiAnswer{{{"withdrawn", *withdrawn}}, true};
}

constexpr std::array kRoutes{
    Route{"GET", "/v1/cards", get_cards},
    Route{"POST", "/v1/cards", post_cards, true},
    Route{"POST", "/v1/cards/withdraw", post_withdraw, true},
};

}  // namespace

std::span<const Route> card_routes() { return kRoutes; }

}  // namespace chaski::daemon
