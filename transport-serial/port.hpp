// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/random.hpp"
#include "base/transport_hooks.hpp"
#include "transport-serial/serial_line.hpp"
#include "transport-serial/tty.hpp"

namespace chaski::transport_serial {

/// What all ports of one transport share.
struct PortHost {
  explicit PortHost(boost::asio::io_context& context, base::Random& source)
      : io(context), random(source) {}

  boost::asio::io_context& io;
  base::Random& random;
  std::function<base::Time()> now;
  base::TransportHooks hooks;
  bool alive = true;  ///< false once the owner is gone: no hook is called any more
  bool batch_pending = false;

  void request_batch_done(const std::shared_ptr<PortHost>& self);
};

/// One open serial device: moves bytes between it and a SerialLine, and frames between that and
/// the hooks.
///
/// Rules: (1) bytes are asked of the line only when the device takes them and its driver holds less
/// than kQueueTime of them: what goes next is decided late. (2) Frames are pulled only while the
/// line has room. (3) hooks.closed comes once for each link whose hooks.opened returned true, never
/// from within another hook. (4) A device that is gone ends the port, once.
class Port : public std::enable_shared_from_this<Port> {
 public:
  static constexpr std::chrono::milliseconds kQueueTime{20};
  static constexpr std::size_t kReadSize = 4096;
  /// What one device may read before others get their turn.
  static constexpr std::size_t kTurnBytesMax = 64 * 1024;

  Port(std::shared_ptr<PortHost> host, std::string path, std::uint64_t device, int descriptor,
       const TtySettings& settings);

  /// `ended`: called once, last.
  void start(std::function<void(const char* why)> ended);
  /// There may be frames to pull.
  void kick();
  /// Sends what next_frame still gives, then ends the session; the port goes on.
  void close();
  /// The same, and then the port ends.
  void stop();
  /// Ends at once, without a word to the owner of its link, and without calling `ended`.
  void abandon();

  const std::string& path() const { return path_; }
  std::uint64_t device() const { return device_; }
  base::Time since() const { return since_; }
  /// The link of the session, if there is one that the owner knows.
  std::optional<base::LinkId> link() const;
  const SerialLine& line() const { return line_; }
  std::uint64_t sessions() const { return sessions_; }
  bool ended() const { return ended_; }

  base::Bytes peer;  ///< who the owner says is there; empty until it does

 private:
  void wait_readable();
  void wait_writable();
  void read_turn();
  void take(base::ByteView bytes);
  void follow();
  void opened(const LineEvent& event);
  void closed(EndReason why);
  void pull_frames();
  void pump();
  bool write(base::ByteView bytes);
  bool queue_full();
  void arm(std::optional<base::Time> at);
  void end(const char* why);

  using Buffers = LineBuffers<kPayloadMax, kWindowMax, 2048>;

  std::shared_ptr<PortHost> host_;
  std::string path_;
  std::uint64_t device_;
  std::uint32_t bytes_per_s_;
  base::Time since_;
  std::unique_ptr<Buffers> buffers_;
  boost::asio::posix::stream_descriptor descriptor_;
  boost::asio::steady_timer timer_;
  SerialLine line_;
  std::function<void(const char*)> on_end_;
  base::LinkId link_;
  bool told_open_ = false;  ///< hooks.opened returned true
  std::size_t frame_size_max_ = 0;
  std::uint64_t sessions_ = 0;
  bool closing_ = false, stopping_ = false, ended_ = false;
  bool kicked_ = false;
  bool writing_ = false;  ///< waits until the device takes bytes
  std::optional<base::Time> armed_;
  base::Bytes out_;  ///< what the device refused
};

}  // namespace chaski::transport_serial
