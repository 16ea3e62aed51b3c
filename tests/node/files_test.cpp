// SPDX-License-Identifier: Apache-2.0
// Files between two nodes, in virtual time.
#include "attachment/chunk_sealing.hpp"
#include "node/file_intake.hpp"
#include "node/file_reader.hpp"
#include "node/file_transfer.hpp"
#include "tests/node/parties.hpp"

namespace chaski::node {
namespace {

base::Bytes content_of(std::size_t size, std::uint64_t seed) {
  base::SeededRandom random(seed);
  base::Bytes bytes(size);
  random.fill(bytes);
  return bytes;
}

MessageId send(Party& from, const std::string& to, base::ByteView bytes, base::Time now,
               const SendOptions& options = {}) {
  auto intake = from.node->begin_file(
      to, {.name = "map.png", .media_type = "image/png", .size = bytes.size()}, options);
  EXPECT_TRUE(intake);
  // In pieces that fit no chunk.
  for (base::ByteView rest = bytes; !rest.empty();) {
    const std::size_t size = std::min<std::size_t>(rest.size(), 10'007);
    EXPECT_TRUE((*intake)->add(rest.first(size)));
    rest = rest.subspan(size);
  }
  const auto sent = from.node->send_file(to, **intake, options, now, {});
  EXPECT_TRUE(sent);
  return sent ? sent->id : 0;
}

std::optional<FileInfo> first_incoming(const Party& party) {
  for (const FileInfo& file : party.node->files()) {
    if (file.direction == Direction::incoming) return file;
  }
  return std::nullopt;
}

/// What a person gets who saves it; nothing when its digest is wrong.
std::optional<base::Bytes> saved(Party& party) {
  const auto file = first_incoming(party);
  if (!file) return std::nullopt;
  auto reader = party.node->open_file(file->message);
  if (!reader) return std::nullopt;
  base::Bytes out;
  for (base::Bytes piece = (*reader)->next(); !piece.empty(); piece = (*reader)->next()) {
    out.insert(out.end(), piece.begin(), piece.end());
  }
  if ((*reader)->end() != FileReader::End::right) return std::nullopt;
  return out;
}

void expect_arrives(Pair& pair, MessageId message, const base::Bytes& bytes) {
  EXPECT_EQ(saved(pair.b), bytes);
  const auto out = pair.a.node->find_file(message);
  ASSERT_TRUE(out);
  EXPECT_EQ(out->state, FileState::delivered);
  EXPECT_EQ(pair.a.store.files().bytes(), 0U) << "the sealed copy is gone";
  EXPECT_EQ(pair.a.node->router().usage().envelopes, pair.b.node->router().usage().envelopes)
      << "receipts alone are held";
}

TEST(Files, OfAnySizeArrive) {
  for (const std::size_t size : {0U, 1U, 1'656U, 1'657U, 100'000U, 2'500'000U}) {
    Pair pair(size + 7);
    pair.meet();
    const base::Bytes bytes = content_of(size, size);
    const MessageId message = send(pair.a, "ben", bytes, pair.now);
    pair.dial(0);
    pair.wait(20s);
    expect_arrives(pair, message, bytes);
    const auto in = first_incoming(pair.b);
    ASSERT_TRUE(in);
    EXPECT_EQ(in->name, "map.png");
    EXPECT_EQ(in->media_type, "image/png");
    EXPECT_EQ(in->size, size);
    EXPECT_EQ(in->chunks_done, in->chunks);
  }
}

TEST(Files, ThatAreLargerThanTheStoreArrive) {
  Pair pair(3);
  pair.meet();
  const base::Bytes bytes = content_of(12'000'000, 5);  // the stores have 4 MiB
  const MessageId message = send(pair.a, "ben", bytes, pair.now);
  pair.dial(0);
  pair.wait(30s);
  expect_arrives(pair, message, bytes);
}

TEST(Files, GoOnAfterCrashesAtAnyMoment) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE(seed);
    Pair pair(seed);
    pair.meet();
    base::SeededRandom random(seed);
    const base::Bytes bytes = content_of(1'500'000 + random.below(2'000'000), seed);
    const MessageId message = send(pair.a, "ben", bytes, pair.now);
    pair.a.settle(pair.now);
    for (int crash = 0; crash < 6; ++crash) {
      const base::LinkId link = pair.dial(random.below(2));
      const std::uint64_t moves = 20 + random.below(400);
      for (std::uint64_t i = 0; i < moves; ++i) {
        pair.now += 5ms;
        for (const std::size_t side : {0U, 1U}) {
          pair.side(side).node->wake(pair.now);
          pair.speak(side);
        }
        for (const std::size_t side : {0U, 1U}) pair.deliver(link, side);
      }
      const std::size_t victim = random.below(2);
      pair.links.at(link).to = {};
      pair.close(link, 1 - victim);
      pair.side(1 - victim).node->link_closed(link, pair.now);
      pair.links.at(link).open = {false, false};
      pair.side(victim).crash(pair.now);
      pair.seen_closed[victim] = pair.side(victim).events.size();
    }
    pair.dial(0);
    pair.wait(30s);
    expect_arrives(pair, message, bytes);
  }
}

TEST(Files, GoOnAfterTheSenderOrTheReaderWasLocked) {
  for (const std::size_t side : {0U, 1U}) {
    Pair pair(20 + side);
    pair.meet();
    const base::Bytes bytes = content_of(900'000, 3);
    const MessageId message = send(pair.a, "ben", bytes, pair.now);
    const base::LinkId link = pair.dial(0);
    for (int i = 0; i < 150; ++i) {
      for (const std::size_t one : {0U, 1U}) {
        pair.side(one).node->wake(pair.now);
        pair.speak(one);
      }
      for (const std::size_t one : {0U, 1U}) pair.deliver(link, one);
    }
    pair.side(side).settle(pair.now);
    pair.side(side).node->lock(pair.now);
    EXPECT_TRUE(pair.side(side).node->files().empty());
    pair.wait(20s);  // its chunks are carried, and their receipts come, meanwhile
    pair.side(side).node->unlock(pair.now);
    pair.wait(20s);
    expect_arrives(pair, message, bytes);
  }
}

TEST(Files, WaitForRoomOnTheDisk) {
  Pair pair(30);
  pair.meet();
  pair.b.store.files().set_bytes_max(400'000);  // half of it for one contact
  const base::Bytes bytes = content_of(600'000, 3);
  const MessageId message = send(pair.a, "ben", bytes, pair.now);
  pair.dial(0);
  pair.wait(10s);
  auto in = first_incoming(pair.b);
  ASSERT_TRUE(in);
  EXPECT_TRUE(in->waits_for_room);
  EXPECT_EQ(in->state, FileState::under_way);
  EXPECT_LE(pair.b.store.files().bytes(), 200'000U);
  EXPECT_GT(pair.b.store.files().bytes(), 100'000U);
  pair.b.store.files().set_bytes_max(4'000'000);
  pair.wait(10min);
  expect_arrives(pair, message, bytes);
}

TEST(Files, ThatAreRemovedLeaveNothing) {
  Pair pair(40);
  pair.meet();
  const MessageId message = send(pair.a, "ben", content_of(600'000, 3), pair.now);
  ASSERT_TRUE(pair.a.node->remove_file(message));
  EXPECT_EQ(pair.a.node->remove_file(message).error(), PersonError::unknown_file);
  pair.dial(0);
  pair.wait(5s);
  EXPECT_TRUE(pair.a.node->files().empty());
  EXPECT_EQ(pair.a.store.files().bytes(), 0U);
  const auto in = first_incoming(pair.b);  // its message was under way already
  ASSERT_TRUE(in);
  ASSERT_TRUE(pair.b.node->remove_file(in->message));
  pair.wait(1s);
  EXPECT_EQ(pair.b.store.files().bytes(), 0U);
  pair.b.crash(pair.now);
  EXPECT_TRUE(pair.b.node->files().empty());
}

TEST(Files, ThatNeverComeEnd) {
  Pair pair(50);
  pair.meet();
  SendOptions options;
  options.lifetime_s = 3'600;
  const MessageId message = send(pair.a, "ben", content_of(100'000, 3), pair.now, options);
  pair.a.settle(pair.now);
  pair.now += 3'601s;
  pair.a.node->wake(pair.now);
  pair.a.settle(pair.now);
  EXPECT_EQ(pair.a.node->find_file(message)->state, FileState::expired);
  EXPECT_EQ(pair.a.store.files().bytes(), 0U);
}

TEST(Files, ACopyThatWasChangedOnTheDiskIsNeverSealed) {
  Pair pair(60);
  pair.meet();
  const MessageId message = send(pair.a, "ben", content_of(300'000, 3), pair.now);
  pair.a.settle(pair.now);
  // The last piece of the copy, before it is made.
  FileRecord record;
  pair.a.store.files().for_each([&](const FileRecord& one) { record = one; });
  const auto transfer = FileTransfer::load(record, pair.a.store.files());
  base::Bytes piece(transfer->piece_size());
  const std::uint64_t last = transfer->plan().data_chunks() - 1;
  ASSERT_TRUE(pair.a.store.files().read(record.number, last * piece.size(), piece));
  piece[7] ^= 1;
  ASSERT_TRUE(pair.a.store.files().write(record.number, last * piece.size(), piece));
  pair.dial(0);
  pair.wait(10s);
  EXPECT_EQ(pair.a.node->find_file(message)->state, FileState::damaged);
  EXPECT_EQ(first_incoming(pair.b)->state, FileState::under_way);
}

TEST(FileReader, TellsAFileWhoseSenderLiedAboutItsDigest) {
  JournaledFiles store;
  base::SeededRandom random(1);
  attachment::Manifest manifest;
  manifest.plan = *attachment::ChunkPlan::choose(5'000);
  FileIntake intake(store, random, manifest);
  ASSERT_TRUE(intake.add(content_of(5'000, 1)));
  ASSERT_TRUE(intake.finish());
  const base::ByteView key = intake.copy_key().view();
  FileRecord record;
  record.number = intake.number();
  record.copy_key.assign(key.begin(), key.end());
  attachment::Manifest lie = intake.manifest();
  lie.digest.bytes[0] ^= 1;
  for (const auto& [about, end] : {std::pair(intake.manifest(), FileReader::End::right),
                                   std::pair(lie, FileReader::End::wrong)}) {
    FileReader reader(store, record, about);
    while (!reader.next().empty()) {
    }
    EXPECT_EQ(reader.end(), end);
  }
}

TEST(FileIntake, TakesExactlyWhatWasAnnounced) {
  JournaledFiles store;
  base::SeededRandom random(1);
  attachment::Manifest manifest;
  manifest.plan = *attachment::ChunkPlan::choose(5'000);
  {
    FileIntake short_one(store, random, manifest);
    EXPECT_TRUE(short_one.add(content_of(4'999, 1)));
    EXPECT_FALSE(short_one.finish());
    EXPECT_FALSE(short_one.add(content_of(2, 1)));
    EXPECT_GT(store.bytes(), 0U);
  }
  EXPECT_EQ(store.bytes(), 0U) << "what has no record goes with the intake";
}

}  // namespace
}  // namespace chaski::node
