// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "base/expected.hpp"
#include "bundle/format.hpp"

namespace chaski::bundle {

/// What the blocks of one bundle are sealed with.
using BlockKey = base::TaggedBytes<struct BlockKeyTag, 32>;

/// BLAKE2b-256 (RFC 7693) of "chaski1 stick", a zero byte and the salt, keyed with the 32 bytes of
/// the network key; without one, with zeros: then it keeps nothing secret and finds what is
/// damaged.
BlockKey block_key(std::optional<base::ByteView> network_key, const Salt& salt);

/// BLAKE2b-128 of "chaski1 mark", a zero byte and the salt, keyed with the 32 bytes of `secret`.
Mark mark_of(base::ByteView secret, const Salt& salt);

void append_header(const Header& header, base::Bytes& out);
/// Of exactly kHeaderSize bytes. Errors: not_a_bundle, newer_version.
base::Expected<Header, BundleError> decode_header(base::ByteView bytes);

void append_block_head(const BlockHead& head, base::Bytes& out);
/// Of exactly kBlockHeadSize bytes. Errors: malformed.
base::Expected<BlockHead, BundleError> decode_block_head(base::ByteView bytes);

/// Appends head and sealed text: ChaCha20-Poly1305 (RFC 8439), nonce `index` as 12 bytes
/// little-endian, the head as associated data. `text` is at most kBlockTextMax bytes; an index is
/// used once in a bundle.
void seal_block(const BlockKey& key, std::uint64_t index, BlockKind kind, base::ByteView text,
                base::Bytes& out);
/// Errors: malformed (its size), damaged.
base::Expected<base::Bytes, BundleError> open_block(const BlockKey& key, std::uint64_t index,
                                                    const BlockHead& head, base::ByteView sealed);

}  // namespace chaski::bundle
