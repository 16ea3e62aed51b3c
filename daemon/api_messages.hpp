// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/api_types.hpp"

namespace chaski::daemon {

/// Sends what one JSON object asks for: {"to", "text", "lifetime_s"?, "priority"?}.
base::Expected<node::MessageRecord, ApiError> send_message(ApiContext& context, const Json& body);

}  // namespace chaski::daemon
