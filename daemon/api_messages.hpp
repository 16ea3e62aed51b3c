// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/api_types.hpp"

namespace chaski::daemon {

/// Sends what one JSON object asks for: {"to", "text", "lifetime_s"?, "priority"?, "reply_to"?,
/// "disappears_after_s"?}.
base::Expected<node::MessageRecord, ApiError> send_message(ApiContext& context, const Json& body);

/// Checks what may stand beside what is sent.
base::Expected<node::SendOptions, ApiError> send_options(
    std::optional<std::uint64_t> lifetime_s, const std::optional<std::string>& priority);

}  // namespace chaski::daemon
