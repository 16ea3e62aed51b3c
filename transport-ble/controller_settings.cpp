// SPDX-License-Identifier: Apache-2.0
#include "transport-ble/controller_settings.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <string_view>

#include "transport-ble/l2cap_socket.hpp"

namespace chaski::transport_ble {
namespace {

// The kernel's names and numbers (include/net/bluetooth/{hci_sock,mgmt}.h).
constexpr int kProtocolHci = 1;
constexpr std::uint16_t kNoDevice = 0xffff;
constexpr std::uint16_t kControlChannel = 3;
constexpr std::uint16_t kReadInfo = 0x0004;
constexpr std::uint16_t kCommandComplete = 0x0001;
constexpr std::size_t kHeaderSize = 6;
constexpr std::size_t kStatusAt = kHeaderSize + 2;
constexpr std::size_t kCurrentSettingsAt = kStatusAt + 1 + 6 + 1 + 2 + 4;
constexpr std::uint32_t kBondable = 1u << 4;
constexpr std::uint32_t kPrivacy = 1u << 13;
constexpr int kPatience_ms = 100;
constexpr int kOtherMessagesMax = 16;  // events that come in between

struct HciAddress {
  sa_family_t family = AF_BLUETOOTH;
  std::uint16_t device = kNoDevice;
  std::uint16_t channel = kControlChannel;
};

std::uint16_t u16(base::ByteView bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] | bytes[at + 1] << 8);
}

std::optional<std::uint16_t> index_of(std::string_view adapter) {
  if (!adapter.starts_with("hci")) return std::nullopt;
  adapter.remove_prefix(3);
  std::uint16_t index = 0;
  const char* end = adapter.data() + adapter.size();
  const auto done = std::from_chars(adapter.data(), end, index);
  if (done.ec != std::errc() || done.ptr != end) return std::nullopt;
  return index;
}

}  // namespace

std::optional<ControllerSettings> parse_controller_info(base::ByteView answer) {
  if (answer.size() < kCurrentSettingsAt + 4) return std::nullopt;
  if (u16(answer, 0) != kCommandComplete || u16(answer, kHeaderSize) != kReadInfo) {
    return std::nullopt;
  }
  if (answer[kStatusAt] != 0) return std::nullopt;
  const std::uint32_t settings = u16(answer, kCurrentSettingsAt) |
                                 std::uint32_t{u16(answer, kCurrentSettingsAt + 2)} << 16;
  return ControllerSettings{(settings & kPrivacy) != 0, (settings & kBondable) != 0};
}

std::optional<ControllerSettings> read_controller(const std::string& adapter) {
  const auto index = index_of(adapter);
  const Descriptor socket(::socket(AF_BLUETOOTH, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC,
                                   kProtocolHci));
  if (!index || !socket) return std::nullopt;
  const HciAddress address;
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return std::nullopt;
  }
  const auto low = [](std::uint16_t value) { return static_cast<std::uint8_t>(value & 0xff); };
  const auto high = [](std::uint16_t value) { return static_cast<std::uint8_t>(value >> 8); };
  const std::array<std::uint8_t, kHeaderSize> question{low(kReadInfo), high(kReadInfo),
                                                       low(*index), high(*index), 0, 0};
  if (::send(socket.get(), question.data(), question.size(), MSG_NOSIGNAL) < 0) {
    return std::nullopt;
  }
  for (int i = 0; i < kOtherMessagesMax; ++i) {
    pollfd asked{socket.get(), POLLIN, 0};
    std::array<std::uint8_t, 512> answer{};
    if (::poll(&asked, 1, kPatience_ms) != 1) return std::nullopt;
    const ssize_t got = ::recv(socket.get(), answer.data(), answer.size(), 0);
    if (got <= 0) return std::nullopt;
    const base::ByteView bytes(answer.data(), static_cast<std::size_t>(got));
    if (bytes.size() >= kHeaderSize && u16(bytes, 0) == kCommandComplete) {
      return parse_controller_info(bytes);
    }
  }
  return std::nullopt;
}

bool has_controller() {
  std::error_code error;
  const std::filesystem::directory_iterator entries("/sys/class/bluetooth", error);
  return !error && entries != std::filesystem::directory_iterator();
}

}  // namespace chaski::transport_ble
