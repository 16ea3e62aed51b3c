// SPDX-License-Identifier: Apache-2.0
#include "transport-ble/ble_greeting.hpp"

#include <algorithm>

namespace chaski::transport_ble {
namespace {

constexpr std::array<std::uint8_t, 4> kMagic{'C', 'H', 'B', '1'};
constexpr std::uint8_t kInfoVersion = 1;
// Core 5.4, Vol 3 Part A, table 4.19: what an LE channel may have.
constexpr std::uint16_t kPsmMin = 0x0001, kPsmMax = 0x00ff;
constexpr std::uint8_t kLanesMax = 4;

}  // namespace

std::array<std::uint8_t, kGreetingSize> encode(const Greeting& greeting) {
  std::array<std::uint8_t, kGreetingSize> bytes{};
  auto end = std::copy(kMagic.begin(), kMagic.end(), bytes.begin());
  end = std::copy(greeting.tag.bytes.begin(), greeting.tag.bytes.end(), end);
  *end = static_cast<std::uint8_t>(greeting.kind);
  return bytes;
}

std::optional<Greeting> parse_greeting(base::ByteView bytes) {
  if (bytes.size() != kGreetingSize) return std::nullopt;
  if (!std::equal(kMagic.begin(), kMagic.end(), bytes.begin())) return std::nullopt;
  Greeting greeting;
  const auto tag = bytes.subspan(kMagic.size(), greeting.tag.bytes.size());
  std::copy(tag.begin(), tag.end(), greeting.tag.bytes.begin());
  const std::uint8_t kind = bytes.back();
  if (kind != 1 && kind != 2) return std::nullopt;
  greeting.kind = static_cast<PipeKind>(kind);
  return greeting;
}

std::array<std::uint8_t, kInfoSize> encode(const ServiceInfo& info) {
  return {kInfoVersion, static_cast<std::uint8_t>(info.psm >> 8),
          static_cast<std::uint8_t>(info.psm & 0xff), info.lane};
}

std::optional<ServiceInfo> parse_info(base::ByteView bytes) {
  if (bytes.size() < kInfoSize || bytes[0] != kInfoVersion) return std::nullopt;
  ServiceInfo info;
  const auto psm = static_cast<std::uint16_t>(bytes[1] << 8 | bytes[2]);
  if (psm >= kPsmMin && psm <= kPsmMax) info.psm = psm;
  if (bytes[3] <= kLanesMax) info.lane = bytes[3];
  return info;
}

}  // namespace chaski::transport_ble
