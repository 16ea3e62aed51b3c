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
inline constexpr std::string_view kCardPrefix = "chaski:card/";
/// No link of ours is longer; more is not looked at.
inline constexpr std::size_t kLinkSizeMax = 1'024;
inline constexpr std::uint8_t kLinkVersion = 1;
/// The version of an invitation that asks for a stamp.
inline constexpr std::uint8_t kPricedInviteVersion = 2;

/// What stood in a link, without its checksum.
struct LinkContent {
  std::uint8_t version = 0;
  base::Bytes bytes;  ///< behind the version
};

/// A link: prefix, then base32 of content and a 4-byte checksum over prefix and content. The first
/// byte of the content is its version.
std::string write_link(std::string_view prefix, base::ByteView content);

/// The content of a link of a version from 1 to `newest`. Any case, white space around it.
/// Errors: not_an_invite (another prefix), damaged, newer_version.
base::Expected<LinkContent, InviteError> read_link(std::string_view prefix, std::string_view link,
                                                   std::uint8_t newest);

}  // namespace chaski::e2ee
