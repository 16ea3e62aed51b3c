// SPDX-License-Identifier: Apache-2.0
// Two ends of a lane, and a script that loses, doubles, reorders and lets time pass: whatever
// arrives is the beginning of what was sent. With a first byte that is odd a stranger writes too;
// then only the bounds hold.
#include <deque>

#include "base/assert.hpp"
#include "tests/fuzz/fuzz_script.hpp"
#include "transport-ble/ble_lane.hpp"

using namespace chaski;
using namespace chaski::transport_ble;

namespace {

/// Packets in the air: each acknowledges a window at most, so all of them are of the numbers that
/// are told apart (ble.md, 5.6).
constexpr std::size_t kFlyingMax = 6;

struct End {
  Lane lane;
  std::deque<base::Bytes> flying{};  ///< sent by this end
  std::vector<base::Bytes> sent{};
  std::size_t got = 0;  ///< frames that arrived here
};

void drain(End& end, const End& other, base::Time now, bool alone) {
  while (const auto frame = end.lane.next_frame()) {
    CHASKI_ASSERT(!frame->empty() && frame->size() <= kLaneFrameSizeMax);
    CHASKI_ASSERT(!alone || (end.got < other.sent.size() && *frame == other.sent[end.got]));
    ++end.got;
  }
  base::Bytes out(end.lane.packet_size_max());
  while (const auto size = end.lane.next_packet(out, now)) {
    const auto packet = base::ByteView(out).first(size);
    CHASKI_ASSERT(parse_lane_packet(packet));
    end.flying.emplace_back(packet.begin(), packet.end());
    if (end.flying.size() > kFlyingMax) end.flying.pop_front();
  }
  CHASKI_ASSERT(!end.lane.dead() || !end.lane.next_wakeup());
  CHASKI_ASSERT(!end.lane.next_wakeup() || *end.lane.next_wakeup() > now);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Script script(data, size);
  const std::uint8_t first = script.u8();
  const bool alone = (first & 1u) == 0;
  const std::size_t packet = kLanePacketSizeMin + std::size_t{4} * (first >> 1);
  End ends[] = {{Lane(packet)}, {Lane(packet)}};
  base::Time now = base::from_us(0);
  while (!script.at_end()) {
    const std::uint8_t what = script.u8();
    auto& end = ends[what & 1u];
    auto& other = ends[1 - (what & 1u)];
    switch ((what >> 1) & 3u) {
      case 0: {  // one of the packets in the air arrives; it may come again
        if (other.flying.empty()) break;
        const auto at = other.flying.begin() + script.u8() % static_cast<int>(other.flying.size());
        end.lane.receive(*at, now);
        if ((what & 8u) == 0) other.flying.erase(at);
        break;
      }
      case 1:
        if (end.lane.room()) {
          end.sent.emplace_back(1 + script.u24() % kLaneFrameSizeMax, what);
          end.lane.send(end.sent.back());
        }
        break;
      case 2:
        now += std::chrono::milliseconds(script.u8() * 8);
        break;
      default:
        if (!alone) end.lane.receive(script.bytes(script.u8()), now);
    }
    drain(ends[0], ends[1], now, alone);
    drain(ends[1], ends[0], now, alone);
  }
  return 0;
}
