// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <limits>

#include "daemon/api_json.hpp"
#include "daemon/api_routes.hpp"

namespace chaski::daemon {
namespace {

Json peer_json(const node::PairingPeerInfo& peer) {
  Json symbols = Json::array();
  for (const std::uint8_t number : peer.symbols) {
    const e2ee::PairingSymbol& symbol = e2ee::pairing_symbol(number);
    symbols.push_back({{"emoji", std::string(symbol.emoji)}, {"word", std::string(symbol.word)}});
  }
  return {{"peer", peer.number},
          {"transport", transport_name(peer.transport)},
          {"state", peer.linked ? e2ee::to_string(peer.state) : "gone"},
          {"symbols", std::move(symbols)},
          {"words", e2ee::words_of(peer.symbols)},
          {"you_confirmed", peer.we_confirmed},
          {"they_confirmed", peer.they_confirmed}};
}

Json pairing_json(const node::Node& node, const node::PairingInfo& info) {
  Json peers = Json::array();
  for (const node::PairingPeerInfo& peer : info.peers) peers.push_back(peer_json(peer));
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(info.left).count();
  Json out{{"state", node::to_string(info.phase)}, {"left_ms", left}, {"peers", std::move(peers)}};
  if (info.phase == node::PairingPhase::over) out["why"] = node::to_string(info.why);
  if (info.contact) out["contact"] = contact_json(node, *info.contact);
  return {{"pairing", std::move(out)}};
}

ApiResult answer_with(const ApiContext& context,
                      const base::Expected<node::PairingInfo, node::PersonError>& info) {
  if (!info) return base::unexpected(person_error(info.error()));
  // After the commit, so that the loop goes round and the links are asked what they say now.
  return ApiAnswer{pairing_json(context.node, *info), true};
}

ApiResult get_pairing(ApiContext& context, const RouteInput&) {
  return ApiAnswer{pairing_json(context.node, context.node.pairing(context.now))};
}

ApiResult post_pairing(ApiContext& context, const RouteInput& input) {
  BodyReader body(input.body);
  const auto name = body.text("name", false);
  if (const auto error = body.finish()) return base::unexpected(*error);
  return answer_with(context, context.node.start_pairing(name.value_or(""), context.now));
}

ApiResult post_confirm(ApiContext& context, const RouteInput& input) {
  BodyReader body(input.body);
  const auto peer = body.number("peer");
  const auto words = body.text("words", false);
  if (const auto error = body.finish()) return base::unexpected(*error);
  if (peer.has_value() == words.has_value()) {
    return base::unexpected(
        bad_request("either peer or words says whom you see", "send one of them"));
  }
  if (words) return answer_with(context, context.node.confirm_pairing(*words, context.now));
  const bool fits = *peer <= std::numeric_limits<std::uint32_t>::max();
  const auto number = fits ? static_cast<std::uint32_t>(*peer) : 0;
  return answer_with(context, context.node.confirm_pairing(number, context.now));
}

ApiResult post_cancel(ApiContext& context, const RouteInput& input) {
  BodyReader body(input.body);
  if (const auto error = body.finish()) return base::unexpected(*error);
  return answer_with(context, context.node.cancel_pairing(context.now));
}

constexpr std::array kRoutes{
    Route{"GET", "/v1/pairing", get_pairing},
    Route{"POST", "/v1/pairing", post_pairing, true},
    Route{"POST", "/v1/pairing/confirm", post_confirm, true},
    Route{"POST", "/v1/pairing/cancel", post_cancel},
};

}  // namespace

std::span<const Route> pairing_routes() { return kRoutes; }

}  // namespace chaski::daemon
