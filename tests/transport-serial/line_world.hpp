// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "transport-serial/serial_line.hpp"

namespace chaski::transport_serial {

/// What a cable does to what goes through it, each way.
struct Cable {
  std::uint32_t bytes_per_s = 11'520;
  base::Duration delay = std::chrono::milliseconds(2);
  double bit_errors = 0;  ///< the share of bits that are turned over
  double losses = 0;      ///< of bytes
  double doublings = 0;   ///< of bytes
  double breaks = 0;      ///< per byte: a zero byte where there was none
};

/// Two lines on a cable in virtual time: what each session was given to send is compared with what
/// came out of it.
///
/// Each end sends what its `next` gives whenever its line has room.
class LineWorld {
 public:
  using Buffers = LineBuffers<244, 16, 2048>;
  /// One session at one end.
  struct Session {
    base::LinkRole role = base::LinkRole::initiator;
    std::vector<base::Bytes> sent, got;
    std::optional<EndReason> ended;
  };
  struct End {
    Buffers buffers;
    std::optional<SerialLine> line;
    std::function<base::Bytes()> next;  ///< the next frame, empty for none now
    std::vector<Session> sessions;
    base::Time free_at;  ///< when the cable has taken what was given
    std::deque<std::pair<base::Time, std::uint8_t>> on_cable;  ///< from this end
  };

  LineWorld(Cable between, std::uint64_t seed);

  base::Time now() const { return now_; }
  /// Runs until then, or until `done` says so.
  void run(base::Duration time, const std::function<bool()>& done = {});
  /// An end loses its power, or its daemon: it begins anew and knows nothing of before.
  void restart(std::size_t end);
  /// Nothing goes through while it is unplugged.
  void plug(bool in) { plugged_ = in; }
  Session* current(std::size_t end);
  bool both_open() { return current(0) != nullptr && current(1) != nullptr; }
  /// At each end every session began with what some session of the other sent, in order and once;
  /// empty, or what is wrong.
  std::string compare() const;
  /// The last sessions, for who has to find out.
  std::string describe() const;

  Cable cable;
  base::SeededRandom random;
  End ends[2];

 private:
  void turn(std::size_t end);
  void follow(End& end);
  void transmit(End& end, base::ByteView bytes);
  void put(End& end, std::uint8_t byte, base::Time at);
  base::Time arrive(std::size_t to);
  bool chance(double share) { return share > 0 && random.unit() < share; }

  base::Time now_{std::chrono::seconds(1000)};
  bool plugged_ = true;
};

}  // namespace chaski::transport_serial
