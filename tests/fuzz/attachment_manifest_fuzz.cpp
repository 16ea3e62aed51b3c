// SPDX-License-Identifier: Apache-2.0
// A manifest as a contact may write it: read or refused, and what is read is written the same; its
// plan and the marks of its first and last chunks can be worked with.
#include "attachment/chunk_sealing.hpp"
#include "base/assert.hpp"

using namespace chaski;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto manifest = attachment::decode_manifest({data, size});
  if (!manifest) return 0;
  CHASKI_ASSERT(base::equal(attachment::encode_manifest(*manifest), {data, size}));
  const attachment::ChunkPlan& plan = manifest->plan;
  CHASKI_ASSERT(plan.chunks() >= plan.data_chunks() && plan.data_chunks() >= 1);
  const auto last = plan.chunks() - 1;
  CHASKI_ASSERT(plan.chunk_at(plan.place_of(last)) == last);
  const auto last_data = plan.data_chunks() - 1;
  CHASKI_ASSERT(plan.offset_of(last_data) + plan.size_of(last_data) == plan.file_size());
  CHASKI_ASSERT(!attachment::chunk_marks(*manifest, last).tag.is_zero());
  return 0;
}
