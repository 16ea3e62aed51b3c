// SPDX-License-Identifier: Apache-2.0
// A backup lies where others may read, cut and change it: it opens whole and unchanged, or not.
#include "vault/backup.hpp"

#include <gtest/gtest.h>

namespace chaski::vault {
namespace {

constexpr PassphraseCost kCheap{.passes = 1, .memory_KiB = PassphraseCost::kMemoryMin_KiB};

KeyEncryptionKey some_key(std::uint8_t number) {
  KeyEncryptionKey key;
  key.mutable_view()[0] = number;
  return key;
}

struct Backup {
  BackupHeader header;
  base::Bytes bytes;  ///< without the header
};

/// So many messages of this size between an identity and the end.
Backup make(std::size_t messages, std::size_t size, std::uint64_t seed = 1) {
  base::SeededRandom random(seed);
  const BackupHeader header = BackupHeader::make(kCheap, random);
  BackupWriter writer(header, some_key(1));
  writer.put(BackupItemKind::identity, base::Bytes(64, 1));
  for (std::size_t i = 0; i < messages; ++i) {
    writer.put(BackupItemKind::message, base::Bytes(size, static_cast<std::uint8_t>(i)));
  }
  writer.put(BackupItemKind::end, {});
  writer.finish();
  base::Bytes all = writer.take();
  EXPECT_EQ(*BackupHeader::decode(base::ByteView(all).first(BackupHeader::kSize)), header);
  all.erase(all.begin(), all.begin() + BackupHeader::kSize);
  return {header, std::move(all)};
}

/// All items, or why not.
base::Expected<std::vector<BackupItem>, BackupError> read(const BackupHeader& header,
                                                          base::ByteView bytes,
                                                          std::size_t piece = 10'000,
                                                          std::uint8_t key = 1) {
  BackupReader reader(header, some_key(key));
  std::vector<BackupItem> all;
  while (!bytes.empty()) {
    const auto part = bytes.first(std::min(piece, bytes.size()));
    auto items = reader.feed(part);
    if (!items) return items;
    for (BackupItem& item : *items) all.push_back(std::move(item));
    bytes = bytes.subspan(part.size());
  }
  auto last = reader.finish();
  if (!last) return last;
  for (BackupItem& item : *last) all.push_back(std::move(item));
  return all;
}

TEST(Backup, ComesBackWholeInPiecesOfAnySize) {
  for (const std::size_t messages : {0u, 1u, 7u, 300u}) {
    const Backup backup = make(messages, 1'000);
    for (const std::size_t piece : {1u, 1'000u, 65'552u, 10'000'000u}) {
      if (piece == 1 && messages == 300) continue;
      const auto items = read(backup.header, backup.bytes, piece);
      ASSERT_TRUE(items) << messages << " " << piece;
      ASSERT_EQ(items->size(), messages + 2);
      EXPECT_EQ(items->front().kind, BackupItemKind::identity);
      for (std::size_t i = 0; i < messages; ++i) {
        EXPECT_EQ((*items)[i + 1].bytes, base::Bytes(1'000, static_cast<std::uint8_t>(i)));
      }
    }
  }
}

TEST(Backup, ChunksThatEndWithAnItemAreNoSpecialCase) {
  // Identity: 69 bytes; end: 5. The sizes around a chunk that is exactly full.
  for (std::size_t size = 65'536 - 69 - 5 - 3; size < 65'536 - 69 - 5 + 8; ++size) {
    const Backup backup = make(1, size);
    const auto items = read(backup.header, backup.bytes);
    ASSERT_TRUE(items) << size;
    EXPECT_EQ((*items)[1].bytes.size(), size);
  }
}

TEST(Backup, CutAnywhereItIsRefused) {
  const Backup backup = make(200, 1'000);
  for (std::size_t size = 0; size < backup.bytes.size(); size += 977) {
    EXPECT_FALSE(read(backup.header, base::ByteView(backup.bytes).first(size))) << size;
  }
  const std::size_t chunk = kBackupChunkSize + kBackupTagSize;
  for (const std::size_t size : {chunk, 2 * chunk, 3 * chunk, chunk - 1, chunk + 1}) {
    EXPECT_FALSE(read(backup.header, base::ByteView(backup.bytes).first(size))) << size;
  }
  base::Bytes longer = backup.bytes;
  longer.push_back(0);
  EXPECT_FALSE(read(backup.header, longer));
}

TEST(Backup, ChunksCannotBeSwappedRepeatedOrLeftOut) {
  const Backup backup = make(300, 1'000);
  const std::size_t chunk = kBackupChunkSize + kBackupTagSize;
  ASSERT_GT(backup.bytes.size(), 3 * chunk);
  const auto part = [&](std::size_t i) {
    return base::ByteView(backup.bytes).subspan(i * chunk, chunk);
  };
  const auto with = [&](std::initializer_list<std::size_t> order) {
    base::Bytes bytes;
    for (const std::size_t i : order) bytes.insert(bytes.end(), part(i).begin(), part(i).end());
    bytes.insert(bytes.end(), backup.bytes.begin() + static_cast<std::ptrdiff_t>(3 * chunk),
                 backup.bytes.end());
    return read(backup.header, bytes).has_value();
  };
  EXPECT_TRUE(with({0, 1, 2}));
  EXPECT_FALSE(with({1, 0, 2}));
  EXPECT_FALSE(with({0, 2}));
  EXPECT_FALSE(with({0, 1, 1, 2}));
}

TEST(Backup, EveryChangedByteIsRefusedAndAWrongPassphraseIsOneError) {
  const Backup backup = make(2, 500);
  for (std::size_t at = 0; at < backup.bytes.size(); ++at) {
    base::Bytes changed = backup.bytes;
    changed[at] ^= 1;
    const auto items = read(backup.header, changed);
    ASSERT_FALSE(items) << at;
    EXPECT_EQ(items.error(), BackupError::wrong_passphrase) << "as with another passphrase";
  }
  const auto other = read(backup.header, backup.bytes, 10'000, 2);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error(), BackupError::wrong_passphrase);
  const Backup another = make(2, 500, 9);
  EXPECT_FALSE(read(another.header, backup.bytes)) << "bound to its header";
}

TEST(Backup, HeadersHaveOneSpelling) {
  const auto header = make(0, 0).header;
  const auto bytes = header.encode();
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    auto changed = bytes;
    changed[at] ^= 0x80;
    const auto read = BackupHeader::decode(changed);
    if (read) {
      EXPECT_EQ(read->encode(), changed) << at;
      EXPECT_GE(at, 12u);
    }
  }
  EXPECT_FALSE(BackupHeader::decode(base::ByteView(bytes).first(51)));
}

}  // namespace
}  // namespace chaski::vault
