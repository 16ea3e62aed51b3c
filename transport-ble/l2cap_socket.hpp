// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/expected.hpp"
#include "transport-ble/ble_types.hpp"

/// L2CAP LE channels with credits, as Linux gives them to programs.
///
/// Source: Bluetooth Core 5.4, Vol 3 Part A, 4.22 and 10.1; Linux 6.1, net/bluetooth/l2cap_sock.c.
namespace chaski::transport_ble {

/// Longest SDU that we take (ble.md, 5.2).
constexpr std::size_t kL2capMtu = 2048;

/// A file descriptor that closes itself.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();

  int get() const { return number_; }
  int release();
  explicit operator bool() const { return number_ >= 0; }

 private:
  int number_ = -1;
};

/// A listening channel of the adapter whose identity address is `own`, on a PSM that the kernel
/// chooses. Errors: what the kernel says.
struct L2capListening {
  Descriptor socket;
  std::uint16_t psm = 0;
};
base::Expected<L2capListening, std::string> listen_l2cap(Device own);

/// Who waits first, or nothing when nobody does.
struct L2capAccepted {
  Descriptor socket;
  Device device;
};
std::optional<L2capAccepted> accept_l2cap(int listening);

/// Begins to connect; the socket becomes writable when it is decided, and l2cap_error() says how.
base::Expected<Descriptor, std::string> dial_l2cap(Device own, Device device, std::uint16_t psm);
/// What became of a socket; empty when all is well.
std::string l2cap_error(int socket);

/// Longest SDU of a connected channel, both ways; 0 when it is not connected.
std::size_t l2cap_mtu(int socket);
/// Whether the kernel takes something more now.
bool l2cap_writable(int socket);

}  // namespace chaski::transport_ble
