// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace chaski::tools {

/// The files of completions/, built in so that `chaski completion` needs no installed file.
extern const std::string_view kBashCompletion;
extern const std::string_view kZshCompletion;
extern const std::string_view kFishCompletion;

}  // namespace chaski::tools
