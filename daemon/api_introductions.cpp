// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <limits>

#include "daemon/api_introductions.hpp"
#include "daemon/api_json.hpp"
#include "daemon/api_routes.hpp"

namespace chaski::daemon {

Json introduction_json(const node::IntroductionInfo& info) {
  using std::chrono::duration_cast;
  Json out{{"id", info.number},
           {"ours", info.ours},
           {"state", node::to_string(info.state)},
           {"began_unix_s", info.began_unix_s}};
  if (node::is_open(info.state))
    out["left_s"] = duration_cast<std::chrono::seconds>(info.left).count();
  if (!info.note.empty()) out["note"] = info.note;
  if (info.ours) {
    Json parties = Json::array();
    for (const node::IntroductionInfo::Party& party : info.parties) {
      parties.push_back({{"contact", party.contact},
                         {"reply", node::to_string(party.reply)},
                         {"offer", node::to_string(party.offer)},
                         {"meet", node::to_string(party.meet)}});
    }
    out["parties"] = std::move(parties);
    return out;
  }
  out["by"] = info.by;
  out["name"] = info.name;
  out["reply"] = node::to_string(info.reply);
  if (!info.contact.empty()) out["contact"] = info.contact;
  return out;
}

std::optional<Json> introduction_json(const node::Node& node, std::uint32_t number,
                                      base::Time now) {
  for (const node::IntroductionInfo& info : node.introductions(now))
    if (info.number == number) return introduction_json(info);
  return std::nullopt;
}

namespace {

ApiResult answer_with(const ApiContext& context, std::uint32_t number) {
  auto shown = introduction_json(context.node, number, context.now);
  if (!shown) return base::unexpected(person_error(node::PersonError::unknown_introduction));
  return ApiAnswer{{{"introduction", std::move(*shown)}}, true};
}

ApiResult get_introductions(ApiContext& context, const RouteInput&) {
  Json list = Json::array();
  for (const node::IntroductionInfo& info : context.node.introductions(context.now))
    list.push_back(introduction_json(info));
  return ApiAnswer{{{"introductions", std::move(list)}}};
}

ApiResult post_introductions(ApiContext& context, const RouteInput& input) {
  BodyReader body(input.body);
  const auto first = body.text("first", true);
  const auto second = body.text("second", true);
  const auto note = body.text("note", false);
  if (const auto error = body.finish()) return base::unexpected(*error);
  const auto number = context.node.introduce(*first, *second, note.value_or(""), context.now,
                                             context.wall);
  if (!number) return base::unexpected(person_error(number.error()));
  return answer_with(context, *number);
}

/// A number that none can have stands for what does not fit.
std::uint32_t number_of(std::uint64_t id) {
  const bool fits = id <= std::numeric_limits<std::uint32_t>::max();
  return fits ? static_cast<std::uint32_t>(id) : 0;
}

ApiResult post_accept(ApiContext& context, const RouteInput& input) {
  BodyReader body(input.body);
  const auto id = body.required_number("id");
  const auto name = body.text("name", false);
  if (const auto error = body.finish()) return base::unexpected(*error);
  const std::uint32_t number = number_of(*id);
  const auto done =
      context.node.accept_introduction(number, name.value_or(""), context.now, context.wall);
  if (!done) return base::unexpected(person_error(done.error()));
  return answer_with(context, number);
}

ApiResult post_decline(ApiContext& context, const RouteInput& input) {
  BodyReader body(input.body);
  const auto id = body.required_number("id");
  if (const auto error = body.finish()) return base::unexpected(*error);
  const std::uint32_t number = number_of(*id);
  const auto done = context.node.decline_introduction(number, context.now, context.wall);
  if (!done) return base::unexpected(person_error(done.error()));
  return answer_with(context, number);
}

constexpr std::array kRoutes{
    Route{"GET", "/v1/introductions", get_introductions},
    Route{"POST", "/v1/introductions", post_introductions, true},
    Route{"POST", "/v1/introductions/accept", post_accept, true},
    Route{"POST", "/v1/introductions/decline", post_decline, true},
};

}  // namespace

std::span<const Route> introduction_routes() { return kRoutes; }

}  // namespace chaski::daemon
