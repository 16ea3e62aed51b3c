// SPDX-License-Identifier: Apache-2.0
// What a contact that lies can make of files.
#include "attachment/chunk_sealing.hpp"
#include "node/file_receiver.hpp"
#include "tests/node/person.hpp"

namespace chaski::node {
namespace {

using namespace std::chrono_literals;

attachment::Manifest manifest_of(std::uint64_t size, base::Random& random) {
  attachment::Manifest manifest;
  random.fill(manifest.secret.mutable_view());
  random.fill(manifest.digest.mutable_view());
  manifest.plan = *attachment::ChunkPlan::choose(size);
  manifest.lifetime_s = 3'600;
  return manifest;
}

/// A person to whom a contact announces files.
struct Announced {
  Announced() : ben(2, "ben") {
    contact.id.bytes[0] = 1;
    contact.name = "ana";
  }
  void announce(const attachment::Manifest& manifest) {
    MessageRecord message;
    message.id = ++messages;
    message.contact = contact.id;
    message.direction = Direction::incoming;
    ben.files.arrived(message, attachment::encode_manifest(manifest), now);
  }
  void wake() {
    std::vector<wire::DeliveryTag> fresh;
    ben.files.wake(ben.router, now, fresh);
  }
  Person ben;
  ContactRecord contact;
  MessageId messages = 0;
  base::Time now = base::from_us(1'000'000);
};

TEST(FileBounds, OfOneContactSixteenComeAtOnceAndTheirTagsAreBounded) {
  Announced world;
  base::SeededRandom random(1);
  const std::size_t tags_before = world.ben.contacts.tags().size();
  for (int i = 0; i < 40; ++i) {
    world.announce(manifest_of(std::uint64_t{1} << 40, random));  // a terabyte each
    world.wake();
  }
  const auto files = world.ben.files.list();
  EXPECT_EQ(files.size(), 40u) << "those above wait";
  EXPECT_EQ(std::count_if(files.begin(), files.end(),
                          [](const FileInfo& file) { return !file.waits_for_room; }),
            static_cast<std::ptrdiff_t>(FileReceiver::kFromContactMax));
  EXPECT_LE(world.ben.contacts.tags().size(), tags_before + FileReceiver::kTagsMax);
  EXPECT_GT(world.ben.contacts.tags().size(), tags_before + FileReceiver::kTagsMax / 2);
  // They end, and what waited for them is forgotten.
  world.now += 3h;
  world.wake();
  for (const FileInfo& file : world.ben.files.list()) {
    EXPECT_EQ(file.state, FileState::expired);
  }
  EXPECT_EQ(world.ben.contacts.tags().size(), tags_before);
  world.announce(manifest_of(1'000, random));
  EXPECT_EQ(world.ben.files.list().back().state, FileState::under_way);
}

TEST(FileBounds, FilesWaitInTheirOrderWhileOthersOfTheirContactCome) {
  Announced world;
  base::SeededRandom random(4);
  const auto waiting = [&] {
    std::vector<MessageId> out;
    for (const FileInfo& file : world.ben.files.list()) {
      if (file.waits_for_room) out.push_back(file.message);
    }
    return out;
  };
  for (int i = 0; i < 20; ++i) world.announce(manifest_of(200'000, random));
  EXPECT_EQ(waiting(), (std::vector<MessageId>{17, 18, 19, 20}));
  const auto seventeenth = world.ben.files.find(17);
  ASSERT_TRUE(seventeenth);
  EXPECT_EQ(seventeenth->size, 200'000u);
  EXPECT_EQ(seventeenth->state, FileState::under_way);
  EXPECT_EQ(world.ben.files.open(17).error(), PersonError::file_not_here);
  // Another contact's are not behind them.
  world.contact.id.bytes[0] = 9;
  world.announce(manifest_of(1'000, random));
  EXPECT_EQ(waiting().size(), 4u);
  ASSERT_TRUE(world.ben.files.remove(18));
  ASSERT_TRUE(world.ben.files.remove(3));
  EXPECT_EQ(world.ben.files.next_wakeup(), base::Time{});
  world.contact.id.bytes[0] = 1;
  world.announce(manifest_of(200'000, random));  // the place that is free now is not for this one
  EXPECT_EQ(waiting(), (std::vector<MessageId>{19, 20, 22}));
  world.wake();
  EXPECT_EQ(waiting(), (std::vector<MessageId>{19, 20, 22}));
  world.now += 3h;
  world.wake();
  world.wake();
  EXPECT_TRUE(waiting().empty());
  EXPECT_EQ(world.ben.files.find(20)->state, FileState::expired);
  EXPECT_FALSE(world.ben.files.find(18));
}

TEST(FileBounds, OfOneContactNotMoreWaitThanAreKeptAccountOf) {
  Announced world;
  base::SeededRandom random(5);
  for (int i = 0; i < 400; ++i) world.announce(manifest_of(std::uint64_t{1} << 40, random));
  EXPECT_EQ(world.ben.files.list().size(),
            FileReceiver::kFromContactMax + WaitingFiles::kFromContactMax);
}

TEST(FileBounds, AFileThatGetsNoTagsGetsThemWhenAnotherEnds) {
  Announced world;
  base::SeededRandom random(2);
  for (int i = 0; i < 32; ++i) {
    world.contact.id.bytes[0] = static_cast<std::uint8_t>(1 + i / 16);  // two contacts
    world.announce(manifest_of(std::uint64_t{1} << 40, random));
  }
  ASSERT_EQ(world.ben.files.list().size(), 32U);
  const std::size_t full = world.ben.contacts.tags().size();
  ASSERT_TRUE(world.ben.files.remove(1));
  EXPECT_LT(world.ben.contacts.tags().size(), full);
  world.wake();
  EXPECT_EQ(world.ben.contacts.tags().size(), full) << "the next in line has them";
}

TEST(FileBounds, WhatIsNoManifestIsNoFile) {
  Announced world;
  MessageRecord message;
  message.id = 1;
  message.contact = world.contact.id;
  base::SeededRandom random(3);
  base::Bytes bytes = attachment::encode_manifest(manifest_of(5'000, random));
  bytes.push_back(0);
  world.ben.files.arrived(message, bytes, world.now);
  EXPECT_TRUE(world.ben.files.list().empty());
}

TEST(FileBounds, JunkUnderAChunksTagIsNotTakenAndDoesNotHideTheChunk) {
  Announced world;
  base::SeededRandom random(4);
  const attachment::Manifest manifest = manifest_of(4'000, random);
  world.announce(manifest);
  const base::Bytes text(manifest.plan.chunk_size(), 7);
  const base::Bytes envelope = attachment::seal_chunk(manifest, 1, text);
  const auto owner = world.ben.contacts.tags().find(attachment::chunk_marks(manifest, 1).tag);
  ASSERT_TRUE(owner);
  EXPECT_EQ(owner->kind, TagOwner::Kind::chunk);
  const auto take = [&](const base::Bytes& bytes) {
    PendingReceipt receipt;
    return world.ben.files.receiver().take(*owner, wire::envelope_id(bytes),
                                           *wire::decode_envelope(bytes), {}, receipt);
  };
  base::Bytes junk = envelope;
  junk.back() ^= 1;
  EXPECT_EQ(take(junk), FileReceiver::Taken::does_not_open);
  EXPECT_EQ(take(attachment::seal_chunk(manifest, 2, text)), FileReceiver::Taken::does_not_open);
  EXPECT_EQ(take(envelope), FileReceiver::Taken::yes);
  EXPECT_EQ(world.ben.files.list().front().chunks_done, 1U);
  EXPECT_EQ(take(envelope), FileReceiver::Taken::yes) << "its receipt may have been lost";
  EXPECT_EQ(world.ben.files.list().front().chunks_done, 1U);
}

TEST(FileBounds, WhatEndedTakesNoRoomAfterARestart) {
  Announced world;
  base::SeededRandom random(6);
  const attachment::Manifest first = manifest_of(4'000, random);
  const attachment::Manifest second = manifest_of(4'000, random);
  // One contact may have half of what there is room for: one piece.
  world.ben.store.files().set_bytes_max(
      2 * (first.plan.chunk_size() + std::uint64_t{attachment::kCopyTagSize}));
  const auto take = [&](FileDesk& files, const attachment::Manifest& manifest) {
    const auto tag = attachment::chunk_marks(manifest, 1).tag;
    const auto owner = world.ben.contacts.tags().find(tag);
    EXPECT_TRUE(owner);
    const base::Bytes text(manifest.plan.chunk_size(), 7);
    const base::Bytes envelope = attachment::seal_chunk(manifest, 1, text);
    PendingReceipt receipt;
    return files.receiver().take(*owner, wire::envelope_id(envelope),
                                 *wire::decode_envelope(envelope), {}, receipt);
  };
  world.announce(first);
  EXPECT_EQ(take(world.ben.files, first), FileReceiver::Taken::yes);
  world.ben.files.save_dirty();
  world.now += 3h;
  world.wake();
  world.ben.files.save_dirty();
  ASSERT_EQ(world.ben.files.list().front().state, FileState::expired);

  FileDesk again(world.ben.context, world.ben.contacts);
  std::vector<wire::DeliveryTag> fresh;
  again.load(fresh);
  MessageRecord message;
  message.id = 2;
  message.contact = world.contact.id;
  message.direction = Direction::incoming;
  again.arrived(message, attachment::encode_manifest(second), world.now);
  EXPECT_EQ(take(again, second), FileReceiver::Taken::yes);
}

}  // namespace
}  // namespace chaski::node
