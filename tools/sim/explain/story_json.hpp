// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

#include "sim/scenario/story.hpp"

namespace chaski::tools {

/// The story of a message for programs; docs/simulator/explain.md says each key.
nlohmann::json story_json(const sim::Stage& stage, const sim::MessageStory& story);

}  // namespace chaski::tools
