// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>

#include "transport-ble/frame_pipe.hpp"
#include "transport-ble/l2cap_socket.hpp"

namespace chaski::transport_ble {

/// Frames over a connected L2CAP channel: one frame is one SDU (ble.md, 5.2).
///
/// The kernel keeps order, cuts SDUs into packets and slows us down by credits; what it does not
/// take is kept here, one frame at most. A test may give it any SOCK_SEQPACKET socket.
class L2capPipe : public FramePipe {
 public:
  /// Frames taken before others get their turn.
  static constexpr int kFramesPerTurn = 16;
  /// After finish(): longest wait for the other end to close.
  static constexpr std::chrono::seconds kFinishPatience{2};

  /// `mtu`: longest frame both ways, at least 1.
  L2capPipe(boost::asio::io_context& io, Descriptor socket, std::size_t mtu);
  ~L2capPipe() override;

  void start(Events events) override;
  std::size_t frame_size_max() const override;
  bool room() const override;
  void send(base::ByteView frame) override;
  void finish() override;
  void end() override;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace chaski::transport_ble
