// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "attachment/chunk_plan.hpp"
#include "base/bytes.hpp"
#include "e2ee/keys.hpp"

namespace chaski::attachment {

/// Under which a node keeps the pieces of a file on its own disk: random, for this copy of it.
using CopyKey = e2ee::Secret<struct CopyKeyTag>;
inline constexpr std::size_t kCopyTagSize = 16;

/// Seals one piece in place; the last kCopyTagSize bytes of `piece` are room for its authenticator.
///
/// ChaCha20-Poly1305 (RFC 8439), the piece's number as nonce, no associated data. A piece is sealed
/// once, or again with the same text; whoever fills a copy anew draws a new key.
void seal_piece(const CopyKey& key, ChunkIndex number, base::MutableByteView piece);

/// Opens what seal_piece() made; `out` is kCopyTagSize shorter. False for everything else.
bool open_piece(const CopyKey& key, ChunkIndex number, base::ByteView sealed,
                base::MutableByteView out);

}  // namespace chaski::attachment
