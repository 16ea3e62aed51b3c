// SPDX-License-Identifier: Apache-2.0
#include "e2ee/content.hpp"

#include "e2ee/codec.hpp"
#include "e2ee/reveal.hpp"

namespace chaski::e2ee {
namespace {

constexpr std::uint8_t kContentVersion = 2;

// What a content has beside its payload.
constexpr std::uint8_t kHasAbout = 1;
constexpr std::uint8_t kDisappears = 2;
constexpr std::uint8_t kAllFlags = kHasAbout | kDisappears;

bool is_known(std::uint8_t kind) {
  return kind >= static_cast<std::uint8_t>(ContentKind::text) &&
         kind <= static_cast<std::uint8_t>(kContentKindLast);
}

}  // namespace

std::size_t content_size(const Content& content) {
  return kContentHeadSize + (content.about ? wire::EnvelopeId::kSize : 0) +
         (content.disappears_after_s != 0 ? sizeof content.disappears_after_s : 0) +
         content.payload.size();
}

void write_content(const Content& content, base::MutableByteView out) {
  const int flags = (content.about ? kHasAbout : 0) |
                    (content.disappears_after_s != 0 ? kDisappears : 0);
  Writer writer(out);
  writer.number(kContentVersion)
      .number(static_cast<std::uint8_t>(content.kind))
      .number(static_cast<std::uint8_t>(flags))
      .number(static_cast<std::uint64_t>(content.sent_at_unix_s));
  if (content.about) writer.bytes(content.about->view());
  if (content.disappears_after_s != 0) writer.number(content.disappears_after_s);
  writer.number(static_cast<std::uint32_t>(content.payload.size())).bytes(content.payload);
  std::fill(writer.rest().begin(), writer.rest().end(), std::uint8_t{0});
}

std::optional<Content> read_content(base::ByteView bytes) {
  Reader reader(bytes);
  const auto version = revealed(reader.number<std::uint8_t>());
  const auto kind = revealed(reader.number<std::uint8_t>());
  const auto flags = revealed(reader.number<std::uint8_t>());
  if (version != kContentVersion || !is_known(kind) || (flags & ~kAllFlags) != 0) {
    return std::nullopt;
  }
  Content out;
  out.kind = static_cast<ContentKind>(kind);
  out.sent_at_unix_s = static_cast<std::int64_t>(reader.number<std::uint64_t>());
  if ((flags & kHasAbout) != 0) reader.fill(out.about.emplace());
  if ((flags & kDisappears) != 0) {
    out.disappears_after_s = revealed(reader.number<std::uint32_t>());
    if (out.disappears_after_s == 0) return std::nullopt;  // there is one way to say that it stays
  }
  const auto size = revealed(reader.number<std::uint32_t>());
  if (size > kPayloadSizeMax) return std::nullopt;
  const base::ByteView payload = reader.bytes(size);
  if (!reader.ok() || !is_all_zero(reader.rest())) return std::nullopt;
  out.payload.assign(payload.begin(), payload.end());
  return out;
}

}  // namespace chaski::e2ee
