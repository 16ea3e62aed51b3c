// SPDX-License-Identifier: Apache-2.0
#include "e2ee/tag_chain.hpp"

#include "e2ee/kdf.hpp"
#include "e2ee/labels.hpp"
#include "e2ee/reveal.hpp"

namespace chaski::e2ee {

wire::DeliveryTag tag_from(base::ByteView bytes) {
  wire::DeliveryTag tag;
  std::copy_n(bytes.begin(), wire::DeliveryTag::kSize, tag.bytes.begin());
  std::uint8_t any = 0;
  for (const std::uint8_t byte : tag.bytes) any |= byte;
  tag.bytes.back() |= static_cast<std::uint8_t>((any - 1U) >> 31);
  // A tag is made to be looked up. What is compared is all of its 64 bits at once.
  return revealed(tag);
}

/// The key that follows, the tag, and the beginning of the mask. At the start of a block that key
/// is the next block's.
Derived TagChain::derived() const {
  return at_start() ? derive(label::kTagBlock, block_.view())
                    : derive(label::kTagStep, step_.view());
}

TagAndMask TagChain::tag_and_mask() const {
  return cover(derived());
}

TagAndMask TagChain::next_with_mask() {
  const Derived all = derived();
  const TagAndMask out = cover(all);
  go_on(all);
  return out;
}

wire::DeliveryTag TagChain::next() {
  const Derived all = derived();
  go_on(all);
  return tag_from(all.view().subspan(32));
}

TagAndMask TagChain::cover(const Derived& all) const {
  const Derived more = derive(label::kMaskEnd, at_start() ? block_.view() : step_.view());
  const base::ByteView begin = all.view().subspan(32 + wire::DeliveryTag::kSize);
  TagAndMask out;
  out.tag = tag_from(all.view().subspan(32));
  const auto end = std::copy(begin.begin(), begin.end(), out.mask.begin());
  std::copy_n(more.view().begin(), out.mask.end() - end, end);
  return out;
}

void TagChain::go_on(const Derived& all) {
  if (at_start()) {
    step_ = derive_secret<TagChainKey>(label::kTagStep, block_.view());
    block_ = TagBlockKey(all.view().first(32));
  } else {
    step_ = TagChainKey(all.view().first(32));
  }
  ++index_;
  if (at_start()) step_ = TagChainKey{};
}

wire::DeliveryTag TagChain::next_block() {
  CHASKI_ASSERT(at_start());
  const Derived all = derive(label::kTagBlock, block_.view());
  block_ = TagBlockKey(all.view().first(32));
  index_ += kTagBlockSize;
  return tag_from(all.view().subspan(32));
}

void TagChain::finish_block() {
  if (at_start()) return;
  step_ = TagChainKey{};
  index_ = (index_ / kTagBlockSize + 1) * kTagBlockSize;
}

TagChain TagChain::at(std::uint32_t index) const {
  CHASKI_ASSERT(index >= index_);
  TagChain walker = *this;
  if (walker.index_ / kTagBlockSize < index / kTagBlockSize) walker.finish_block();
  while (walker.index_ / kTagBlockSize < index / kTagBlockSize) walker.next_block();
  while (walker.index_ < index) walker.next();
  return walker;
}

}  // namespace chaski::e2ee
