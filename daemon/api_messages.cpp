// SPDX-License-Identifier: Apache-2.0
#include "daemon/api_messages.hpp"

#include <algorithm>
#include <array>

#include "daemon/api_json.hpp"
#include "daemon/api_routes.hpp"
#include "daemon/explanation.hpp"

namespace chaski::daemon {
namespace {

constexpr std::uint64_t kMessagesMax = 1'000;  ///< in one answer
constexpr std::size_t kContactMessagesMax = 100'000;  ///< looked through for one page

std::optional<wire::Priority> priority(std::string_view name) {
  if (name == "bulk") return wire::Priority::bulk;
  if (name == "normal") return wire::Priority::normal;
  if (name == "urgent") return wire::Priority::urgent;
  return std::nullopt;
}

ApiResult post_message(ApiContext& context, const RouteInput& input) {
  const auto message = send_message(context, input.body);
  if (!message) return base::unexpected(message.error());
  return ApiAnswer{{{"message", message_json(context.node, *message)}}, true};
}

/// A query value that is a number; false when it is something else.
bool take_number(const RouteInput& input, const char* key, std::uint64_t& out) {
  const auto text = input.query(key);
  if (!text) return true;
  const auto number = parse_number(*text);
  if (number) out = *number;
  return number.has_value();
}

/// The first `limit` messages above `after`, where the store's own query gives the newest.
std::vector<node::MessageRecord> page_after(node::PeopleStore& people, node::MessageQuery query) {
  const std::size_t limit = query.limit;
  std::vector<node::MessageRecord> page;
  if (query.contact) {
    query.limit = kContactMessagesMax;
    page = people.messages(query);
    page.resize(std::min(page.size(), limit));
    return page;
  }
  // Ids count up without gaps.
  for (node::MessageId id = query.after + 1; page.size() < limit; ++id) {
    auto message = people.find_message(id);
    if (!message) break;
    page.push_back(std::move(*message));
  }
  return page;
}

ApiResult get_messages(ApiContext& context, const RouteInput& input) {
  node::MessageQuery query;
  std::uint64_t limit = query.limit;
  if (!take_number(input, "after", query.after) || !take_number(input, "limit", limit)) {
    return base::unexpected(bad_request("after and limit are numbers", "write ?after=7&limit=50"));
  }
  // SQL and JSON know only signed numbers.
  query.after = std::min<std::uint64_t>(query.after, INT64_MAX - 1);
  query.limit = static_cast<std::size_t>(std::min(limit, kMessagesMax));
  if (const auto name = input.query("contact"); name && !name->empty()) {
    const auto contact = context.node.find_contact(*name);
    if (!contact) return base::unexpected(person_error(node::PersonError::unknown_contact));
    query.contact = contact->id;
  }
  const auto found = input.query("after") ? page_after(context.store.people(), query)
                                          : context.store.people().messages(query);
  Json list = Json::array();
  for (const auto& message : found) list.push_back(message_json(context.node, message));
  return ApiAnswer{{{"messages", std::move(list)}}};
}

Json life_json(const std::vector<node::LifeEvent>& life) {
  Json list = Json::array();
  for (const auto& event : life) {
    Json line{{"unix_s", event.unix_s}, {"what", event.what}};
    if (!event.neighbour.empty()) line["neighbour"] = event.neighbour;
    list.push_back(std::move(line));
  }
  return list;
}

ApiResult get_message(ApiContext& context, const RouteInput& input) {
  const auto id = parse_number(input.id);
  const auto message = id && *id <= INT64_MAX ? context.store.people().find_message(*id)
                                              : std::nullopt;
  if (!message) {
    return base::unexpected(ApiError{404, "unknown_message", "there is no message of this number",
                                     "see the numbers with `chaski messages`"});
  }
  MessageSituation situation{*message, context.store.people().life_events(*id), std::nullopt,
                             context.node.neighbours().size()};
  Json answer{{"message", message_json(context.node, *message)},
              {"life", life_json(situation.life)}};
  if (message->direction == node::Direction::outgoing) {
    situation.age_ms = context.node.router().age_ms(message->envelope, context.now);
  }
  if (situation.age_ms) {
    const std::uint64_t age_s = *situation.age_ms / 1'000;
    answer["held"] = {{"age_s", age_s},
                      {"expires_in_s", message->lifetime_s > age_s ? message->lifetime_s - age_s
                                                                   : std::uint64_t{0}}};
  }
  answer["explanation"] = explain(situation);
  return ApiAnswer{std::move(answer)};
}

constexpr std::array kRoutes{
    Route{"POST", "/v1/messages", post_message, true},
    Route{"GET", "/v1/messages", get_messages},
    Route{"GET", "/v1/messages/{id}", get_message},
};

}  // namespace

base::Expected<node::MessageRecord, ApiError> send_message(ApiContext& context,
                                                           const Json& json) {
  BodyReader body(json);
  const auto to = body.text("to", true);
  const auto text = body.text("text", true);
  const auto lifetime = body.number("lifetime_s");
  const auto priority_name = body.text("priority", false);
  if (auto error = body.finish()) return base::unexpected(*error);
  node::SendOptions options;
  if (lifetime) {
    if (*lifetime > UINT32_MAX) {
      return base::unexpected(person_error(node::PersonError::bad_lifetime));
    }
    options.lifetime_s = static_cast<std::uint32_t>(*lifetime);
  }
  if (priority_name) {
    const auto known = priority(*priority_name);
    if (!known) {
      return base::unexpected(
          bad_request("unknown priority " + *priority_name, "write bulk, normal or urgent"));
    }
    options.priority = *known;
  }
  auto sent = context.node.send(*to, *text, options, context.now, context.wall);
  if (!sent) return base::unexpected(person_error(sent.error()));
  return *sent;
}

std::span<const Route> message_routes() { return kRoutes; }

}  // namespace chaski::daemon
