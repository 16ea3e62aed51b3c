// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace chaski::attachment::label {

// BLAKE2b personalisations of this folder, of the same family as e2ee/labels.hpp.
inline constexpr std::string_view kChunk = "chaski1 chunk";
inline constexpr std::string_view kFile = "chaski1 file";

}  // namespace chaski::attachment::label
