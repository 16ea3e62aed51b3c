// SPDX-License-Identifier: Apache-2.0
#include "attachment/chunk_sealing.hpp"
#include "attachment/erasure_code.hpp"
#include "attachment/file_digest.hpp"
#include "base/assert.hpp"
#include "base/hex.hpp"
#include "tools/vectors/page.hpp"
#include "tools/vectors/pieces.hpp"

namespace chaski::vectors {

namespace {

using attachment::ChunkIndex;
using attachment::ChunkPlan;
using attachment::Manifest;
using base::Bytes;
using base::to_hex;

constexpr std::size_t kFileSize = 4'000;

/// The bytes 0, 1, 2, … 250, 0, 1, …
Bytes example_file() {
  Bytes file(kFileSize);
  for (std::size_t i = 0; i < file.size(); ++i) file[i] = static_cast<std::uint8_t>(i % 251);
  return file;
}

Manifest example_manifest(const Bytes& file, base::Random& random) {
  Manifest out;
  random.fill(out.secret.mutable_view());
  attachment::FileDigester digester(out.secret);
  digester.add(file);
  out.digest = digester.finish();
  out.plan = *ChunkPlan::choose(file.size());
  out.lifetime_s = 86'400;
  out.name = "map.png";
  out.media_type = "image/png";
  return out;
}

/// The file is one group here.
std::vector<Bytes> chunks_of(const Bytes& file, const ChunkPlan& plan) {
  CHASKI_ASSERT(plan.groups() == 1);
  std::vector<Bytes> chunks(plan.chunks(), Bytes(plan.chunk_size()));
  std::vector<base::ByteView> data;
  for (ChunkIndex chunk = 0; chunk < plan.data_chunks(); ++chunk) {
    const auto part = base::ByteView(file).subspan(plan.offset_of(chunk), plan.size_of(chunk));
    std::copy(part.begin(), part.end(), chunks[chunk].begin());
    data.emplace_back(chunks[chunk]);
  }
  std::vector<base::MutableByteView> parity;
  for (ChunkIndex chunk = plan.data_chunks(); chunk < plan.chunks(); ++chunk) {
    parity.emplace_back(chunks[chunk]);
  }
  attachment::make_parity(data, parity);
  return chunks;
}

Vector manifest_vector(const Manifest& manifest) {
  const Bytes bytes = attachment::encode_manifest(manifest);
  base::ByteView rest(bytes);
  Vector out{"manifest", "of a file of 4,000 bytes: 0, 1, 2, … 250, 0, 1, …", {}, {}};
  out.fields["data_chunks"] = manifest.plan.data_chunks();
  out.fields["parity_chunks"] = manifest.plan.chunks() - manifest.plan.data_chunks();
  out.fields["chunk_size"] = manifest.plan.chunk_size();
  out.pieces = {cut(rest, 1, "version"),
                cut(rest, 1, "class"),
                cut(rest, 1, "parity"),
                cut(rest, 1, "priority: bulk"),
                cut(rest, 4, "lifetime: 86,400 s"),
                cut(rest, 8, "size"),
                cut(rest, 32, "secret"),
                cut(rest, 32, "digest"),
                cut(rest, 1 + manifest.name.size(), "length of the name, name"),
                cut(rest, rest.size(), "length of the media type, media type")};
  return out;
}

Vector chunk_vector(const Manifest& manifest, ChunkIndex chunk, const Bytes& bytes) {
  const auto marks = attachment::chunk_marks(manifest, chunk);
  const Bytes envelope = attachment::seal_chunk(manifest, chunk, bytes);
  const base::ByteView body = wire::decode_envelope(envelope)->body;
  Vector out{"chunk-" + std::to_string(chunk),
             manifest.plan.is_data(chunk) ? "a chunk of data" : "the chunk of parity",
             {},
             {}};
  out.fields["tag"] = to_hex(marks.tag.view());
  out.fields["token"] = to_hex(marks.token.view());
  out.fields["commitment"] = to_hex(marks.commitment.view());
  out.fields["first_16_bytes"] = to_hex(base::ByteView(bytes).first(16));
  out.fields["last_16_bytes"] = to_hex(base::ByteView(bytes).last(16));
  out.fields["first_16_bytes_of_the_body"] = to_hex(body.first(16));
  out.fields["authenticator"] = to_hex(body.last(16));
  out.fields["envelope_id"] = to_hex(wire::envelope_id(envelope).view());
  return out;
}

}  // namespace

Page attachment_vectors(base::Random& random);

Page attachment_vectors(base::Random& random) {
  const Bytes file = example_file();
  const Manifest manifest = example_manifest(file, random);
  const auto chunks = chunks_of(file, manifest.plan);
  Page page;
  page.vectors.push_back(manifest_vector(manifest));
  for (ChunkIndex chunk = 0; chunk < chunks.size(); ++chunk) {
    page.vectors.push_back(chunk_vector(manifest, chunk, chunks[chunk]));
  }
  return page;
}

}  // namespace chaski::vectors
