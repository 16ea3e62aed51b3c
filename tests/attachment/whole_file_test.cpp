// SPDX-License-Identifier: Apache-2.0
// A file through every step: cut, made safe, sealed, lost in part, opened, rebuilt, checked.
#include <gtest/gtest.h>

#include <algorithm>

#include "attachment/chunk_book.hpp"
#include "attachment/chunk_sealing.hpp"
#include "tests/attachment/files.hpp"

namespace chaski::attachment::test {
namespace {

/// Who receives: keeps the chunks that are useful, and makes the file of them.
class Receiver {
 public:
  explicit Receiver(const Manifest& manifest)
      : manifest_(manifest), book_(manifest.plan), chunks_(manifest.plan.chunks()) {}

  void receive(ChunkIndex chunk, base::ByteView envelope) {
    base::Bytes bytes(manifest_.plan.chunk_size());
    const auto fields = wire::decode_envelope(envelope);
    ASSERT_TRUE(fields && open_chunk(manifest_, chunk, *fields, bytes));
    if (book_.add(chunk) == ChunkBook::Added::useful) chunks_[chunk] = bytes;
  }
  const ChunkBook& book() const { return book_; }

  base::Bytes file() {
    const ChunkPlan& plan = manifest_.plan;
    for (std::uint32_t group = 0; group < plan.groups(); ++group) mend(group);
    base::Bytes out;
    for (ChunkIndex chunk = 0; chunk < plan.data_chunks(); ++chunk) {
      const auto part = base::ByteView(chunks_[chunk]).first(plan.size_of(chunk));
      out.insert(out.end(), part.begin(), part.end());
    }
    FileDigester digester(manifest_.secret);
    digester.add(out);
    EXPECT_EQ(digester.finish(), manifest_.digest);
    return out;
  }

 private:
  void mend(std::uint32_t group) {
    const ChunkPlan& plan = manifest_.plan;
    std::vector<Row> have;
    for (const std::uint32_t row : book_.rows_here(group)) {
      have.push_back({row, chunks_[plan.chunk_at({group, row})]});
    }
    const auto missing = book_.data_missing(group);
    std::vector<base::MutableByteView> out;
    for (const std::uint32_t row : missing) {
      base::Bytes& chunk = chunks_[plan.chunk_at({group, row})];
      chunk.resize(plan.chunk_size());
      out.emplace_back(chunk);
    }
    rebuild(plan.group_data(group), have, missing, out);
  }

  const Manifest& manifest_;
  ChunkBook book_;
  std::vector<base::Bytes> chunks_;
};

TEST(WholeFile, ComesBackFromAnySufficientPartOfItsChunksInAnyOrder) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    base::SeededRandom random(seed);
    const base::Bytes file = random_bytes(random, random.below(700'000));
    const Manifest manifest = manifest_of(random, file, *ChunkPlan::choose(file.size()));
    const auto chunks = chunks_of(file, manifest.plan);
    std::vector<ChunkIndex> order(chunks.size());
    for (ChunkIndex i = 0; i < order.size(); ++i) order[i] = i;
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
    Receiver receiver(manifest);
    for (const ChunkIndex chunk : order) {
      if (receiver.book().complete()) break;
      receiver.receive(chunk, seal_chunk(manifest, chunk, chunks[chunk]));
    }
    ASSERT_TRUE(receiver.book().complete()) << "seed " << seed;
    EXPECT_EQ(receiver.file(), file) << "seed " << seed;
  }
}

/// The chance that a file of 10 MB does not complete from three relays that carry a random 60 % of
/// its chunks each is below 1 in 10,000: a chunk is with none of them with chance 0.064.
TEST(WholeFile, ThreeRelaysWithSixtyPercentEachAreEnough) {
  const auto plan = *ChunkPlan::choose(10'000'000);
  base::SeededRandom random(21);
  int incomplete = 0;
  for (int round = 0; round < 2'000; ++round) {
    ChunkBook book(plan);
    for (int relay = 0; relay < 3; ++relay) {
      for (ChunkIndex chunk = 0; chunk < plan.chunks(); ++chunk) {
        if (random.below(100) < 60) book.add(chunk);
      }
    }
    if (!book.complete()) ++incomplete;
  }
  EXPECT_LE(incomplete, 2);
}

TEST(WholeFile, DigestInPiecesIsTheDigestOfTheWhole) {
  base::SeededRandom random(31);
  const base::Bytes file = random_bytes(random, 100'000);
  const Manifest manifest = manifest_of(random, file, *ChunkPlan::choose(file.size()));
  FileDigester pieces(manifest.secret);
  for (std::size_t at = 0; at < file.size();) {
    const std::size_t size = std::min<std::size_t>(1 + random.below(9'000), file.size() - at);
    pieces.add(base::ByteView(file).subspan(at, size));
    at += size;
  }
  EXPECT_EQ(pieces.finish(), manifest.digest);
}

}  // namespace
}  // namespace chaski::attachment::test
