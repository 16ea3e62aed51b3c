// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sim/scenario/story.hpp"

namespace chaski::tools {

/// Why a message arrived, late or never, in plain words; every copy is named when `copies` is set.
std::string story_text(const sim::Stage& stage, const sim::MessageStory& story,
                       bool copies = false);

}  // namespace chaski::tools
