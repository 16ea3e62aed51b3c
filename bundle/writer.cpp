// SPDX-License-Identifier: Apache-2.0
#include "bundle/writer.hpp"

#include <utility>

namespace chaski::bundle {

Writer::Writer(const Header& header, const BlockKey& key) : key_(key) {
  append_header(header, ready_);
  count_from(0);
}

void Writer::count_from(std::size_t before) {
  const base::ByteView fresh = base::ByteView(ready_).subspan(before);
  digest_.add(fresh);
  size_ += fresh.size();
}

void Writer::add(BlockKind kind, base::ByteView text) {
  const std::size_t before = ready_.size();
  seal_block(key_, next_index_++, kind, text, ready_);
  count_from(before);
}

void Writer::end() {
  const std::size_t before = ready_.size();
  append_block_head({BlockKind::end, kDigestSize}, ready_);
  count_from(before);
  const auto digest = digest_.finish();
  ready_.insert(ready_.end(), digest.begin(), digest.end());
  size_ += digest.size();
}

base::Bytes Writer::take() {
  return std::exchange(ready_, {});
}

std::uint64_t Writer::size_with(std::size_t text_size) const {
  return size_ + 2 * kBlockHeadSize + text_size + kBlockTagSize + kDigestSize;
}

}  // namespace chaski::bundle
