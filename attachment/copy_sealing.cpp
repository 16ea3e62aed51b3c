// SPDX-License-Identifier: Apache-2.0
#include "attachment/copy_sealing.hpp"

#include "e2ee/codec.hpp"
#include "e2ee/sealing.hpp"

namespace chaski::attachment {
namespace {

static_assert(kCopyTagSize == e2ee::kAeadTagSize);

/// The nonce as aead_seal() takes it.
wire::DeliveryTag nonce_of(ChunkIndex number) {
  wire::DeliveryTag nonce;
  e2ee::Writer(nonce.mutable_view()).number(std::uint64_t{number});
  return nonce;
}

}  // namespace

void seal_piece(const CopyKey& key, ChunkIndex number, base::MutableByteView piece) {
  const std::size_t size = piece.size() - kCopyTagSize;
  e2ee::aead_seal(key.view(), nonce_of(number), {}, piece.first(size), piece.subspan(size));
}

bool open_piece(const CopyKey& key, ChunkIndex number, base::ByteView sealed,
                base::MutableByteView out) {
  if (sealed.size() != out.size() + kCopyTagSize) return false;
  return e2ee::aead_open(key.view(), nonce_of(number), {}, sealed, out);
}

}  // namespace chaski::attachment
