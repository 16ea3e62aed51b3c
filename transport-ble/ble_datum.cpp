// SPDX-License-Identifier: Apache-2.0
#include "transport-ble/ble_datum.hpp"

#include <sodium/crypto_generichash.h>

#include "base/assert.hpp"

namespace chaski::transport_ble {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kDialMe = 1;
constexpr std::uint8_t kNoSlot = 2;
constexpr std::size_t kTagAt = 1;
constexpr std::size_t kPrintAt = kTagAt + Tag::kSize;
static_assert(kPrintAt + Print::kSize == kDatumSize);

}  // namespace

std::array<std::uint8_t, kDatumSize> encode(const Datum& datum) {
  std::array<std::uint8_t, kDatumSize> out{};
  out[0] = static_cast<std::uint8_t>(kVersion << 4 | (datum.dial_me ? kDialMe : 0) |
                                     (datum.no_slot ? kNoSlot : 0));
  std::copy(datum.tag.bytes.begin(), datum.tag.bytes.end(), out.begin() + kTagAt);
  std::copy(datum.print.bytes.begin(), datum.print.bytes.end(), out.begin() + kPrintAt);
  return out;
}

std::optional<Datum> parse_datum(base::ByteView bytes) {
  if (bytes.size() != kDatumSize || bytes[0] >> 4 != kVersion) return std::nullopt;
  Datum datum;
  datum.dial_me = (bytes[0] & kDialMe) != 0;
  datum.no_slot = (bytes[0] & kNoSlot) != 0;
  datum.tag = *Tag::from(bytes.subspan(kTagAt, Tag::kSize));
  datum.print = *Print::from(bytes.subspan(kPrintAt, Print::kSize));
  return datum;
}

Print print_of(const Digest& held, const Tag& tag) {
  // libsodium takes keys of 16 bytes and more: the tag, then zeros.
  std::array<std::uint8_t, crypto_generichash_KEYBYTES_MIN> key{};
  std::copy(tag.bytes.begin(), tag.bytes.end(), key.begin());
  std::array<std::uint8_t, crypto_generichash_BYTES> hash{};
  const int failed = crypto_generichash(hash.data(), hash.size(), held.bytes.data(),
                                        held.bytes.size(), key.data(), key.size());
  CHASKI_ASSERT(failed == 0);
  return *Print::from(base::ByteView(hash).first(Print::kSize));
}

}  // namespace chaski::transport_ble
