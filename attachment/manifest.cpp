// SPDX-License-Identifier: Apache-2.0
#include "attachment/manifest.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "e2ee/codec.hpp"
#include "e2ee/name.hpp"
#include "wire/limits.hpp"

namespace chaski::attachment {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kFixedSize =
    1 + 1 + 1 + 1 + 4 + 8 + FileSecret::kSize + FileDigest::kSize + 1 + 1;

bool is_token(std::string_view text) {
  const auto begins = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  const auto follows = [&begins](char c) {
    return begins(c) || std::string_view("!#$&-^_.+").find(c) != std::string_view::npos;
  };
  return !text.empty() && begins(text.front()) && std::all_of(text.begin(), text.end(), follows);
}

}  // namespace

bool is_valid_file_name(std::string_view name) {
  return name.size() <= kFileNameSizeMax && !name.starts_with('.') &&
         name.find_first_of("/\\:") == std::string_view::npos && e2ee::is_one_plain_line(name);
}

bool is_valid_media_type(std::string_view type) {
  if (type.empty()) return true;
  const std::size_t slash = type.find('/');
  return type.size() <= kMediaTypeSizeMax && slash != std::string_view::npos &&
         is_token(type.substr(0, slash)) && is_token(type.substr(slash + 1));
}

base::Bytes encode_manifest(const Manifest& manifest) {
  CHASKI_ASSERT(is_valid_file_name(manifest.name) && is_valid_media_type(manifest.media_type));
  base::Bytes out(kFixedSize + manifest.name.size() + manifest.media_type.size());
  e2ee::Writer(out)
      .number(kVersion)
      .number(manifest.plan.chunk_class())
      .number(static_cast<std::uint8_t>(manifest.plan.parity()))
      .number(static_cast<std::uint8_t>(manifest.priority))
      .number(manifest.lifetime_s)
      .number(manifest.plan.file_size())
      .bytes(manifest.secret.view())
      .bytes(manifest.digest.view())
      .short_text(manifest.name)
      .short_text(manifest.media_type);
  return out;
}

std::optional<Manifest> decode_manifest(base::ByteView bytes) {
  e2ee::Reader reader(bytes);
  const auto version = reader.number<std::uint8_t>();
  const auto chunk_class = reader.number<std::uint8_t>();
  const auto parity = reader.number<std::uint8_t>();
  const auto priority = reader.number<std::uint8_t>();
  Manifest out;
  out.lifetime_s = reader.number<std::uint32_t>();
  const auto file_size = reader.number<std::uint64_t>();
  reader.fill(out.secret);
  reader.fill(out.digest);
  out.name = reader.short_text();
  out.media_type = reader.short_text();
  const auto plan = ChunkPlan::make(file_size, chunk_class, parity);
  const bool good = reader.finished() && version == kVersion && plan &&
                    priority <= static_cast<std::uint8_t>(wire::Priority::urgent) &&
                    out.lifetime_s >= 1 && out.lifetime_s <= wire::kLifetimeMax_s &&
                    is_valid_file_name(out.name) && is_valid_media_type(out.media_type);
  if (!good) return std::nullopt;
  out.plan = *plan;
  out.priority = static_cast<wire::Priority>(priority);
  return out;
}

}  // namespace chaski::attachment
