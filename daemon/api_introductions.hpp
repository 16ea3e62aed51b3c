// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "daemon/api_types.hpp"
#include "node/introduction.hpp"
#include "node/node.hpp"

namespace chaski::daemon {

/// An introduction as the API shows it: docs/api.md.
Json introduction_json(const node::IntroductionInfo& info);
/// The one of this number, while it is kept.
std::optional<Json> introduction_json(const node::Node& node, std::uint32_t number, base::Time now);

}  // namespace chaski::daemon
