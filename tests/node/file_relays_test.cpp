// SPDX-License-Identifier: Apache-2.0
// A file over relays that come and go, and of which none carries all of it; in virtual time.
#include <functional>

#include "node/file_intake.hpp"
#include "node/file_reader.hpp"
#include "node/file_transfer.hpp"
#include "tests/node/parties.hpp"

namespace chaski::node {
namespace {

/// Envelopes of a relay that takes only some.
class PickyEnvelopes final : public mesh_router::EnvelopeStore {
 public:
  using Wants = std::function<bool(const mesh_router::EnvelopeRecord&)>;
  PickyEnvelopes(mesh_router::EnvelopeStore& store, Wants wants)
      : store_(store), wants_(std::move(wants)) {}
  base::Expected<mesh_router::StoreKey, mesh_router::StoreError> put(
      const mesh_router::EnvelopeRecord& record, base::ByteView envelope) override {
    if (!wants_(record)) return base::unexpected(mesh_router::StoreError::full);
    return store_.put(record, envelope);
  }
  base::ByteView read(mesh_router::StoreKey key) override { return store_.read(key); }
  void erase(mesh_router::StoreKey key) override { store_.erase(key); }
  void put_tombstone(const wire::EnvelopeId& id, base::Time until) override {
    store_.put_tombstone(id, until);
  }
  void expire_tombstones(base::Time now) override { store_.expire_tombstones(now); }
  void for_each(const std::function<void(mesh_router::StoreKey,
                                         const mesh_router::EnvelopeRecord&)>& visit) override {
    store_.for_each(visit);
  }
  void for_each_tombstone(
      const std::function<void(const wire::EnvelopeId&, base::Time)>& visit) override {
    store_.for_each_tombstone(visit);
  }
  mesh_router::StoreUsage usage() const override { return store_.usage(); }
  bool accepts() const override { return store_.accepts(); }

 private:
  mesh_router::EnvelopeStore& store_;
  Wants wants_;
};

class PickyStore final : public NodeStore {
 public:
  PickyStore(std::uint64_t bytes_max, PickyEnvelopes::Wants wants)
      : store_(bytes_max), envelopes_(store_.envelopes(), std::move(wants)) {}
  mesh_router::EnvelopeStore& envelopes() override { return envelopes_; }
  PeopleStore& people() override { return store_.people(); }
  FileStore& files() override { return store_.files(); }
  std::optional<base::Bytes> load_value(std::string_view key) override {
    return store_.load_value(key);
  }
  void save_value(std::string_view key, base::ByteView value) override {
    store_.save_value(key, value);
  }
  base::Expected<void, mesh_router::StoreError> commit() override { return store_.commit(); }

 private:
  MemoryNodeStore store_;
  PickyEnvelopes envelopes_;
};

constexpr std::uint64_t kStore = 128u << 20;
constexpr std::size_t kFrame = 65'000;

struct Station {
  Station(std::uint64_t seed, PickyEnvelopes::Wants wants)
      : store(kStore, std::move(wants)), random(seed),
        node(std::make_unique<Node>(NodeConfig{}, store, random, base::from_us(1'000'000))) {}
  void settle(base::Time now) {
    if (node->dirty()) {
      ASSERT_TRUE(node->flush(now));
    }
    while (node->next_event()) {
    }
  }
  PickyStore store;
  base::SeededRandom random;
  std::unique_ptr<Node> node;
};

/// Two stations see each other for a while.
class Encounters {
 public:
  base::Time now = base::from_us(1'000'000);

  void meet(Station& a, Station& b, base::Duration duration) {
    const base::LinkId link{next_link_++};
    std::array<Station*, 2> both{&a, &b};
    std::array<std::deque<base::Bytes>, 2> to;
    for (const std::size_t i : {0U, 1U}) {
      ASSERT_TRUE(both[i]->node->link_opened(
          link, base::TransportKind::lan,
          i == 0 ? base::LinkRole::initiator : base::LinkRole::responder, kFrame, now));
    }
    for (const base::Time end = now + duration; now < end; now += 20ms) {
      for (const std::size_t i : {0U, 1U}) {
        both[i]->node->wake(now);
        both[i]->settle(now);
        both[i]->node->ready_links();
        base::Bytes frame(kFrame);
        while (const std::size_t size = both[i]->node->next_frame(link, frame, now)) {
          to[1 - i].emplace_back(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size));
        }
      }
      for (const std::size_t i : {0U, 1U}) {
        for (; !to[i].empty(); to[i].pop_front()) both[i]->node->receive(link, to[i].front(), now);
        both[i]->settle(now);
      }
    }
    for (Station* one : both) {
      one->node->link_closed(link, now);
      one->settle(now);
    }
    now += 10min;
  }

 private:
  std::uint64_t next_link_ = 1;
};

bool takes_all(const mesh_router::EnvelopeRecord&) { return true; }

/// A relay that carries no chunk whose id is one of these, of twenty.
PickyEnvelopes::Wants all_but(std::vector<unsigned> residues, bool messages) {
  return [residues = std::move(residues), messages](const mesh_router::EnvelopeRecord& record) {
    constexpr std::uint32_t kChunkMin = 60'000;
    if (record.size < kChunkMin) {
      return messages || record.kind == wire::EnvelopeKind::receipt;
    }
    const unsigned residue = record.id.bytes[3] % 20U;
    return std::find(residues.begin(), residues.end(), residue) == residues.end();
  };
}

TEST(FilesOverRelays, ArriveWhenEachCarriesAnotherSixtyPercent) {
  Station ana(1, takes_all);
  Station ben(2, takes_all);
  // Two of twenty chunks are carried by none of them. The first carries no message: its chunks are
  // here before anybody knows what they are.
  Station first(3, all_but({0, 1, 2, 3, 4, 5, 6, 7}, false));
  Station second(4, all_but({0, 1, 2, 3, 4, 8, 9, 10}, true));
  Station third(5, all_but({0, 1, 5, 6, 7, 8, 9, 10}, true));
  Encounters world;
  ASSERT_TRUE(ana.node->create_identity("ana"));
  ASSERT_TRUE(ben.node->create_identity("ben"));
  const auto link = ana.node->invite(world.now);
  const auto accepted = ben.node->add(*link, "", world.now, {});
  ASSERT_TRUE(accepted);
  ASSERT_TRUE(ana.node->add(*accepted->answer_link, "", world.now, {}));

  base::SeededRandom random(6);
  base::Bytes bytes(10'000'000);
  random.fill(bytes);
  auto intake =
      ana.node->begin_file("ben", {.name = "film", .media_type = {}, .size = bytes.size()}, {});
  ASSERT_TRUE(intake);
  ASSERT_TRUE((*intake)->add(bytes));
  const auto sent = ana.node->send_file("ben", **intake, {}, world.now, {});
  ASSERT_TRUE(sent);
  ana.settle(world.now);

  const auto arrived = [&]() -> const FileInfo {
    const auto files = ben.node->files();
    return files.empty() ? FileInfo{} : files.front();
  };
  for (Station* relay : {&first, &second, &third}) {
    world.meet(ana, *relay, 30s);
    EXPECT_EQ(arrived().chunks_done, 0U);
  }
  for (Station* relay : {&first, &second, &third}) {
    EXPECT_NE(arrived().state, FileState::whole) << "one or two of them are not enough";
    world.meet(*relay, ben, 30s);
  }
  ASSERT_EQ(arrived().state, FileState::whole);
  auto reader = ben.node->open_file(arrived().message);
  ASSERT_TRUE(reader);
  base::Bytes read;
  for (base::Bytes piece = (*reader)->next(); !piece.empty(); piece = (*reader)->next()) {
    read.insert(read.end(), piece.begin(), piece.end());
  }
  EXPECT_EQ((*reader)->end(), FileReader::End::right);
  EXPECT_TRUE(read == bytes);

  // The way back: every relay is free of every chunk, and so is the sender, also of those that
  // never came.
  for (Station* relay : {&first, &second, &third}) {
    world.meet(*relay, ben, 30s);
    world.meet(ana, *relay, 30s);
  }
  EXPECT_EQ(ana.node->find_file(sent->id)->state, FileState::delivered);
  for (Station* one : {&ana, &first, &second, &third}) {
    std::size_t chunks = 0;
    one->store.envelopes().for_each([&](mesh_router::StoreKey, const auto& record) {
      if (record.kind == wire::EnvelopeKind::sealed && record.size > 60'000) ++chunks;
    });
    EXPECT_EQ(chunks, 0U);
  }
}

}  // namespace
}  // namespace chaski::node
