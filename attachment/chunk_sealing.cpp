// SPDX-License-Identifier: Apache-2.0
#include "attachment/chunk_sealing.hpp"

#include <array>

#include "attachment/labels.hpp"
#include "base/assert.hpp"
#include "e2ee/codec.hpp"
#include "e2ee/kdf.hpp"
#include "e2ee/sealing.hpp"

namespace chaski::attachment {
namespace {

using ChunkKey = e2ee::Secret<struct ChunkKeyTag>;
using Associated = std::array<std::uint8_t, 8 + 16 + 4 + 1 + 1>;

struct ChunkKeys {
  ChunkKey key;
  ChunkMarks marks;
};

ChunkKeys derive(const Manifest& manifest, ChunkIndex chunk) {
  std::array<std::uint8_t, 4> number{};
  e2ee::Writer(number).number(chunk);
  e2ee::Secret<struct ChunkDerivedTag, 64> derived;
  e2ee::hash(derived.mutable_view(), label::kChunk, manifest.secret.view(),
             {manifest.digest.view(), number});
  ChunkKeys out;
  e2ee::Reader reader(derived.view());
  reader.fill(out.key);
  reader.fill(out.marks.tag);
  reader.fill(out.marks.token);
  if (out.marks.tag.is_zero()) out.marks.tag.bytes.back() = 1;
  out.marks.commitment = wire::commit(out.marks.token);
  return out;
}

Associated associated(const wire::EnvelopeFields& envelope) {
  Associated out{};
  e2ee::Writer(out)
      .bytes(envelope.tag.view())
      .bytes(envelope.commitment.view())
      .number(envelope.lifetime_s)
      .number(static_cast<std::uint8_t>(envelope.priority))
      .number(static_cast<std::uint8_t>(envelope.kind));
  return out;
}

}  // namespace

ChunkMarks chunk_marks(const Manifest& manifest, ChunkIndex chunk) {
  return derive(manifest, chunk).marks;
}

base::Bytes seal_chunk(const Manifest& manifest, ChunkIndex chunk, base::ByteView bytes) {
  CHASKI_ASSERT(chunk < manifest.plan.chunks() && bytes.size() == manifest.plan.chunk_size());
  const ChunkKeys keys = derive(manifest, chunk);
  base::Bytes body(bytes.begin(), bytes.end());
  body.resize(body.size() + e2ee::kAeadTagSize);
  wire::EnvelopeFields envelope;
  envelope.priority = manifest.priority;
  envelope.lifetime_s = manifest.lifetime_s;
  envelope.tag = keys.marks.tag;
  envelope.commitment = keys.marks.commitment;
  envelope.body = body;
  const auto text = base::MutableByteView(body).first(bytes.size());
  const auto mac = base::MutableByteView(body).subspan(bytes.size());
  e2ee::aead_seal(keys.key.view(), keys.marks.tag, associated(envelope), text, mac);
  return wire::encode_envelope(envelope);
}

bool open_chunk(const Manifest& manifest, ChunkIndex chunk, const wire::EnvelopeFields& envelope,
                base::MutableByteView out) {
  CHASKI_ASSERT(chunk < manifest.plan.chunks() && out.size() == manifest.plan.chunk_size());
  if (envelope.body.size() != out.size() + e2ee::kAeadTagSize || !envelope.stamp.empty() ||
      envelope.lifetime_s != manifest.lifetime_s || envelope.priority != manifest.priority) {
    return false;
  }
  const ChunkKeys keys = derive(manifest, chunk);
  if (envelope.tag != keys.marks.tag || envelope.commitment != keys.marks.commitment) return false;
  return e2ee::aead_open(keys.key.view(), keys.marks.tag, associated(envelope), envelope.body, out);
}

}  // namespace chaski::attachment
