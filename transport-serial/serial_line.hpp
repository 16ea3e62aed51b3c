// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/link_id.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "transport-serial/serial_memory.hpp"
#include "transport-serial/serial_packet.hpp"
#include "transport-serial/serial_receiver.hpp"
#include "transport-serial/serial_sender.hpp"

namespace chaski::transport_serial {

/// Why a session ended.
enum class EndReason : std::uint8_t {
  closed_here,   ///< close() was called
  closed_there,  ///< the other said so
  began_anew,    ///< the other began a new session: it was restarted, or gave this one up
  silent,        ///< nothing that was sent arrived for SerialSender::kPatience
  rule_broken,   ///< the other sent a frame that is larger than was allowed
};
const char* to_string(EndReason reason);

/// What happened to the session of a line.
struct LineEvent {
  bool opened = false;  ///< false: it ended
  base::LinkRole role = base::LinkRole::initiator;
  std::size_t frame_size_max = 0;  ///< what the other takes, and what this end can send
  EndReason why = EndReason::closed_here;
};

/// What was sent, and what was dropped and why; never set back.
struct LineCounters {
  std::uint64_t bytes_received = 0, bytes_sent = 0;
  std::uint64_t packets_received = 0, packets_sent = 0;
  std::uint64_t damaged = 0;     ///< noise: LineFault::damaged, cut, too_short
  std::uint64_t too_long = 0;    ///< LineFault::too_long
  std::uint64_t no_session = 0;  ///< of a session, while none is open
  std::uint64_t unknown = 0;     ///< a kind or a version that is not known, or forbidden values
  std::uint64_t beyond = 0;      ///< numbers that were not to be used yet
  std::uint64_t own = 0;         ///< what this end said itself: the port hears itself
};

/// One end of a serial line, both ends equal: finds the other, and then carries frames whole, in
/// order and once over what loses, damages and inserts bytes; or says that it cannot.
///
/// Order of polling: after each receive(), wake() and next_bytes() take next_event() and then
/// next_frame() until they give nothing; then next_bytes() while the medium takes bytes; then wait
/// until next_wakeup(). No heap, and no call blocks. Source: serial.md.
class SerialLine {
 public:
  /// Hellos come so often while nobody is there.
  static constexpr std::chrono::milliseconds kHelloEvery{500};
  static constexpr std::chrono::milliseconds kHelloGap{20};
  /// After so much silence a packet has a delimiter before it, for what noise left there.
  static constexpr std::chrono::milliseconds kQuiet{5};
  static constexpr std::chrono::seconds kLinger{2};
  /// After a session that lived for less, the next one waits, twice as long each time.
  static constexpr std::chrono::seconds kShortLife{5};
  static constexpr std::chrono::milliseconds kPauseFirst{200};
  static constexpr std::chrono::seconds kPauseLast{5};

  /// `bytes_per_s`: what the line carries at most, 1 or more. `frame_size_max`: what may come and
  /// go in one frame, kFrameSizeMin to what `memory` has room for.
  SerialLine(const LineMemory& memory, std::size_t frame_size_max, std::uint32_t bytes_per_s,
             base::Random& random, base::Time now);

  /// Takes bytes of the line up to the end of one packet; how many it took, 1 or more of them.
  std::size_t receive(base::ByteView bytes, base::Time now);
  /// Does what is due.
  void wake(base::Time now);
  std::optional<LineEvent> next_event();
  std::optional<base::MutableByteView> next_frame();

  /// Whether send() takes a frame.
  bool room() const { return state_ == State::open && sender_.room(); }
  /// Takes a frame of 1 to LineEvent::frame_size_max bytes, with room().
  void send(base::ByteView frame);
  /// Ends the session once what was sent has arrived, after kLinger at the latest.
  void close(base::Time now);

  /// What goes on the line now: its size in `out`, 0 for nothing. `out` has kLineSizeMax bytes.
  std::size_t next_bytes(base::MutableByteView out, base::Time now);
  std::optional<base::Time> next_wakeup() const;

  bool open() const { return state_ == State::open || state_ == State::closing; }
  /// Everything that was sent arrived.
  bool idle() const { return sender_.idle(); }
  const LineCounters& counters() const { return counters_; }
  std::uint64_t sent_again() const { return sender_.sent_again(); }
  /// The bytes of a frame that one packet has now.
  std::size_t payload() const { return sender_.payload(); }

 private:
  enum class State : std::uint8_t { pausing, seeking, open, closing };

  void on_packet(base::Time now);
  void on_hello(const Hello& hello, base::Time now);
  void on_session_packet(base::ByteView packet, base::Time now);
  void begin_session(const Hello& hello, base::Time now);
  void end_session(EndReason why, base::Time now);
  void seek(base::Time now);
  void want_hello(base::Time now);
  std::uint32_t session_crc(const Nonce& from, const Nonce& to) const;
  std::size_t write_packet(base::MutableByteView out, base::Time now, std::uint32_t& crc);

  FrameDecoder decoder_;
  SerialReceiver receiver_;
  SerialSender sender_;
  LineLimits own_limits_;
  std::uint32_t bytes_per_s_;
  base::Random& random_;

  State state_ = State::seeking;
  Nonce own_{}, other_{};
  std::uint32_t crc_in_ = 0, crc_out_ = 0;
  std::optional<LineEvent> event_;
  std::optional<base::Time> hello_at_;
  base::Time last_hello_, last_sent_, opened_at_;
  base::Time until_;  ///< of the pause, or of the lingering
  base::Duration pause_ = kPauseFirst;
  LineCounters counters_;
};

}  // namespace chaski::transport_serial
