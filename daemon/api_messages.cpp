// SPDX-License-Identifier: Apache-2.0
#include "daemon/api_messages.hpp"

#include <algorithm>
#include <array>

#include "base/hex.hpp"
#include "daemon/api_json.hpp"
#include "daemon/api_routes.hpp"
#include "daemon/explanation.hpp"
#include "node/text.hpp"

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

using Sent = base::Expected<node::MessageRecord, ApiError>;

/// What may stand beside a text.
struct Wishes {
  std::optional<std::uint64_t> lifetime_s;
  std::optional<std::string> priority;
  std::optional<std::uint64_t> reply_to;
  std::optional<std::uint64_t> disappears_after_s;
};

/// The wishes checked, and the text sent.
Sent send_checked(ApiContext& context, const std::string& to, std::string_view text,
                  const Wishes& wishes) {
  auto options = send_options(wishes.lifetime_s, wishes.priority);
  if (!options) return base::unexpected(options.error());
  options->reply_to = wishes.reply_to.value_or(0);
  if (wishes.disappears_after_s) {
    if (*wishes.disappears_after_s > UINT32_MAX) {
      return base::unexpected(
          bad_request("disappears_after_s is too long", "leave it out for what is to stay"));
    }
    options->disappears_after_s = static_cast<std::uint32_t>(*wishes.disappears_after_s);
  }
  auto sent = context.node.send(to, text, *options, context.now, context.wall);
  if (!sent) return base::unexpected(person_error(sent.error()));
  return *std::move(sent);
}

/// The text is the body, as it is; everything else stands in the query.
Sent send_text(ApiContext& context, const RouteInput& input) {
  constexpr std::array<std::string_view, 5> kKnown{"to", "lifetime_s", "priority", "reply_to",
                                                   "disappears_after_s"};
  for (const auto& [key, value] : input.request.query) {
    if (std::find(kKnown.begin(), kKnown.end(), key) == kKnown.end()) {
      return base::unexpected(
          bad_request("unknown query key " + key,
                      "known here: to, lifetime_s, priority, reply_to, disappears_after_s"));
    }
  }
  const auto to = input.query("to");
  if (!to) return base::unexpected(bad_request("to is missing", "write ?to=NAME"));
  Wishes wishes{.lifetime_s = {},
                .priority = input.query("priority"),
                .reply_to = {},
                .disappears_after_s = {}};
  for (const auto& [key, out] : {std::pair{"lifetime_s", &wishes.lifetime_s},
                                 std::pair{"reply_to", &wishes.reply_to},
                                 std::pair{"disappears_after_s", &wishes.disappears_after_s}}) {
    const auto text = input.query(key);
    if (!text) continue;
    *out = parse_number(*text);
    if (!*out) {
      return base::unexpected(
          bad_request(std::string(key) + " is no whole number", "write one of 0 or more"));
    }
  }
  const std::string charset = charset_of(input.request.content_type);
  const bool is_right_charset = charset.empty() || charset == "utf-8" || charset == "us-ascii";
  if (!is_right_charset || !node::is_utf8(input.request.body)) {
    return base::unexpected(bad_request("the text is not UTF-8", "send it as UTF-8"));
  }
  return send_checked(context, *to, input.request.body, wishes);
}

ApiResult post_message(ApiContext& context, const RouteInput& input) {
  const auto message =
      input.is_plain_text ? send_text(context, input) : send_message(context, input.body);
  if (!message) return base::unexpected(message.error());
  // Who sent a raw text gets it not back as JSON: escaping it would cost more than all the rest.
  const auto text = input.is_plain_text ? TextInJson::no : TextInJson::yes;
  return ApiAnswer{{{"message", message_json(context.node, *message, text)}}, true};
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

std::uint64_t whole_seconds(base::Duration duration) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration).count();
  return seconds > 0 ? static_cast<std::uint64_t>(seconds) : 0;
}

/// For each link why it did not go over it yet.
Json neighbours_json(const MessageSituation& situation, const mesh_router::Explanation& held,
                     base::Time now) {
  Json list = Json::array();
  for (const auto& neighbour : held.neighbours) {
    Json line{{"id", base::short_hex(neighbour.id.view())},
              {"since_s", whole_seconds(now - neighbour.since)},
              {"why", mesh_router::to_string(neighbour.why)},
              {"explanation", explain_neighbour(situation, neighbour, now)}};
    if (neighbour.until) line["retry_in_s"] = whole_seconds(*neighbour.until - now);
    if (neighbour.ahead) line["ahead"] = *neighbour.ahead;
    list.push_back(std::move(line));
  }
  return list;
}

/// Where the envelope of a message that was written here is now; nothing when it is not held.
void add_whereabouts(Json& answer, MessageSituation& situation, const ApiContext& context) {
  const auto held = context.node.router().explain(situation.message.envelope, context.now);
  if (held.presence != mesh_router::Presence::held) return;
  situation.age_ms = held.age_ms;
  const std::uint64_t age_s = held.age_ms / 1'000;
  const std::uint64_t lifetime_s = situation.message.lifetime_s;
  answer["held"] = {{"age_s", age_s},
                    {"expires_in_s", lifetime_s > age_s ? lifetime_s - age_s : std::uint64_t{0}},
                    {"hops_left", held.hops_left},
                    {"copies", held.copies}};
  answer["neighbours"] = neighbours_json(situation, held, context.now);
}

/// Whether the contact cannot know yet that we are one.
void add_work(MessageSituation& situation, const ApiContext& context) {
  const auto work = context.node.work();
  if (work.empty()) return;
  for (const auto& contact : context.node.contacts()) {
    if (contact.id != situation.message.contact) continue;
    for (const auto& one : work) {
      if (one.contact == contact.name) situation.work_left_s = whole_seconds(one.left);
    }
  }
}

base::Expected<node::MessageRecord, ApiError> find_message(ApiContext& context,
                                                           const RouteInput& input) {
  const auto id = parse_number(input.id);
  auto message = id && *id <= INT64_MAX ? context.store.people().find_message(*id) : std::nullopt;
  if (!message) {
    return base::unexpected(ApiError{404, "unknown_message", "there is no message of this number",
                                     "see the numbers with `chaski messages`"});
  }
  return *std::move(message);
}

ApiResult get_message_text(ApiContext& context, const RouteInput& input) {
  auto message = find_message(context, input);
  if (!message) return base::unexpected(message.error());
  return ApiAnswer{std::move(message->text), false, true};
}

ApiResult get_message(ApiContext& context, const RouteInput& input) {
  const auto message = find_message(context, input);
  if (!message) return base::unexpected(message.error());
  MessageSituation situation{*message, context.store.people().life_events(message->id),
                             std::nullopt, context.node.neighbours().size()};
  Json answer{{"message", message_json(context.node, *message)},
              {"life", life_json(situation.life)}};
  if (message->direction == node::Direction::outgoing) {
    add_whereabouts(answer, situation, context);
    add_work(situation, context);
  }
  answer["explanation"] = explain(situation);
  return ApiAnswer{std::move(answer)};
}

constexpr std::array kRoutes{
    Route{"POST", "/v1/messages", post_message, true, true},
    Route{"GET", "/v1/messages", get_messages},
    Route{"GET", "/v1/messages/{id}", get_message},
    Route{"GET", "/v1/messages/{id}/text", get_message_text},
};

}  // namespace

base::Expected<node::SendOptions, ApiError> send_options(
    std::optional<std::uint64_t> lifetime_s, const std::optional<std::string>& priority_name) {
  node::SendOptions options;
  if (lifetime_s) {
    if (*lifetime_s > UINT32_MAX) {
      return base::unexpected(person_error(node::PersonError::bad_lifetime));
    }
    options.lifetime_s = static_cast<std::uint32_t>(*lifetime_s);
  }
  if (priority_name) {
    const auto known = priority(*priority_name);
    if (!known) {
      return base::unexpected(
          bad_request("unknown priority " + *priority_name, "write bulk, normal or urgent"));
    }
    options.priority = *known;
  }
  return options;
}

base::Expected<node::MessageRecord, ApiError> send_message(ApiContext& context,
                                                           const Json& json) {
  BodyReader body(json);
  const auto to = body.text("to", true);
  const auto text = body.text("text", true);
  const Wishes wishes{.lifetime_s = body.number("lifetime_s"),
                      .priority = body.text("priority", false),
                      .reply_to = body.number("reply_to"),
                      .disappears_after_s = body.number("disappears_after_s")};
  if (auto error = body.finish()) return base::unexpected(*error);
  return send_checked(context, *to, *text, wishes);
}

std::span<const Route> message_routes() { return kRoutes; }

}  // namespace chaski::daemon
