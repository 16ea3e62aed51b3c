// SPDX-License-Identifier: Apache-2.0
// A file of a stick from anywhere, and the summaries in it; the first byte chooses. What is taken
// for a summary has one spelling, what is whole is so by its digest, and nothing is wanted that is
// larger than a block.
#include "base/assert.hpp"
#include "bundle/block.hpp"
#include "bundle/parser.hpp"
#include "bundle/summary.hpp"

using namespace chaski;

namespace {

void read_summary(base::ByteView text) {
  const auto ids = bundle::decode_summary(text);
  if (!ids) return;
  CHASKI_ASSERT(ids->size() <= bundle::kSummaryBlockIds);
  for (std::size_t i = 1; i < ids->size(); ++i) CHASKI_ASSERT((*ids)[i - 1] < (*ids)[i]);
  CHASKI_ASSERT(base::equal(bundle::encode_summary(*ids), text));
}

void read_file(base::ByteView file) {
  bundle::Parser parser;
  bundle::BlockKey key;
  while (!parser.done() && parser.wants() <= file.size()) {
    CHASKI_ASSERT(parser.wants() > 0 && parser.wants() <= bundle::kBlockSizeMax);
    const base::ByteView bytes = file.first(parser.wants());
    file = file.subspan(bytes.size());
    const auto step = parser.take(bytes);
    if (!step) return;
    if (step->header) key = bundle::block_key({}, step->header->salt);
    if (!step->block) continue;
    const auto text = bundle::open_block(key, step->index, *step->block, bytes);
    if (text && step->block->kind == bundle::BlockKind::summary) read_summary(*text);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const base::ByteView input(data + 1, size - 1);
  data[0] % 2 == 0 ? read_file(input) : read_summary(input);
  return 0;
}
