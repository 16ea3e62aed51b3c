// SPDX-License-Identifier: Apache-2.0
// The relay of a microcontroller behind its port, with its flash: a script takes the power away at
// any word, lets pages fail, stops and moves the clock, takes entropy away and says things, while
// an honest neighbour hands envelopes over. After each start the flash holds exactly what the last
// commit left, and what a neighbour was told is in custody was committed.
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "base/assert.hpp"
#include "embedded/flash_store.hpp"
#include "tests/embedded/fake_board.hpp"
#include "tests/embedded/fake_flash.hpp"
#include "tests/fuzz/fuzz_script.hpp"

using namespace chaski;
using namespace chaski::embedded;
using namespace chaski::embedded::test;

namespace {

constexpr std::size_t kPages = 32;
constexpr std::size_t kEnvelopeMax = 2'000;
constexpr std::size_t kBadPagesMax = 3;
constexpr std::size_t kQueueMax = 8'192;

using Held = std::map<mesh_router::StoreKey, base::Bytes>;

class World {
 public:
  World() {
    start();
    plug();
  }

  void step() {
    if (flash.power) relay_->step();
    CHASKI_ASSERT(board.uarts[0].from_relay.size() <= board.uarts[0].room);
    board.uarts[0].from_relay.clear();
  }
  void talk(int rounds, std::uint64_t round_us) {
    for (int round = 0; round < rounds && flash.power; ++round) {
      neighbour->step();
      for (const auto& id : std::exchange(neighbour->in_custody, {})) {
        CHASKI_ASSERT(ever_committed_.contains(id));
      }
      step();
      board.now_us += round_us;
    }
  }
  void plug() {
    neighbour.reset();
    board.uarts[1].to_relay.clear();
    board.uarts[1].from_relay.clear();
    neighbour = std::make_unique<Neighbour>(board, 1, ++seed_);
  }
  /// The board starts anew, and so does its clock.
  void start() {
    relay_.reset();
    store_.reset();
    flash.restore_power();
    store_.emplace(flash.flash(), space_.space());
    const Held found = contents();
    CHASKI_ASSERT(found == durable_ || (could_be_ && found == *could_be_));
    CHASKI_ASSERT(store_->resume_time() >= committed_at_);
    durable_ = found;
    could_be_.reset();
    memory_ = std::make_unique<Memory>();
    const RelayStore durable{*store_, this, commit, store_->resume_time()};
    relay_ = std::make_unique<Relay>(port_, durable, memory_->space(),
                                     RelayConfig{small_limits(), 11'520});
  }
  void put(std::size_t uart, base::ByteView bytes) {
    auto& queue = board.uarts[uart].to_relay;
    if (queue.size() < kQueueMax) queue.insert(queue.end(), bytes.begin(), bytes.end());
  }

  FakeBoard board;
  FakeFlash flash{1'024, kPages, 8};
  std::unique_ptr<Neighbour> neighbour;

 private:
  static bool commit(void* context, base::Time now) {
    World& self = *static_cast<World*>(context);
    const bool changed = self.store_->changed();
    Held now_held;
    if (changed) now_held = self.contents();
    const bool done = self.store_->commit(now);
    if (changed && done) {
      for (const auto& [key, bytes] : now_held) {
        self.ever_committed_.insert(wire::envelope_id(bytes));
      }
      self.durable_ = std::move(now_held);
      self.could_be_.reset();
      self.committed_at_ = now;
    } else if (changed) {
      // Its last word may be there, and nobody was told.
      self.could_be_ = std::move(now_held);
    }
    return done;
  }
  Held contents() {
    Held held;
    store_->for_each([&](mesh_router::StoreKey key, const mesh_router::EnvelopeRecord& record) {
      const auto bytes = store_->read(key);
      CHASKI_ASSERT(bytes.size() == record.size && wire::envelope_id(bytes) == record.id);
      held[key].assign(bytes.begin(), bytes.end());
    });
    return held;
  }

  std::uint64_t seed_ = 1;
  chaski_port port_ = board.port();
  FlashStoreMemory<kPages, 160, 0, kEnvelopeMax> space_;
  std::optional<FlashStore> store_;
  std::unique_ptr<Memory> memory_;
  std::unique_ptr<Relay> relay_;
  std::set<wire::EnvelopeId> ever_committed_;
  Held durable_;
  std::optional<Held> could_be_;
  base::Time committed_at_{};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr int kOperationsMax = 150;
  fuzz::Script script(data, size);
  World world;
  FakeFlash& flash = world.flash;
  for (int i = 0; i < kOperationsMax && !script.at_end(); ++i) {
    const std::uint8_t what = script.u8();
    switch (what % 10) {
      case 0:
        world.put(what >> 7, script.bytes(script.u8()));
        break;
      case 1:
        flash.cut_at = flash.steps + script.u8() * (what < 128 ? 1u : 16u);
        flash.torn = static_cast<FakeFlash::Torn>(script.u8() % 3);
        break;
      case 2:
        world.board.now_us += std::uint64_t{script.u24()} * 1'000;
        break;
      case 3:
        world.board.entropy_works = what >= 64;
        break;
      case 4:
        if (flash.bad_pages.size() < kBadPagesMax) flash.bad_pages.insert(script.u8() % kPages);
        break;
      case 5:
      case 6:
        static_cast<void>(world.neighbour->router().submit(
            envelope(static_cast<std::uint8_t>(1 + script.u8() % 255), script.u8() * 8u),
            {0, 16, 0}, world.neighbour->now()));
        break;
      case 7:
        world.talk(1 + script.u8() % 100, 1'000);
        break;
      case 8:
        world.talk(1 + script.u8() % 20, 0);  // the clock stands still
        break;
      default:
        what >= 128 ? world.start() : world.plug();
        break;
    }
    if (!flash.power) world.start();
    world.step();
  }
  world.start();
  return 0;
}
