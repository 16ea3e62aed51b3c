// SPDX-License-Identifier: Apache-2.0
// flash-tool: what a relay's flash holds, read with the code that the relay mounts it with.
//
//   flash-tool list FILE OFFSET             `held HEX` for each envelope whose bytes give its id,
//                                           then `end HELD LOST TORN`
//   flash-tool age FILE OFFSET LIVE SEED    writes and erases until the log has gone round once and
//                                           LIVE envelopes are left, so that the next page costs
//                                           cleaning
//
// TORN is 1 when power went between the first word of a batch and its commit.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>

#include "base/hex.hpp"
#include "base/random.hpp"
#include "embedded/boards/host/host_flash.hpp"
#include "embedded/flash_store.hpp"
#include "wire/envelope.hpp"

namespace {

using namespace chaski;
using embedded::FlashRecordKind;
using embedded::HostFlash;

constexpr std::size_t kEntries = 4'096;
using Space = embedded::FlashStoreMemory<HostFlash::kPages, kEntries, 0, 4'096>;

bool torn(const HostFlash& flash) {
  Space memory;
  embedded::FlashLog log(*flash.port(), memory.pages);
  log.mount();
  auto walk = log.begin();
  bool open = false;
  while (const auto record = log.next(walk)) {
    const auto kind = record->header.kind;
    open = record->header.batch != 0 && kind != FlashRecordKind::commit &&
           kind != FlashRecordKind::time && kind != FlashRecordKind::trim;
  }
  return open;
}

int list(const HostFlash& flash) {
  auto memory = std::make_unique<Space>();
  embedded::FlashStore store(*flash.port(), memory->space());
  std::size_t held = 0, wrong = 0;
  store.for_each([&](mesh_router::StoreKey key, const mesh_router::EnvelopeRecord& record) {
    const base::ByteView bytes = store.read(key);
    if (bytes.empty() || wire::envelope_id(bytes) != record.id) {
      ++wrong;
      return;
    }
    ++held;
    std::printf("held %s\n", base::to_hex(record.id.view()).c_str());
  });
  const auto damage = store.damage();
  std::printf("end %zu %zu %d\n", held, wrong + damage.lost + damage.not_indexed,
              torn(flash) ? 1 : 0);
  return damage.broken ? 1 : 0;
}

int age(const HostFlash& flash, std::size_t live, std::uint64_t seed) {
  auto memory = std::make_unique<Space>();
  embedded::FlashStore store(*flash.port(), memory->space());
  base::SeededRandom random(seed);
  const base::Time now = store.resume_time() + std::chrono::seconds(1);
  std::deque<mesh_router::StoreKey> keys;
  constexpr std::size_t kRegion = std::size_t{HostFlash::kPageSize} * HostFlash::kPages;
  for (std::size_t written = 0; written < kRegion + kRegion / 8;) {
    base::Bytes body(150);
    random.fill(body);
    wire::EnvelopeFields fields;
    fields.lifetime_s = 86'400;
    fields.tag = random.bytes<wire::DeliveryTag>();
    random.fill(fields.commitment.bytes);
    fields.body = body;
    const base::Bytes envelope = wire::encode_envelope(fields);
    mesh_router::EnvelopeRecord record;
    record.id = wire::envelope_id(envelope);
    record.tag = fields.tag;
    record.commitment = fields.commitment;
    record.lifetime_s = fields.lifetime_s;
    record.size = static_cast<std::uint32_t>(envelope.size());
    record.arrived = now;
    record.hops_left = 8;
    record.depositor = 1;
    const auto key = store.put(record, envelope);
    if (!key) return 1;
    keys.push_back(*key);
    if (keys.size() > live) {
      store.erase(keys.front());
      keys.pop_front();
    }
    if (!store.commit(now)) return 1;
    written += envelope.size() + 200;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "flash-tool list FILE OFFSET | age FILE OFFSET LIVE SEED\n");
    return 2;
  }
  const HostFlash flash(argv[2], static_cast<std::uint32_t>(std::strtoul(argv[3], nullptr, 10)));
  if (std::strcmp(argv[1], "age") == 0 && argc == 6) {
    return age(flash, std::strtoul(argv[4], nullptr, 10), std::strtoull(argv[5], nullptr, 10));
  }
  return list(flash);
}
