// SPDX-License-Identifier: Apache-2.0
#include "attachment/chunk_sealing.hpp"

#include <gtest/gtest.h>

#include <set>

#include "tests/attachment/files.hpp"
#include "wire/padding.hpp"

namespace chaski::attachment::test {
namespace {

struct Sealed {
  base::SeededRandom random{11};
  base::Bytes file = random_bytes(random, 40'000);
  Manifest manifest = manifest_of(random, file, *ChunkPlan::choose(file.size()));
  std::vector<base::Bytes> chunks = chunks_of(file, manifest.plan);

  base::Bytes seal(ChunkIndex chunk) const { return seal_chunk(manifest, chunk, chunks[chunk]); }
  bool opens(const Manifest& with, ChunkIndex chunk, const wire::EnvelopeFields& envelope) const {
    base::Bytes out(with.plan.chunk_size());
    return open_chunk(with, chunk, envelope, out) && out == chunks[chunk];
  }
};

TEST(ChunkSealing, WhatIsSealedOpensUnderItsNumberAlone) {
  const Sealed sealed;
  for (ChunkIndex chunk = 0; chunk < sealed.manifest.plan.chunks(); ++chunk) {
    const base::Bytes bytes = sealed.seal(chunk);
    const auto envelope = wire::decode_envelope(bytes);
    ASSERT_TRUE(envelope);
    EXPECT_TRUE(sealed.opens(sealed.manifest, chunk, *envelope));
    EXPECT_FALSE(sealed.opens(sealed.manifest, chunk == 0 ? 1 : 0, *envelope));
    EXPECT_EQ(envelope->tag, chunk_marks(sealed.manifest, chunk).tag);
    EXPECT_EQ(envelope->commitment, wire::commit(chunk_marks(sealed.manifest, chunk).token));
    EXPECT_TRUE(wire::is_padding_class(envelope->body.size()));
  }
}

TEST(ChunkSealing, TheSameManifestGivesTheSameEnvelopeAndNoTwoChunksShareAnything) {
  const Sealed sealed;
  std::set<wire::DeliveryTag> tags;
  std::set<wire::ReceiptToken> tokens;
  std::set<wire::EnvelopeId> ids;
  for (ChunkIndex chunk = 0; chunk < sealed.manifest.plan.chunks(); ++chunk) {
    EXPECT_EQ(sealed.seal(chunk), sealed.seal(chunk));
    EXPECT_TRUE(tags.insert(chunk_marks(sealed.manifest, chunk).tag).second);
    EXPECT_TRUE(tokens.insert(chunk_marks(sealed.manifest, chunk).token).second);
    EXPECT_TRUE(ids.insert(wire::envelope_id(sealed.seal(chunk))).second);
  }
}

TEST(ChunkSealing, TheSameFileToTwoPeopleHasNothingInCommon) {
  Sealed one;
  Manifest other = manifest_of(one.random, one.file, one.manifest.plan);
  EXPECT_NE(other.digest, one.manifest.digest);
  EXPECT_NE(chunk_marks(other, 0).tag, chunk_marks(one.manifest, 0).tag);
  const auto bytes = seal_chunk(other, 0, one.chunks[0]);
  EXPECT_FALSE(one.opens(one.manifest, 0, *wire::decode_envelope(bytes)));
}

TEST(ChunkSealing, EveryFlippedBitFails) {
  const Sealed sealed;
  const base::Bytes good = sealed.seal(3);
  for (std::size_t byte = 0; byte < good.size(); byte += byte < 100 ? 1 : 37) {
    base::Bytes changed = good;
    changed[byte] ^= static_cast<std::uint8_t>(1U << byte % 8);
    const auto envelope = wire::decode_envelope(changed);
    if (!envelope) continue;
    EXPECT_FALSE(sealed.opens(sealed.manifest, 3, *envelope)) << byte;
  }
}

TEST(ChunkSealing, AnotherDigestIsAnotherSetOfKeys) {
  // A file that changed while it was sent must never be sealed under the keys of what it was.
  const Sealed sealed;
  Manifest changed = sealed.manifest;
  changed.digest.bytes[0] ^= 1;
  EXPECT_NE(chunk_marks(changed, 0).tag, chunk_marks(sealed.manifest, 0).tag);
  EXPECT_FALSE(sealed.opens(changed, 0, *wire::decode_envelope(sealed.seal(0))));
}

}  // namespace
}  // namespace chaski::attachment::test
