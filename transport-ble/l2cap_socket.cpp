// SPDX-License-Identifier: Apache-2.0
#include "transport-ble/l2cap_socket.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <utility>

namespace chaski::transport_ble {
namespace {

// The kernel's names and numbers (include/net/bluetooth/{bluetooth,l2cap}.h), which no header of
// the C library has.
constexpr int kProtocolL2cap = 0;
constexpr int kLevelBluetooth = 274;
constexpr int kOptionSendMtu = 12;
constexpr int kOptionReceiveMtu = 13;
constexpr std::uint8_t kAddressLePublic = 1;
constexpr std::uint8_t kAddressLeRandom = 2;

struct L2capAddress {
  sa_family_t family = AF_BLUETOOTH;
  std::uint16_t psm = 0;                   ///< little-endian
  std::array<std::uint8_t, 6> address{};  ///< little-endian
  std::uint16_t channel = 0;
  std::uint8_t type = kAddressLePublic;
};
static_assert(sizeof(L2capAddress) == 14);
static_assert(std::endian::native == std::endian::little);

/// So much may wait for the controller, three frames or so with what the kernel adds: what is more
/// urgent waits for no more than these.
constexpr int kSendBuffer = 12 * 1024;
constexpr int kBacklog = 8;
constexpr std::uint64_t kRandomAddress = std::uint64_t{1} << 48;

L2capAddress address_of(Device device, std::uint16_t psm) {
  L2capAddress address;
  address.psm = psm;
  for (std::size_t i = 0; i < address.address.size(); ++i) {
    address.address[i] = static_cast<std::uint8_t>(device.value >> (8 * i));
  }
  address.type = (device.value & kRandomAddress) != 0 ? kAddressLeRandom : kAddressLePublic;
  return address;
}

Device device_of(const L2capAddress& address) {
  Device device;
  for (std::size_t i = 0; i < address.address.size(); ++i) {
    device.value |= std::uint64_t{address.address[i]} << (8 * i);
  }
  if (address.type == kAddressLeRandom) device.value |= kRandomAddress;
  return device;
}

std::string problem(const char* what, int error) {
  return std::string(what) + ": " + std::strerror(error);
}

std::size_t option(int socket, int name) {
  std::uint16_t value = 0;
  socklen_t size = sizeof(value);
  return ::getsockopt(socket, kLevelBluetooth, name, &value, &size) == 0 ? value : 0;
}

/// A socket of the adapter with this identity address.
base::Expected<Descriptor, std::string> bound(Device own) {
  Descriptor made(
      ::socket(AF_BLUETOOTH, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, kProtocolL2cap));
  if (!made) return base::unexpected(problem("no L2CAP socket", errno));
  const L2capAddress address = address_of(own, 0);
  if (::bind(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return base::unexpected(problem("no L2CAP on this adapter", errno));
  }
  const std::uint16_t mtu = kL2capMtu;
  ::setsockopt(made.get(), kLevelBluetooth, kOptionReceiveMtu, &mtu, sizeof(mtu));
  ::setsockopt(made.get(), SOL_SOCKET, SO_SNDBUF, &kSendBuffer, sizeof(kSendBuffer));
  return made;
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this == &other) return *this;
  if (number_ >= 0) ::close(number_);
  number_ = other.release();
  return *this;
}

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

int Descriptor::release() { return std::exchange(number_, -1); }

base::Expected<L2capListening, std::string> listen_l2cap(Device own) {
  auto made = bound(own);
  if (!made) return base::unexpected(made.error());
  L2capListening listening{std::move(*made), 0};
  if (::listen(listening.socket.get(), kBacklog) != 0) {
    return base::unexpected(problem("L2CAP does not listen", errno));
  }
  L2capAddress address;
  socklen_t size = sizeof(address);
  if (::getsockname(listening.socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return base::unexpected(problem("no PSM", errno));
  }
  listening.psm = address.psm;
  return listening;
}

std::optional<L2capAccepted> accept_l2cap(int listening) {
  L2capAddress address;
  socklen_t size = sizeof(address);
  Descriptor socket(::accept4(listening, reinterpret_cast<sockaddr*>(&address), &size,
                              SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!socket) return std::nullopt;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDBUF, &kSendBuffer, sizeof(kSendBuffer));
  return L2capAccepted{std::move(socket), device_of(address)};
}

base::Expected<Descriptor, std::string> dial_l2cap(Device own, Device device, std::uint16_t psm) {
  auto made = bound(own);
  if (!made) return made;
  const L2capAddress address = address_of(device, psm);
  const int done =
      ::connect(made->get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  if (done != 0 && errno != EINPROGRESS && errno != EAGAIN) {
    return base::unexpected(problem("the channel is refused", errno));
  }
  return made;
}

std::string l2cap_error(int socket) {
  int error = 0;
  socklen_t size = sizeof(error);
  if (::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  return error == 0 ? "" : problem("the channel is refused", error);
}

std::size_t l2cap_mtu(int socket) {
  return std::min({option(socket, kOptionSendMtu), option(socket, kOptionReceiveMtu), kL2capMtu});
}

bool l2cap_writable(int socket) {
  pollfd asked{socket, POLLOUT, 0};
  return ::poll(&asked, 1, 0) == 1 && (asked.revents & POLLOUT) != 0;
}

}  // namespace chaski::transport_ble
