// SPDX-License-Identifier: Apache-2.0
// Floods of strangers' strings: memory stays flat, and junk costs no look at the store.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "mesh-router/holdings.hpp"
#include "station.hpp"

namespace chaski::mesh_router::test {
namespace {

/// A million; the nightly run says ten millions.
std::size_t flood_size() {
  const char* asked = std::getenv("CHASKI_FLOOD");
  return asked == nullptr ? 1'000'000 : std::stoul(asked);
}

// Every envelope with an id, a tag and a depositor of its own, held for a while and then gone:
// what is remembered of them does not grow.
TEST(Flood, OfIdsTagsAndNamesLeavesMemoryFlat) {
  base::SeededRandom random(3);
  MemoryEnvelopeStore store(std::uint64_t{1} << 20);
  RouterLimits limits;
  limits.seen_ids_max = 50'000;
  Holdings holdings(limits, store, random);
  EnvelopeRecord record;
  record.lifetime_s = 2;
  record.size = 1;
  const base::Bytes body(1);
  const std::size_t count = flood_size();
  std::size_t warm = 0;
  for (std::size_t i = 0; i < count; ++i) {
    record.id = random.bytes<wire::EnvelopeId>();
    record.tag = random.bytes<wire::DeliveryTag>();
    record.depositor = random.next_u64() | 1u;
    record.arrived = at(std::chrono::milliseconds(i));
    ASSERT_TRUE(holdings.hold(record, body));
    holdings.put_tombstone(record.id, record.arrived - limits.residence_max - 14 * 24h);
    holdings.settle();
    for (Slot slot = holdings.table.first_due(record.arrived); slot != kNoSlot;
         slot = holdings.table.first_due(record.arrived)) {
      holdings.release(slot, Remember::until_younger);
    }
    ASSERT_LE(holdings.table.size(), 2'001u);
    holdings.expire_tombstones(record.arrived, 16);
    if (i == count / 4) warm = holdings.memory_used();
  }
  EXPECT_LE(holdings.quotas.accounts(), QuotaLedger::kAccountsMax);
  EXPECT_LE(static_cast<double>(holdings.memory_used()), 1.2 * static_cast<double>(warm));
  EXPECT_LT(holdings.memory_used(), 2'000'000u);
}

/// Counts how often somebody looks.
class CountingStore final : public EnvelopeStore {
 public:
  base::Expected<StoreKey, StoreError> put(const EnvelopeRecord& record,
                                           base::ByteView envelope) override {
    return store_.put(record, envelope);
  }
  base::ByteView read(StoreKey key) override {
    ++reads;
    return store_.read(key);
  }
  void erase(StoreKey key) override { store_.erase(key); }
  void put_tombstone(const wire::EnvelopeId& id, base::Time until) override {
    store_.put_tombstone(id, until);
  }
  void expire_tombstones(base::Time now) override { store_.expire_tombstones(now); }
  void for_each(const std::function<void(StoreKey, const EnvelopeRecord&)>& visit) override {
    store_.for_each(visit);
  }
  void for_each_tombstone(
      const std::function<void(const wire::EnvelopeId&, base::Time)>& visit) override {
    store_.for_each_tombstone(visit);
  }
  StoreUsage usage() const override { return store_.usage(); }
  bool accepts() const override { return store_.accepts(); }

  std::size_t reads = 0;

 private:
  MemoryEnvelopeStore store_{1u << 20};
};

// The commitment is not in memory, and looking it up for each forged receipt would let a stranger
// keep the disk busy.
TEST(Flood, OfForgedReceiptsReadsNextToNothingFromTheStore) {
  base::SeededRandom random(4);
  CountingStore store;
  const RouterLimits limits;
  Holdings holdings(limits, store, random);
  const Message message = make_message(random);
  EnvelopeRecord record;
  record.id = message.id;
  record.commitment = wire::commit(message.token);
  record.lifetime_s = 3'600;
  record.size = static_cast<std::uint32_t>(message.bytes.size());
  const auto slot = holdings.hold(record, message.bytes);
  ASSERT_TRUE(slot);
  for (int i = 0; i < 100'000; ++i) {
    ASSERT_FALSE(holdings.is_token_of(*slot, random.bytes<wire::ReceiptToken>()));
  }
  EXPECT_LE(store.reads, 12u) << "one in 65,536 is looked up";
  const std::size_t before = store.reads;
  EXPECT_TRUE(holdings.is_token_of(*slot, message.token));
  EXPECT_EQ(store.reads, before + 1);
}

}  // namespace
}  // namespace chaski::mesh_router::test
