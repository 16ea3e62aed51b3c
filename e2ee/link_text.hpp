// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/expected.hpp"
#include "e2ee/invite.hpp"

namespace chaski::e2ee {

inline constexpr std::string_view kInvitePrefix = "chaski:invite/";
inline constexpr std::string_view kAnswerPrefix = "chaski:answer/";
/// No link of ours is longer; more is not looked at.
inline constexpr std::size_t kLinkSizeMax = 1'024;
inline constexpr std::uint8_t kLinkVersion = 1;

/// A link: prefix, then base32 of content and a 4-byte checksum over prefix and content. The first
/// byte of the content is its version.
std::string write_link(std::string_view prefix, base::ByteView content);

/// The content of a link without its version byte and checksum. Any case, white space around it.
/// Errors: not_an_invite (another prefix), damaged, newer_version.
base::Expected<base::Bytes, InviteError> read_link(std::string_view prefix, std::string_view link);

}  // namespace chaski::e2ee
