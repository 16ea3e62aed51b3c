// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace chaski::embedded {

/// One UART of a process: `socket:PATH` is a Unix socket that takes one peer at a time, `pty:PATH`
/// a new pseudo terminal with a link to it at PATH, and anything else a terminal device, which is
/// opened as it is but raw. What is written while nobody is there is lost, as on a wire.
class HostUart {
 public:
  /// Throws std::system_error, with the name in it.
  explicit HostUart(const std::string& name);
  ~HostUart();
  HostUart(const HostUart&) = delete;
  HostUart& operator=(const HostUart&) = delete;

  std::size_t read(std::uint8_t* out, std::size_t room);
  std::size_t write(const std::uint8_t* bytes, std::size_t size);
  /// What to wait on for bytes or a peer.
  int descriptor() const { return peer_ >= 0 ? peer_ : listener_; }
  /// It took less than it was given.
  bool full() const { return full_; }

 private:
  void listen_at(const std::string& path);
  void open_pty(const std::string& path);
  void open_device(const std::string& path);
  void accept_peer();
  void lose_peer();

  std::string path_;  ///< to be removed
  int listener_ = -1;
  int peer_ = -1;
  int other_end_ = -1;  ///< of the pseudo terminal, which would hang up without one
  bool full_ = false;
};

}  // namespace chaski::embedded
