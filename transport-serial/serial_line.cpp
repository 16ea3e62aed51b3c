// SPDX-License-Identifier: Apache-2.0
#include "transport-serial/serial_line.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace chaski::transport_serial {

const char* to_string(EndReason reason) {
  switch (reason) {
    case EndReason::closed_here:
      return "closed here";
    case EndReason::closed_there:
      return "the other end closed it";
    case EndReason::began_anew:
      return "the other end began anew";
    case EndReason::silent:
      return "nothing that was sent arrived any more";
    case EndReason::rule_broken:
      return "the other end sent a frame that is too large";
  }
  return "";
}

SerialLine::SerialLine(const LineMemory& memory, std::size_t frame_size_max,
                       std::uint32_t bytes_per_s, base::Random& random, base::Time now)
    : decoder_(memory.packet),
      receiver_(memory.receive_slots, memory.receive_bytes,
                memory.receive_frame.first(frame_size_max)),
      sender_(memory.send_slots, memory.send_bytes, memory.send_frame.first(frame_size_max)),
      bytes_per_s_(bytes_per_s),
      random_(random) {
  CHASKI_ASSERT(bytes_per_s > 0 && frame_size_max <= kFrameSizeMax);
  own_limits_.window = memory.receive_slots.size();
  own_limits_.payload_max = memory.receive_bytes.size() / own_limits_.window;
  own_limits_.frame_size_max = frame_size_max;
  CHASKI_ASSERT(memory.packet.size() == own_limits_.payload_max + kDataHeaderSize + kCrcSize);
  CHASKI_ASSERT(memory.packet.size() <= kPacketSizeMax);
  last_sent_ = last_hello_ = now - std::chrono::seconds(1);
  seek(now);
}

void SerialLine::seek(base::Time now) {
  state_ = State::seeking;
  // A new name: nothing of a session before can be taken for this one's.
  do random_.fill(own_);
  while (own_ == Nonce{});
  other_ = {};
  want_hello(now);
}

void SerialLine::want_hello(base::Time now) {
  const auto on_line = std::chrono::microseconds(std::uint64_t{2'000'000} *
                                                 (kHelloSize + kCrcSize + 3) / bytes_per_s_);
  const base::Duration gap = std::max<base::Duration>(kHelloGap, on_line);
  const base::Time at = std::max(now, last_hello_ + gap);
  if (!hello_at_ || at < *hello_at_) hello_at_ = at;
}

std::uint32_t SerialLine::session_crc(const Nonce& from, const Nonce& to) const {
  return base::crc32_update(base::crc32_update(base::kCrc32Start, from), to);
}

void SerialLine::begin_session(const Hello& hello, base::Time now) {
  state_ = State::open;
  opened_at_ = now;
  crc_in_ = session_crc(other_, own_);
  crc_out_ = session_crc(own_, other_);
  receiver_.begin();
  sender_.begin(hello.limits, bytes_per_s_);
  hello_at_.reset();
  if (!hello.open) want_hello(now);
  LineEvent event;
  event.opened = true;
  event.role = own_ < other_ ? base::LinkRole::initiator : base::LinkRole::responder;
  event.frame_size_max = std::min(own_limits_.frame_size_max, hello.limits.frame_size_max);
  CHASKI_ASSERT(!event_);
  event_ = event;
}

void SerialLine::end_session(EndReason why, base::Time now) {
  CHASKI_ASSERT(open() && !event_);
  event_ = LineEvent{};
  event_->why = why;
  const bool short_life = now - opened_at_ < kShortLife;
  if (!short_life) pause_ = kPauseFirst;
  // Who began anew waits for us; who does nothing else is not to keep us busy.
  if (why == EndReason::began_anew && !short_life) return seek(now);
  state_ = State::pausing;
  hello_at_.reset();
  until_ = now + pause_;
  if (short_life) pause_ = std::min<base::Duration>(2 * pause_, kPauseLast);
}

std::size_t SerialLine::receive(base::ByteView bytes, base::Time now) {
  CHASKI_ASSERT(!bytes.empty());
  std::size_t taken = 0;
  while (taken < bytes.size()) {
    const auto result = decoder_.push(bytes[taken++]);
    if (result == FrameDecoder::Result::fault) {
      ++(decoder_.fault() == LineFault::too_long ? counters_.too_long : counters_.damaged);
    }
    if (result != FrameDecoder::Result::packet) continue;
    on_packet(now);
    break;
  }
  counters_.bytes_received += taken;
  return taken;
}

void SerialLine::on_packet(base::Time now) {
  const bool is_hello = decoder_.kind() == static_cast<std::uint8_t>(PacketKind::hello);
  if (!is_hello && !open()) {
    ++counters_.no_session;
    return;
  }
  const auto packet = decoder_.packet(is_hello ? base::kCrc32Start : crc_in_);
  if (!packet) {
    ++counters_.damaged;
    return;
  }
  ++counters_.packets_received;
  if (!is_hello) return on_session_packet(*packet, now);
  const auto hello = parse_hello(*packet);
  if (!hello) {
    ++counters_.unknown;
  } else if (hello->own == own_) {
    ++counters_.own;
  } else {
    on_hello(*hello, now);
  }
}

void SerialLine::on_hello(const Hello& hello, base::Time now) {
  if (state_ == State::pausing) return;
  if (open()) {
    if (hello.own == other_) {
      if (!hello.open || hello.heard != own_) want_hello(now);
      return;
    }
    end_session(EndReason::began_anew, now);
    if (state_ == State::seeking) other_ = hello.own;
    return;
  }
  other_ = hello.own;
  if (hello.heard == own_) return begin_session(hello, now);
  want_hello(now);
}

void SerialLine::on_session_packet(base::ByteView packet, base::Time now) {
  if (packet.size() == kByeSize && packet[0] == static_cast<std::uint8_t>(PacketKind::bye)) {
    return end_session(EndReason::closed_there, now);
  }
  if (const auto ack = parse_ack(packet)) {
    if (!sender_.acknowledged(*ack, now)) ++counters_.beyond;
    return;
  }
  const auto data = parse_data(packet);
  if (!data) {
    ++counters_.unknown;
  } else if (!sender_.acknowledged({data->received, 0}, now) || !receiver_.receive(*data, now)) {
    ++counters_.beyond;
  }
}

std::optional<LineEvent> SerialLine::next_event() {
  const auto event = event_;
  event_.reset();
  return event;
}

std::optional<base::MutableByteView> SerialLine::next_frame() {
  if (!open()) return std::nullopt;
  return receiver_.next_frame();
}

void SerialLine::send(base::ByteView frame) {
  CHASKI_ASSERT(room());
  sender_.send(frame);
}

void SerialLine::close(base::Time now) {
  if (state_ != State::open) return;
  state_ = State::closing;
  until_ = now + kLinger;
}

void SerialLine::wake(base::Time now) {
  if (state_ == State::pausing && now >= until_) return seek(now);
  if (!open()) return;
  const auto gives_up_at = sender_.gives_up_at();
  if (receiver_.broken()) {
    end_session(EndReason::rule_broken, now);
  } else if (gives_up_at && now >= *gives_up_at) {
    end_session(EndReason::silent, now);
  }
}

std::size_t SerialLine::write_packet(base::MutableByteView out, base::Time now,
                                     std::uint32_t& crc) {
  if (hello_at_ && now >= *hello_at_) {
    hello_at_.reset();
    last_hello_ = now;
    if (state_ == State::seeking) {
      hello_at_ = now + kHelloEvery +
                  std::chrono::microseconds(std::uint64_t{8'000'000} * kHelloSize / bytes_per_s_);
    }
    crc = base::kCrc32Start;
    return write_hello({own_, other_, open(), own_limits_}, out);
  }
  crc = crc_out_;
  if (!open()) return 0;
  if (state_ == State::closing && (sender_.idle() || now >= until_)) {
    end_session(EndReason::closed_here, now);
    out[0] = static_cast<std::uint8_t>(PacketKind::bye);
    return kByeSize;
  }
  const auto at = receiver_.acknowledge_at();
  const bool due = at && now >= *at;
  const Ack ack{receiver_.next(), receiver_.held()};
  if (!due || ack.held == 0) {  // only an acknowledgement says what is held
    if (auto data = sender_.next_packet(now)) {
      data->received = ack.received;
      if (ack.held == 0) receiver_.acknowledged();
      return write_data(*data, out);
    }
  }
  if (!due) return 0;
  receiver_.acknowledged();
  return write_ack(ack, out);
}

std::size_t SerialLine::next_bytes(base::MutableByteView out, base::Time now) {
  CHASKI_ASSERT(out.size() >= kLineSizeMax);
  wake(now);
  if (event_) return 0;
  const std::size_t before = now - last_sent_ >= kQuiet ? 1 : 0;
  std::uint32_t crc = base::kCrc32Start;
  const std::size_t size = write_packet(out.subspan(before + 1), now, crc);
  if (size == 0) return 0;
  out[0] = 0;
  const std::size_t all = before + frame_packet(out.subspan(before), size, crc);
  last_sent_ = now;
  ++counters_.packets_sent;
  counters_.bytes_sent += all;
  return all;
}

std::optional<base::Time> SerialLine::next_wakeup() const {
  std::optional<base::Time> next = hello_at_;
  const auto consider = [&next](std::optional<base::Time> at) {
    if (at && (!next || *at < *next)) next = at;
  };
  if (state_ == State::pausing) consider(until_);
  if (!open()) return next;
  consider(receiver_.acknowledge_at());
  consider(sender_.again_at());
  consider(sender_.gives_up_at());
  if (state_ == State::closing) consider(until_);
  return next;
}

}  // namespace chaski::transport_serial
