// SPDX-License-Identifier: Apache-2.0
// The relay of a microcontroller behind its port, and a script that writes any bytes to one UART,
// stands between the relay and an honest neighbour on the other, stops and moves the clock, takes
// entropy and storage away, fills UARTs and cuts the power: nothing ends it, it keeps within its
// store, it never asks to be woken at once for ever, and says nothing without random numbers.
#include <memory>

#include "base/assert.hpp"
#include "tests/embedded/fake_board.hpp"
#include "tests/fuzz/fuzz_script.hpp"

using namespace chaski;
using namespace chaski::embedded;
using namespace chaski::embedded::test;

namespace {

constexpr std::size_t kQueueMax = 8'192;

struct World {
  FakeBoard board;
  bool commit_works = true;
  bool ever_random = false;
  std::uint64_t seed = 1;
  mesh_router::MemoryEnvelopeStore store{kStoreBytesMax};
  std::unique_ptr<Memory> memory;
  chaski_port port = board.port();
  std::unique_ptr<Relay> relay;
  std::unique_ptr<Neighbour> neighbour;

  World() {
    start();
    plug();
  }
  static bool commit(void* context, base::Time) {
    return static_cast<World*>(context)->commit_works;
  }
  /// Power comes: what was in memory is gone, and the store is as it was.
  void start() {
    relay.reset();
    memory = std::make_unique<Memory>();
    const RelayStore durable{store, this, commit,
                             base::from_us(static_cast<std::int64_t>(board.now_us))};
    relay = std::make_unique<Relay>(port, durable, memory->space(),
                                    RelayConfig{small_limits(), 11'520});
    ever_random = false;
  }
  void plug() {
    neighbour.reset();
    board.uarts[1].to_relay.clear();
    board.uarts[1].from_relay.clear();
    neighbour = std::make_unique<Neighbour>(board, 1, ++seed);
  }

  void step() {
    ever_random = ever_random || board.entropy_works;
    // As often as a main loop that is not let sleep; with nothing new it has to calm down.
    constexpr int kAtOnceMax = 200;
    int times = 0;
    const int fed = board.fed;
    do {
      relay->step();
      CHASKI_ASSERT(++times < kAtOnceMax);
    } while (commit_works && relay->next_wakeup_us() <= board.now_us);
    CHASKI_ASSERT(board.fed == fed + times);
    CHASKI_ASSERT(store.usage().bytes <= kStoreBytesMax);
    CHASKI_ASSERT(ever_random || board.uarts[0].from_relay.empty());
    board.uarts[0].from_relay.clear();
  }
  void talk(int rounds, std::uint64_t round_us) {
    for (int round = 0; round < rounds; ++round) {
      neighbour->step();
      step();
      board.now_us += round_us;
    }
  }
  void put(std::size_t uart, base::ByteView bytes) {
    auto& queue = board.uarts[uart].to_relay;
    if (queue.size() < kQueueMax) queue.insert(queue.end(), bytes.begin(), bytes.end());
  }
};

/// A packet that the framer takes, so that what is behind it is met too.
base::Bytes framed(fuzz::Script& script) {
  const auto packet = script.bytes(1 + script.u8() % 100);
  if (packet.empty()) return {};
  base::Bytes out(packet.size() + 7);
  std::copy(packet.begin(), packet.end(), out.begin() + 1);
  out.resize(transport_serial::frame_packet(out, packet.size(), base::kCrc32Start));
  return out;
}

void damage(std::deque<std::uint8_t>& bytes, fuzz::Script& script) {
  if (bytes.empty()) return;
  auto& byte = bytes[script.u24() % bytes.size()];
  byte = static_cast<std::uint8_t>(byte ^ script.u8());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr int kOperationsMax = 200;
  fuzz::Script script(data, size);
  World world;
  for (int i = 0; i < kOperationsMax && !script.at_end(); ++i) {
    const std::uint8_t what = script.u8();
    switch (what % 11) {
      case 0:
        world.put(what >> 7, script.bytes(script.u8()));
        break;
      case 1:
        world.put(what >> 7, framed(script));
        break;
      case 2:
        world.board.now_us += std::uint64_t{script.u24()} * 1'000;
        break;
      case 3:
        world.board.entropy_works = what >= 128;
        break;
      case 4:
        world.commit_works = what >= 128;
        break;
      case 5:
        static_cast<void>(world.neighbour->router().submit(
            envelope(static_cast<std::uint8_t>(1 + script.u8() % 255), script.u8() * 8u),
            {0, 16, 0}, world.neighbour->now()));
        break;
      case 6:
        world.talk(1 + script.u8() % 100, 1'000);
        break;
      case 7:
        world.talk(1 + script.u8() % 20, 0);
        break;  // the clock stands still
      case 8:
        damage(world.board.uarts[1].to_relay, script);
        break;
      case 9:
        world.board.uarts[what >> 7].room = script.u8();
        break;
      default:
        what >= 128 ? world.start() : world.plug();
        break;
    }
    world.step();
  }
  return 0;
}
