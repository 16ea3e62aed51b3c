// SPDX-License-Identifier: Apache-2.0
#include "e2ee/link_text.hpp"

#include "e2ee/base32.hpp"
#include "e2ee/kdf.hpp"
#include "e2ee/labels.hpp"

namespace chaski::e2ee {
namespace {

constexpr std::size_t kChecksumSize = 4;

std::array<std::uint8_t, kChecksumSize> checksum(std::string_view prefix, base::ByteView content) {
  const auto full = public_hash<32>(label::kLinkChecksum, {base::as_bytes(prefix), content});
  std::array<std::uint8_t, kChecksumSize> out{};
  std::copy_n(full.begin(), kChecksumSize, out.begin());
  return out;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kWhite = " \t\r\n\f\v";
  const std::size_t first = text.find_first_not_of(kWhite);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kWhite) - first + 1);
}

bool starts_like(std::string_view text, std::string_view prefix) {
  if (text.size() < prefix.size()) return false;
  for (std::size_t i = 0; i < prefix.size(); ++i) {
    if (lower(text[i]) != prefix[i]) return false;
  }
  return true;
}

}  // namespace

std::string write_link(std::string_view prefix, base::ByteView content) {
  base::Bytes whole(content.begin(), content.end());
  const auto sum = checksum(prefix, content);
  whole.insert(whole.end(), sum.begin(), sum.end());
  return std::string(prefix) + to_base32(whole);
}

base::Expected<LinkContent, InviteError> read_link(std::string_view prefix, std::string_view link,
                                                   std::uint8_t newest) {
  const std::string_view text = trimmed(link);
  if (!starts_like(text, prefix)) return base::unexpected(InviteError::not_an_invite);
  if (text.size() > kLinkSizeMax) return base::unexpected(InviteError::damaged);
  const auto whole = from_base32(text.substr(prefix.size()));
  if (!whole || whole->size() < 1 + kChecksumSize) return base::unexpected(InviteError::damaged);
  const base::ByteView content = base::ByteView(*whole).first(whole->size() - kChecksumSize);
  const auto sum = checksum(prefix, content);
  if (!base::equal(sum, base::ByteView(*whole).last(kChecksumSize))) {
    return base::unexpected(InviteError::damaged);
  }
  if (content[0] > newest) return base::unexpected(InviteError::newer_version);
  if (content[0] == 0) return base::unexpected(InviteError::damaged);
  return LinkContent{content[0], base::Bytes(content.begin() + 1, content.end())};
}

LinkKind link_kind(std::string_view link) {
  const std::string_view text = trimmed(link);
  if (starts_like(text, kInvitePrefix)) return LinkKind::invite;
  if (starts_like(text, kCardPrefix)) return LinkKind::card;
  return starts_like(text, kAnswerPrefix) ? LinkKind::answer : LinkKind::neither;
}

}  // namespace chaski::e2ee
