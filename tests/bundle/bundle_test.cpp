// SPDX-License-Identifier: Apache-2.0
// Afraid of: a bundle that two builds write differently; a changed, cut or reordered one that is
// believed; a hostile one that costs memory or time.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/hex.hpp"
#include "base/random.hpp"
#include "bundle/summary.hpp"
#include "bundle/writer.hpp"
#include "sample_bundle.hpp"

namespace chaski::bundle {
namespace {

struct Walked {
  std::optional<BundleError> error;
  std::vector<std::pair<BlockKind, base::Bytes>> blocks;  ///< opened
  bool whole = false;
};

/// As a reader of a file does.
Walked walk(base::ByteView file, std::optional<base::ByteView> network_key = {}) {
  Walked walked;
  Parser parser;
  BlockKey key;
  while (!parser.done()) {
    const std::size_t size = parser.wants();
    EXPECT_LE(size, kBlockSizeMax);
    if (size > file.size()) return walked;
    const base::ByteView bytes = file.first(size);
    file = file.subspan(size);
    const auto step = parser.take(bytes);
    if (!step) {
      walked.error = step.error();
      return walked;
    }
    if (step->header) key = block_key(network_key, step->header->salt);
    if (!step->block) continue;
    const auto text = open_block(key, step->index, *step->block, bytes);
    if (!text) {
      walked.error = text.error();
      return walked;
    }
    walked.blocks.emplace_back(step->block->kind, *text);
  }
  walked.whole = file.empty();
  return walked;
}

TEST(Bundle, HasTheBytesOfItsPage) {
  EXPECT_EQ(base::to_hex(sample_bundle()), kSampleHex);
}

TEST(Bundle, IsReadAsItWasWritten) {
  const Walked walked = walk(sample_bundle());
  ASSERT_TRUE(walked.whole);
  ASSERT_EQ(walked.blocks.size(), 2u);
  EXPECT_EQ(walked.blocks[0].first, BlockKind::summary);
  EXPECT_EQ(decode_summary(walked.blocks[0].second), sample_ids());
  EXPECT_EQ(walked.blocks[1].first, BlockKind::envelopes);
  EXPECT_EQ(walked.blocks[1].second, sample_records());
}

TEST(Bundle, EveryFlippedBitIsSeen) {
  const base::Bytes good = sample_bundle();
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    base::Bytes bad = good;
    bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ 1u << bit % 8);
    const Walked walked = walk(bad);
    EXPECT_TRUE(walked.error || !walked.whole) << bit;
  }
}

TEST(Bundle, CutAnywhereItIsNotWhole) {
  const base::Bytes good = sample_bundle();
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(walk(base::ByteView(good).first(size)).whole) << size;
  }
  base::Bytes longer = good;
  longer.push_back(0);
  EXPECT_FALSE(walk(longer).whole);
}

TEST(Bundle, OfAClosedMeshOpensUnderItsKeyAlone) {
  const base::Bytes network_key(32, 7);
  const Header header = sample_header();
  Writer writer(header, block_key(base::ByteView(network_key), header.salt));
  writer.add(BlockKind::envelopes, sample_records());
  writer.end();
  const base::Bytes file = writer.take();
  EXPECT_EQ(file.size(), writer.size());
  EXPECT_TRUE(walk(file, base::ByteView(network_key)).whole);
  EXPECT_EQ(walk(file).error, BundleError::damaged);
}

TEST(Bundle, BlocksOfOneDoNotOpenElsewhere) {
  const Header header = sample_header();
  const BlockKey key = block_key({}, header.salt);
  base::Bytes block;
  seal_block(key, 1, BlockKind::envelopes, sample_records(), block);
  const base::ByteView sealed = base::ByteView(block).subspan(kBlockHeadSize);
  const BlockHead head = *decode_block_head(base::ByteView(block).first(kBlockHeadSize));
  EXPECT_TRUE(open_block(key, 1, head, sealed));
  EXPECT_FALSE(open_block(key, 2, head, sealed));
  EXPECT_FALSE(open_block(key, 1, {BlockKind::summary, head.size}, sealed));
  EXPECT_FALSE(open_block(block_key({}, Salt{}), 1, head, sealed));
}

TEST(Bundle, ItsMarkMeansSomethingToItsWriterAlone) {
  const base::Bytes secret(32, 1);
  const base::Bytes another(32, 2);
  const Salt salt = sample_header().salt;
  EXPECT_EQ(mark_of(secret, salt), mark_of(secret, salt));
  EXPECT_NE(mark_of(secret, salt), mark_of(another, salt));
  EXPECT_NE(mark_of(secret, salt), mark_of(secret, Salt{}));
}

TEST(Bundle, AnotherVersionOrAnotherFileIsTold) {
  base::Bytes file = sample_bundle();
  file[7] = 2;
  EXPECT_EQ(walk(file).error, BundleError::newer_version);
  file[0] = 'C';
  EXPECT_EQ(walk(file).error, BundleError::not_a_bundle);
}

TEST(BundleHostile, SizesAndOrderAreBounded) {
  const auto head_of = [](std::uint8_t kind, std::uint32_t size) {
    base::Bytes file;
    append_header(sample_header(), file);
    append_block_head({static_cast<BlockKind>(kind), size}, file);
    return walk(file).error;
  };
  EXPECT_EQ(head_of(2, kBlockSizeMax + 1), BundleError::malformed);
  EXPECT_EQ(head_of(2, 15), BundleError::malformed);
  EXPECT_EQ(head_of(0, 31), BundleError::malformed);
  EXPECT_EQ(head_of(2, kBlockSizeMax), std::nullopt);
  EXPECT_EQ(head_of(77, 16), std::nullopt) << "kinds of later versions are skipped";
  Writer writer(sample_header(), block_key({}, sample_header().salt));
  writer.add(BlockKind::envelopes, {});
  writer.add(BlockKind::summary, encode_summary({}));
  writer.end();
  EXPECT_EQ(walk(writer.take()).error, BundleError::malformed) << "a summary behind envelopes";
}

TEST(BundleHostile, EndlessBlocksEndAtTheLargestSize) {
  Parser parser;
  base::Bytes header;
  append_header(sample_header(), header);
  ASSERT_TRUE(parser.take(header));
  base::Bytes head;
  append_block_head({BlockKind::envelopes, kBlockSizeMax}, head);
  const base::Bytes text(kBlockSizeMax);
  std::uint64_t size = kHeaderSize;
  while (parser.take(head)) {
    size += kBlockHeadSize + text.size();
    ASSERT_LE(size, kBundleSizeMax);
    ASSERT_TRUE(parser.take(text));
  }
  EXPECT_GT(size + kBlockSizeMax + kBlockHeadSize, kBundleSizeMax);
}

TEST(Summary, OfNothingAndOfOne) {
  EXPECT_EQ(base::to_hex(encode_summary({})), "0000");
  EXPECT_EQ(decode_summary(encode_summary({})), std::vector<reconcile::ShortId>{});
  const std::vector<reconcile::ShortId> one{(reconcile::ShortId{1} << 48) - 1};
  EXPECT_EQ(decode_summary(encode_summary(one)), one);
}

RC_GTEST_PROP(Summary, IsReadAsItWasWritten, ()) {
  auto ids = *rc::gen::container<std::vector<std::uint64_t>>(
      rc::gen::inRange<std::uint64_t>(1, std::uint64_t{1} << 48));
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  const base::Bytes text = encode_summary(ids);
  RC_ASSERT(decode_summary(text) == ids);
  RC_ASSERT(text.size() <= 16 + ids.size() * 7);
}

TEST(Summary, CostsAboutFiveBytesAnEnvelope) {
  base::SeededRandom random(1);
  std::vector<reconcile::ShortId> ids;
  for (std::size_t i = 0; i < 10'000; ++i) {
    ids.push_back(1 + random.below((std::uint64_t{1} << 48) - 1));
  }
  std::sort(ids.begin(), ids.end());
  EXPECT_LT(encode_summary(ids).size(), ids.size() * 47 / 10);
}

TEST(SummaryHostile, OnlyTheOneSpellingIsRead) {
  const base::Bytes good = encode_summary(sample_ids());
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(decode_summary(base::ByteView(good).first(size))) << size;
  }
  base::Bytes longer = good;
  longer.push_back(0);
  EXPECT_FALSE(decode_summary(longer));
  base::Bytes zero_id = good;
  std::fill(zero_id.begin() + 2, zero_id.begin() + 8, std::uint8_t{0});
  EXPECT_FALSE(decode_summary(zero_id));
  base::Bytes backwards = good;
  std::fill(backwards.begin() + 8, backwards.begin() + 14, std::uint8_t{0});
  EXPECT_FALSE(decode_summary(backwards));
  // 65,535 ids of one bit each, twice as many as a block may have.
  base::Bytes many{0xFF, 0xFF, 1, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0};
  many.resize(many.size() + 8'192);
  EXPECT_FALSE(decode_summary(many));
}

}  // namespace
}  // namespace chaski::bundle
