// SPDX-License-Identifier: Apache-2.0
// An open link under a script: a hostile but authenticated peer, a lossy or lying transport, time.
#include <deque>

#include "base/assert.hpp"
#include "base/random.hpp"
#include "link/link.hpp"
#include "tests/fuzz/fuzz_script.hpp"
#include "wire/records.hpp"

using namespace chaski;
using link::Link;

namespace {

/// What a sealed frame held, so that the far end can be held to it.
struct InFlight {
  base::Bytes frame;
  base::Bytes records;
};

struct End {
  link::NodeKey key;
  Link link;
  std::deque<InFlight> sent;
};

struct World {
  base::SeededRandom random{1};
  base::Time now{};
  End a;
  End b;

  World()
      : a{link::NodeKey::generate(random), make(a, base::LinkRole::initiator), {}},
        b{link::NodeKey::generate(random), make(b, base::LinkRole::responder), {}} {
    for (int i = 0; i < 2; ++i) {
      shake(a, b);
      shake(b, a);
    }
    CHASKI_ASSERT(a.link.state() == Link::State::open && b.link.state() == Link::State::open);
  }
  Link make(const End& end, base::LinkRole role) {
    return Link({role, &end.key, {}, {1, 2048}, {}}, random, now);
  }
  void shake(End& from, End& to) {
    base::Bytes frame(Link::kHandshakeFrameSize);
    frame.resize(from.link.next_frame(frame, now));
    if (!frame.empty()) to.link.receive(frame, now);
  }

  void seal(End& from, base::Bytes records) {
    if (from.link.state() != Link::State::open) return;
    InFlight frame{records, records};
    frame.frame.resize(records.size() + Link::kSealOverhead);
    CHASKI_ASSERT(from.link.seal(frame.frame, records.size(), now) == frame.frame.size());
    from.sent.push_back(std::move(frame));
  }
  void pull(End& from) {
    base::Bytes out(512);
    out.resize(from.link.next_frame(out, now));
    if (!out.empty()) from.sent.push_back({out, {}});
  }
  /// The oldest frame arrives; `mask` damages it at `at`.
  void deliver(End& from, End& to, std::size_t at, std::uint8_t mask) {
    if (from.sent.empty()) return;
    InFlight frame = std::move(from.sent.front());
    from.sent.pop_front();
    frame.frame[at % frame.frame.size()] ^= mask;
    const bool was_closed = to.link.state() == Link::State::closed;
    const base::ByteView got = to.link.receive(frame.frame, now);
    if (mask != 0 || was_closed) {
      CHASKI_ASSERT(got.empty() && to.link.state() == Link::State::closed);
    } else if (!frame.records.empty()) {
      // All of it, or what stood before a close record.
      const base::ByteView sealed = frame.records;
      CHASKI_ASSERT(base::equal(got, sealed.first(got.size())));
      const bool open = to.link.state() == Link::State::open;
      CHASKI_ASSERT(!open || got.size() == sealed.size());
    }
    // What is handed on is a row of records.
    wire::RecordReader reader(got);
    auto record = reader.next();
    while (record && *record) record = reader.next();
    CHASKI_ASSERT(record.has_value());
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Script script(data, size);
  World world;
  for (int step = 0; step < 200 && !script.at_end(); ++step) {
    const std::uint8_t op = script.u8();
    End& from = (op & 1u) != 0 ? world.a : world.b;
    End& to = (op & 1u) != 0 ? world.b : world.a;
    switch ((op >> 1) % 8) {
      case 0: world.seal(from, script.bytes(script.u8())); break;
      case 1: world.deliver(from, to, 0, 0); break;
      case 2: world.pull(from); break;
      case 3: world.deliver(from, to, script.u8(), script.u8()); break;
      case 4: {
        world.now += std::chrono::milliseconds(100) * script.u8();
        world.a.link.wake(world.now);
        world.b.link.wake(world.now);
        break;
      }
      case 5:
        if (!from.sent.empty()) from.sent.push_back(from.sent.front());  // repeated
        break;
      case 6: {
        base::Bytes junk = script.bytes(script.u8());
        CHASKI_ASSERT(to.link.receive(junk, world.now).empty());
        CHASKI_ASSERT(to.link.state() == Link::State::closed);
        break;
      }
      default: from.link.close(link::CloseReason::going_away, world.now); break;
    }
  }
  return 0;
}
