// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "base/bytes.hpp"
#include "base/link_id.hpp"
#include "transport-lan/instance_id.hpp"
#include "transport-lan/lan_transport.hpp"
#include "transport-lan/preamble.hpp"

namespace chaski::transport_lan {

class Connection;
using Tcp = boost::asio::ip::tcp;

/// What all connections of one transport share: hooks, buffers, and what to tell the conductor.
struct ConnectionHost {
  /// Bytes one connection may read or write before others get their turn.
  static constexpr std::size_t kTurnBytesMax = 1 << 20;
  static constexpr std::size_t kReadBufferSize = std::size_t{256} * 1024;
  /// Room for four frames of the greatest size, or for many small ones.
  static constexpr std::size_t kWriteBufferSize =
      4 * (kLengthSize + LanTransport::kFrameSizeMax);

  explicit ConnectionHost(boost::asio::io_context& context) : io(context) {}

  boost::asio::io_context& io;
  base::TransportHooks hooks;
  bool alive = true;  ///< false once the owner is gone: no hook is called any more
  bool batch_pending = false;
  InstanceId own;
  /// The peer has said its preamble. False: end the connection, nobody hears of it.
  std::function<bool(Connection&)> greeted;
  /// The connection is over; called once, last.
  std::function<void(Connection&)> ended;

  base::MutableByteView read_buffer();
  base::MutableByteView write_buffer();

 private:
  // Used only within one turn of one connection, so one of each is enough; allocated on first use.
  std::unique_ptr<std::uint8_t[]> read_buffer_;
  std::unique_ptr<std::uint8_t[]> write_buffer_;
};

/// One TCP connection: preamble, then frames with a length before each.
///
/// Rules: (1) it holds no buffer while idle: it waits for readiness and reads into the shared
/// buffer; what it keeps is one unfinished frame. (2) Frames are pulled only when the socket takes
/// bytes; what the socket refused, at most one write buffer, is kept and nothing is pulled until it
/// is gone. (3) After kTurnBytesMax others get their turn. (4) A length of 0 or above
/// kFrameSizeMax, a wrong preamble, or none within kGreetingTimeout ends it. (5) The listener says
/// its preamble only after the dialler's is complete: never more bytes than came. (6) hooks.closed
/// comes once for each link whose hooks.opened returned true, never from within another hook.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  static constexpr std::chrono::seconds kGreetingTimeout{5};
  /// After the last frame, wait so long for the peer to take it.
  static constexpr std::chrono::seconds kLingerTimeout{2};

  Connection(std::shared_ptr<ConnectionHost> host, Tcp::socket socket, base::LinkRole role);

  void start();
  /// There may be frames to pull.
  void kick();
  /// Writes what next_frame still gives, then closes.
  void close();
  /// Closes at once; `why` for the log.
  void abort(const char* why);

  base::LinkRole role() const { return role_; }
  bool open() const { return state_ == State::open; }
  bool ended() const { return state_ == State::ended; }
  base::LinkId link() const { return link_; }
  const InstanceId& instance() const { return instance_; }
  const boost::asio::ip::address& remote() const { return remote_; }
  const boost::asio::ip::address& local() const { return local_; }
  const char* why() const { return why_; }

  /// Bytes held for this connection outside the kernel.
  std::size_t held() const { return partial_.capacity() + out_.capacity(); }

  base::Bytes peer;               ///< who the owner says it is; empty until identified
  std::uint64_t target = 0;       ///< what was dialled; 0 for incoming
  std::uint64_t number = 0;       ///< order of creation

 private:
  enum class State { greeting, open, lingering, ended };

  void wait_readable();
  void wait_writable();
  void on_readable(const boost::system::error_code& error);
  void on_writable(const boost::system::error_code& error);
  void read_preamble();
  void greet();
  void read_turn();
  Split take_frames(base::MutableByteView bytes);
  void pump();
  std::size_t fill(base::MutableByteView buffer, bool& drained);
  bool write(base::ByteView bytes);
  void request_batch_done();
  void last_frames_written();
  void discard();
  void arm(std::chrono::steady_clock::duration after, const char* why);

  std::shared_ptr<ConnectionHost> host_;
  Tcp::socket socket_;
  base::LinkRole role_;
  State state_ = State::greeting;
  base::LinkId link_;
  InstanceId instance_;
  boost::asio::ip::address remote_, local_;
  bool told_open_ = false;  ///< hooks.opened returned true
  bool closing_ = false;
  bool kicked_ = false;
  const char* why_ = "";
  base::Bytes partial_;  ///< an unfinished frame, or an unfinished preamble
  base::Bytes out_;      ///< what the socket refused
  std::size_t out_done_ = 0;
  std::optional<boost::asio::steady_timer> timer_;
};

}  // namespace chaski::transport_lan
