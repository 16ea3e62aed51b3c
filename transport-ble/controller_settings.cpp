// SPDX-License-Identifier: Apache-2.0
#include "transport-ble/controller_settings.hpp"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <string_view>

#include "transport-ble/l2cap_socket.hpp"

namespace chaski::transport_ble {
namespace {

// The kernel's names and numbers (include/net/bluetooth/{bluetooth,hci,hci_sock,mgmt}.h).
constexpr int kProtocolHci = 1;
constexpr std::uint16_t kNoDevice = 0xffff;
constexpr std::uint16_t kControlChannel = 3;
constexpr std::uint16_t kReadInfo = 0x0004;
constexpr std::uint16_t kCommandComplete = 0x0001;
constexpr std::size_t kHeaderSize = 6;
constexpr std::size_t kStatusAt = kHeaderSize + 2;
constexpr std::size_t kCurrentSettingsAt = kStatusAt + 1 + 6 + 1 + 2 + 4;
constexpr std::uint32_t kPrivacy = 1u << 13;
constexpr int kPatience_ms = 100;
constexpr int kOtherMessagesMax = 16;  // events that come in between

struct Connection {
  std::uint16_t handle = 0;
  std::array<std::uint8_t, 6> address{};  ///< little-endian
  std::uint8_t type = 0;
  std::uint8_t outgoing = 0;
  std::uint16_t state = 0;
  std::uint32_t mode = 0;
};
static_assert(sizeof(Connection) == 16);

constexpr std::size_t kConnectionsMax = 64;
struct ConnectionList {
  std::uint16_t device = 0;
  std::uint16_t count = 0;
  std::array<Connection, kConnectionsMax> connections{};
};
static_assert(sizeof(ConnectionList) == 4 + kConnectionsMax * sizeof(Connection));

constexpr unsigned long kGetConnectionList = _IOR('H', 212, int);
constexpr std::uint8_t kLeLink = 0x80;
constexpr std::uint16_t kConnected = 1;
constexpr std::uint64_t kAddressMask = (std::uint64_t{1} << 48) - 1;

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
  const auto [end, error] = std::from_chars(adapter.data(), adapter.data() + adapter.size(), index);
  if (error != std::errc() || end != adapter.data() + adapter.size()) return std::nullopt;
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
  return ControllerSettings{(settings & kPrivacy) != 0};
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

std::optional<KernelLink> kernel_link(const std::string& adapter, Device device) {
  const auto index = index_of(adapter);
  const Descriptor socket(::socket(AF_BLUETOOTH, SOCK_RAW | SOCK_CLOEXEC, kProtocolHci));
  if (!index || !socket) return std::nullopt;
  ConnectionList list;
  list.device = *index;
  list.count = static_cast<std::uint16_t>(list.connections.size());
  if (::ioctl(socket.get(), kGetConnectionList, &list) != 0) return std::nullopt;
  for (std::size_t i = 0; i < list.count && i < list.connections.size(); ++i) {
    const auto& connection = list.connections[i];
    std::uint64_t address = 0;
    for (std::size_t at = connection.address.size(); at > 0; --at) {
      address = address << 8 | connection.address[at - 1];
    }
    const bool same = address == (device.value & kAddressMask);
    if (!same || connection.type != kLeLink || connection.state != kConnected) continue;
    return connection.outgoing != 0 ? KernelLink::kWeDialled : KernelLink::kTheyDialled;
  }
  return KernelLink::kNone;
}

bool has_controller() {
  std::error_code error;
  const std::filesystem::directory_iterator entries("/sys/class/bluetooth", error);
  return !error && entries != std::filesystem::directory_iterator();
}

}  // namespace chaski::transport_ble
