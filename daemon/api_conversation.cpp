// SPDX-License-Identifier: Apache-2.0
// What is done with messages that are there: react, delete, read; and what the person chose.
#include <array>

#include "daemon/api_json.hpp"
#include "daemon/api_routes.hpp"

namespace chaski::daemon {
namespace {

ApiResult message_or_error(ApiContext& context,
                           const base::Expected<node::MessageRecord, node::PersonError>& message) {
  if (!message) return base::unexpected(person_error(message.error()));
  return ApiAnswer{{{"message", message_json(context.node, *message)}}, true};
}

ApiResult post_react(ApiContext& context, const RouteInput& input) {
  BodyReader body(input.body);
  const auto message = body.required_number("message");
  const auto reaction = body.text("reaction", true);
  if (const auto error = body.finish()) return base::unexpected(*error);
  return message_or_error(context,
                          context.node.react(*message, *reaction, context.now, context.wall));
}

ApiResult post_delete(ApiContext& context, const RouteInput& input) {
  BodyReader body(input.body);
  const auto message = body.required_number("message");
  const bool here = body.flag("here");
  if (const auto error = body.finish()) return base::unexpected(*error);
  if (!here) {
    return message_or_error(context, context.node.take_back(*message, context.now, context.wall));
  }
  const auto erased = context.node.erase(*message);
  if (!erased) return base::unexpected(person_error(erased.error()));
  return ApiAnswer{Json::object(), true};
}

ApiResult post_read(ApiContext& context, const RouteInput& input) {
  BodyReader body(input.body);
  const auto messages = body.numbers("messages");
  if (const auto error = body.finish()) return base::unexpected(*error);
  const auto count = context.node.mark_read(messages, context.now, context.wall);
  if (!count) return base::unexpected(person_error(count.error()));
  return ApiAnswer{{{"read", *count}}, true};
}

Json settings_json(const node::Node& node) {
  return {{"name", node.own_name()}, {"read_receipts", node.settings().read_receipts}};
}

ApiResult get_settings(ApiContext& context, const RouteInput&) {
  return ApiAnswer{settings_json(context.node)};
}

ApiResult post_settings(ApiContext& context, const RouteInput& input) {
  BodyReader body(input.body);
  const auto name = body.text("name", false);
  const auto read_receipts = body.maybe_flag("read_receipts");
  if (const auto error = body.finish()) return base::unexpected(*error);
  if (name && *name != context.node.own_name()) {
    const auto renamed = context.node.rename(*name, context.now, context.wall);
    if (!renamed) return base::unexpected(person_error(renamed.error()));
  }
  if (read_receipts) {
    node::Settings settings = context.node.settings();
    settings.read_receipts = *read_receipts;
    const auto kept = context.node.set_settings(settings);
    if (!kept) return base::unexpected(person_error(kept.error()));
  }
  return ApiAnswer{settings_json(context.node), true};
}

constexpr std::array kRoutes{
    Route{"POST", "/v1/messages/react", post_react, true},
    Route{"POST", "/v1/messages/delete", post_delete, true},
    Route{"POST", "/v1/messages/read", post_read, true},
    Route{"GET", "/v1/settings", get_settings},
    Route{"POST", "/v1/settings", post_settings, true},
};

}  // namespace

std::span<const Route> conversation_routes() { return kRoutes; }

}  // namespace chaski::daemon
