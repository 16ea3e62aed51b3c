// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>

#include "transport-ble/bluez_session.hpp"
#include "transport-ble/frame_pipe.hpp"
#include "transport-ble/l2cap_socket.hpp"

namespace chaski::transport_ble {

/// What bluetoothd carries values of a characteristic through, and how long one may be.
struct LaneEnds {
  Descriptor write, read;  ///< SOCK_SEQPACKET
  std::size_t mtu = 0;     ///< of the attribute protocol, the smaller of both
};

/// One end of a lane as a pipe: a Lane on two descriptors of bluetoothd (ble.md, 5.4 to 5.9).
///
/// It ends when either descriptor does, when its Lane is dead, or kFinishTimeout after finish() if
/// not everything was acknowledged before. After finish() nothing is received any more.
class LanePipe final : public FramePipe {
 public:
  static constexpr std::chrono::seconds kFinishTimeout{2};
  /// Packets read before others get their turn.
  static constexpr int kPacketsPerTurn = 64;

  struct Counts {
    std::uint64_t sent_again = 0, dropped = 0;
  };

  /// `gone` is called once, when the pipe has ended, in whatever way.
  LanePipe(boost::asio::io_context& io, LaneEnds ends, std::function<void()> gone = nullptr);
  ~LanePipe() override;

  void start(Events events) override;
  std::size_t frame_size_max() const override;
  bool room() const override;
  void send(base::ByteView frame) override;
  void finish() override;
  void end() override;

  Counts counts() const;
  /// Ends the pipe from outside of its owner, for whom `ended` follows; nothing when it is over.
  std::function<void(const char* why)> breaker() const;

 private:
  class Core;
  std::shared_ptr<Core> core_;
};

/// Acquires the two characteristics of a lane of another's service, and gives the pipe, or what
/// went wrong.
///
/// `done` comes once, later, and not at all when the session ends before; a pipe that nobody keeps
/// ends, which is how to give up.
void dial_lane(boost::asio::io_context& io, const std::shared_ptr<BluezSession>& session,
               const std::string& write_path, const std::string& notify_path,
               std::function<void(std::unique_ptr<FramePipe>, const std::string& problem)> done);

}  // namespace chaski::transport_ble
