// SPDX-License-Identifier: Apache-2.0
// Two ends of a serial line, and a script that loses, doubles, changes and inserts bytes, restarts
// ends and lets time pass: what comes out of a session is the beginning of what went into one of
// the other. With a first byte that is odd a stranger who knows the session writes too; then only
// the bounds hold.
#include <deque>
#include <optional>

#include "base/assert.hpp"
#include "tests/fuzz/fuzz_script.hpp"
#include "transport-serial/serial_line.hpp"

using namespace chaski;
using namespace chaski::transport_serial;

namespace {

constexpr std::size_t kFrame = 400;
constexpr std::size_t kOnLineMax = 4'000;

struct End {
  LineBuffers<40, 4, kFrame> buffers;
  std::optional<SerialLine> line;
  std::deque<std::uint8_t> on_line;                 ///< sent by this end
  std::vector<std::vector<base::Bytes>> sent, got;  ///< of each session
  bool open = false;
};

base::SeededRandom randomness(1);

void restart(End& end, base::Time now) {
  end.line.emplace(end.buffers.memory(), kFrame, 1'000, randomness, now);
  end.open = false;
}

void follow(End& end) {
  while (const auto event = end.line->next_event()) {
    CHASKI_ASSERT(event->opened != end.open);
    end.open = event->opened;
    if (!event->opened) continue;
    end.sent.emplace_back();
    end.got.emplace_back();
  }
  while (const auto frame = end.line->next_frame()) {
    CHASKI_ASSERT(end.open && !frame->empty() && frame->size() <= kFrame);
    end.got.back().emplace_back(frame->begin(), frame->end());
  }
}

void drain(End& end, base::Time now) {
  end.line->wake(now);
  follow(end);
  std::uint8_t out[kLineSizeMax];
  while (const auto size = end.line->next_bytes(out, now)) {
    CHASKI_ASSERT(size <= kLineSizeMax && out[size - 1] == 0);
    end.on_line.insert(end.on_line.end(), out, out + size);
    follow(end);
  }
  follow(end);
  while (end.on_line.size() > kOnLineMax) end.on_line.pop_front();
  CHASKI_ASSERT(!end.line->next_wakeup() || *end.line->next_wakeup() > now);
}

void give(End& end, base::ByteView bytes, base::Time now) {
  while (!bytes.empty()) {
    bytes = bytes.subspan(end.line->receive(bytes, now));
    follow(end);
  }
}

void compare(const End& end, const End& other) {
  for (const auto& got : end.got) {
    const auto fits = [&got](const std::vector<base::Bytes>& sent) {
      return got.size() <= sent.size() && std::equal(got.begin(), got.end(), sent.begin());
    };
    CHASKI_ASSERT(got.empty() || std::any_of(other.sent.begin(), other.sent.end(), fits));
  }
}

/// A packet as the other end of this session would write it.
base::Bytes forged(fuzz::Script& script) {
  auto packet = script.bytes(1 + script.u8() % 60);
  if (packet.empty()) packet.push_back(0);
  base::Bytes out(packet.size() + 7);
  std::copy(packet.begin(), packet.end(), out.begin() + 1);
  out.resize(frame_packet(out, packet.size(), base::kCrc32Start));
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  randomness = base::SeededRandom(1);
  fuzz::Script script(data, size);
  const bool alone = (script.u8() & 1u) == 0;
  base::Time now = base::from_us(1'000'000);
  End ends[2];
  for (End& end : ends) restart(end, now);
  while (!script.at_end()) {
    const std::uint8_t what = script.u8();
    End& end = ends[what & 1u];
    End& other = ends[1 - (what & 1u)];
    switch ((what >> 1) & 7u) {
      case 0:
      case 1: {  // some of what is on its way arrives
        const std::size_t count = std::min<std::size_t>(other.on_line.size(), 4u * script.u8());
        const base::Bytes bytes(other.on_line.begin(),
                                other.on_line.begin() + static_cast<long>(count));
        other.on_line.erase(other.on_line.begin(),
                            other.on_line.begin() + static_cast<long>(count));
        give(end, bytes, now);
        break;
      }
      case 2:  // a byte of it is changed, lost or inserted
        if (!other.on_line.empty()) {
          const auto at =
              other.on_line.begin() + static_cast<long>(script.u8() * 16u % other.on_line.size());
          if ((what & 16u) != 0) {
            other.on_line.erase(at);
          } else if ((what & 32u) != 0) {
            other.on_line.insert(at, script.u8());
          } else {
            *at = static_cast<std::uint8_t>(*at ^ script.u8());
          }
        }
        break;
      case 3:
        if (end.line->room()) {
          end.sent.back().emplace_back(1 + script.u24() % kFrame, what);
          end.sent.back().back()[0] = static_cast<std::uint8_t>(end.sent.back().size());
          end.line->send(end.sent.back().back());
        }
        break;
      case 4:
        now += std::chrono::milliseconds(script.u8() * 16);
        break;
      case 5:
        if ((what & 0x30u) == 0) restart(end, now);
        if ((what & 0x30u) == 0x10) end.line->close(now);
        break;
      case 6:
        give(end, alone ? base::Bytes{} : forged(script), now);
        break;
      default:
        give(end, alone ? base::Bytes{} : script.bytes(script.u8()), now);
    }
    drain(ends[0], now);
    drain(ends[1], now);
  }
  if (alone) {
    compare(ends[0], ends[1]);
    compare(ends[1], ends[0]);
  }
  return 0;
}
