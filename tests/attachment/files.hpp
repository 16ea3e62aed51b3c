// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "attachment/erasure_code.hpp"
#include "attachment/file_digest.hpp"
#include "attachment/manifest.hpp"
#include "base/random.hpp"

namespace chaski::attachment::test {

inline base::Bytes random_bytes(base::Random& random, std::size_t size) {
  base::Bytes out(size);
  random.fill(out);
  return out;
}

inline Manifest manifest_of(base::Random& random, base::ByteView file, const ChunkPlan& plan) {
  Manifest out;
  random.fill(out.secret.mutable_view());
  FileDigester digester(out.secret);
  digester.add(file);
  out.digest = digester.finish();
  out.plan = plan;
  out.lifetime_s = 86'400;
  out.name = "map of the valley.png";
  out.media_type = "image/png";
  return out;
}

/// All chunks of a file, data and parity, as they would be before they are sealed.
inline std::vector<base::Bytes> chunks_of(base::ByteView file, const ChunkPlan& plan) {
  std::vector<base::Bytes> chunks(plan.chunks(), base::Bytes(plan.chunk_size()));
  for (ChunkIndex chunk = 0; chunk < plan.data_chunks(); ++chunk) {
    const auto part = file.subspan(plan.offset_of(chunk), plan.size_of(chunk));
    std::copy(part.begin(), part.end(), chunks[chunk].begin());
  }
  for (std::uint32_t group = 0; group < plan.groups(); ++group) {
    std::vector<base::ByteView> data;
    for (std::uint32_t row = 0; row < plan.group_data(group); ++row) {
      data.emplace_back(chunks[plan.chunk_at({group, row})]);
    }
    std::vector<base::MutableByteView> parity;
    for (std::uint32_t j = 0; j < plan.parity(); ++j) {
      parity.emplace_back(chunks[plan.chunk_at({group, kGroupDataMax + j})]);
    }
    make_parity(data, parity);
  }
  return chunks;
}

}  // namespace chaski::attachment::test
