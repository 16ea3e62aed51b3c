// SPDX-License-Identifier: Apache-2.0
#include "e2ee/content.hpp"

#include "e2ee/codec.hpp"
#include "e2ee/reveal.hpp"

namespace chaski::e2ee {
namespace {

constexpr std::uint8_t kContentVersion = 1;

bool is_known(std::uint8_t kind) {
  return kind == static_cast<std::uint8_t>(ContentKind::text);
}

}  // namespace

void write_content(const Content& content, const wire::ReceiptToken& token,
                   base::MutableByteView out) {
  Writer writer(out);
  writer.number(kContentVersion)
      .number(static_cast<std::uint8_t>(content.kind))
      .bytes(token.view())
      .number(static_cast<std::uint64_t>(content.sent_at_unix_s))
      .number(static_cast<std::uint32_t>(content.payload.size()))
      .bytes(content.payload);
  std::fill(writer.rest().begin(), writer.rest().end(), std::uint8_t{0});
}

std::optional<Content> read_content(base::ByteView bytes) {
  Reader reader(bytes);
  const auto version = revealed(reader.number<std::uint8_t>());
  const auto kind = revealed(reader.number<std::uint8_t>());
  Content out;
  reader.fill(out.token);
  out.sent_at_unix_s = static_cast<std::int64_t>(reader.number<std::uint64_t>());
  const auto size = revealed(reader.number<std::uint32_t>());
  if (size > kPayloadSizeMax) return std::nullopt;
  const base::ByteView payload = reader.bytes(size);
  if (!reader.ok() || version != kContentVersion || !is_known(kind)) return std::nullopt;
  const base::ByteView padding = reader.rest();
  if (!is_all_zero(padding)) return std::nullopt;
  out.kind = static_cast<ContentKind>(kind);
  out.payload.assign(payload.begin(), payload.end());
  return out;
}

}  // namespace chaski::e2ee
