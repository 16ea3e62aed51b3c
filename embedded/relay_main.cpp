// SPDX-License-Identifier: Apache-2.0
// The image of a relay: the same on each board, sized by what the board has (boards/README.md).
#include <cstddef>
#include <new>

#include "embedded/boards/board.h"
#include "embedded/flash_store.hpp"
#include "embedded/pool_store.hpp"
#include "embedded/relay.hpp"

namespace {

using namespace chaski;

constexpr std::size_t kLinks = CHASKI_LINKS;
constexpr std::size_t kFrame = CHASKI_FRAME;
constexpr std::size_t kEnvelopes = CHASKI_ENVELOPES;
constexpr std::size_t kCarried = 32;  // what at most stands before an envelope in its record

mesh_router::RouterLimits limits() {
  mesh_router::RouterLimits out;
  out.envelopes_max = kEnvelopes;
  out.neighbours_max = kLinks;
  out.seen_ids_max = 2 * kEnvelopes;
  out.window_envelopes = CHASKI_WINDOW_ENVELOPES;
  out.window_bytes = CHASKI_WINDOW_ENVELOPES * std::size_t{512};
  out.unverified_receipts_max = kEnvelopes / 2;
  out.partial_bytes_max = 0;
  out.reassembly.envelope_max = CHASKI_ENVELOPE_SIZE + kCarried;
  out.reassembly.bytes_max = CHASKI_REASSEMBLY;
  out.events_max = 1;  // nobody asks for them
  return out;
}

// All memory of the image is zeroed and stands for ever: main() does not end.
template <class T>
T& placed() {
  alignas(T) static std::byte place[sizeof(T)];
  return *new (place) T;
}

#if CHASKI_FLASH_PAGES > 0
embedded::RelayStore make_store(const chaski_port& port) {
  using Space = embedded::FlashStoreMemory<CHASKI_FLASH_PAGES, kEnvelopes, 0, CHASKI_ENVELOPE_SIZE>;
  alignas(embedded::FlashStore) static std::byte place[sizeof(embedded::FlashStore)];
  auto* store = new (place) embedded::FlashStore(*port.flash, placed<Space>().space());
  const auto commit = [](void* context, base::Time now) {
    return static_cast<embedded::FlashStore*>(context)->commit(now);
  };
  return {*store, store, commit, store->resume_time()};
}
#else
embedded::RelayStore make_store(const chaski_port&) {
  using Space = embedded::PoolStoreMemory<CHASKI_STORE_BYTES, kEnvelopes>;
  alignas(embedded::PoolStore) static std::byte place[sizeof(embedded::PoolStore)];
  return {*new (place) embedded::PoolStore(placed<Space>().space()), nullptr, nullptr, {}};
}
#endif

/// A line for whoever typed something on the console.
void say_status(const embedded::Relay& relay) {
  std::uint64_t damaged = 0;
  for (std::size_t i = 0; i < kLinks; ++i) {
    if (const auto* line = relay.line_counters(i)) damaged += line->damaged;
  }
  if (const auto* counters = relay.counters()) {
    chaski_board_say_number("accepted", counters->envelopes_accepted);
    chaski_board_say_number("sent", counters->envelopes_sent);
    constexpr auto kTooLarge = static_cast<std::size_t>(mesh_router::DropReason::too_large);
    chaski_board_say_number("too_large", counters->dropped[kTooLarge]);
  }
  chaski_board_say_number("links", relay.open_links());
  chaski_board_say_number("carried", relay.carried());
  chaski_board_say_number("bytes", relay.carried_bytes());
  chaski_board_say_number("damaged", damaged);
  chaski_board_say_number("entropy_failures", relay.entropy_failures());
  chaski_board_say_number("commit_failures", relay.commit_failures());
  chaski_board_say_usage();
}

}  // namespace

int main() {
  using Memory = embedded::RelayMemory<kLinks, CHASKI_PAYLOAD, CHASKI_WINDOW, kFrame>;
  const chaski_port& port = *chaski_board_start();
  embedded::Relay relay(port, make_store(port), placed<Memory>().space(),
                        {limits(), CHASKI_BAUD / 10});
  for (;;) {
    relay.step();
    if (chaski_board_asked() != 0) say_status(relay);
    port.idle(port.context, relay.next_wakeup_us());
  }
}
