// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/api_types.hpp"

namespace chaski::daemon {

/// Sends what one JSON object asks for: {"to", "text", "lifetime_s"?, "priority"?, "reply_to"?,
/// "disappears_after_s"?}.
base::Expected<node::MessageRecord, ApiError> send_message(ApiContext& context, const Json& body);

}  // namespace chaski::daemon
