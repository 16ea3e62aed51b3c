// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "attachment/manifest.hpp"
#include "wire/envelope.hpp"

namespace chaski::attachment {

/// What one chunk is known by and what frees the relays of it: both ends know it beforehand.
struct ChunkMarks {
  wire::DeliveryTag tag;
  wire::ReceiptToken token;
  wire::ReceiptCommitment commitment;
};
ChunkMarks chunk_marks(const Manifest& manifest, ChunkIndex chunk);

/// The envelope of a chunk: `bytes` (exactly plan.chunk_size()) sealed. The same manifest and
/// number give the same envelope, so that who has the file knows the ids of all its chunks.
///
/// `bytes` must be what the file of that digest has there: a key never seals two different texts.
/// X = BLAKE2b-512 (RFC 7693) of digest (32) || number (4, little-endian), keyed by the secret,
/// personalised "chaski1 chunk"; key X[0:32], tag X[32:40] (zero becomes one), token X[40:56]. The
/// body is ChaCha20-Poly1305 (RFC 8439) under that key with the nonce tag || 0; associated data:
/// tag (8), commitment (16), lifetime (4), priority (1), kind (1).
base::Bytes seal_chunk(const Manifest& manifest, ChunkIndex chunk, base::ByteView bytes);

/// Opens what seal_chunk() made of this chunk, `out` being exactly plan.chunk_size(); false for
/// everything else, whatever it is.
bool open_chunk(const Manifest& manifest, ChunkIndex chunk, const wire::EnvelopeFields& envelope,
                base::MutableByteView out);

}  // namespace chaski::attachment
