// SPDX-License-Identifier: Apache-2.0
#include "e2ee/tag_chain.hpp"

#include <sodium.h>

#include "e2ee/kdf.hpp"
#include "e2ee/labels.hpp"

namespace chaski::e2ee {
namespace {

constexpr std::array<std::uint8_t, crypto_stream_chacha20_ietf_NONCEBYTES> kZeroNonce{};

void keystream(base::MutableByteView out, const HeaderKey& key) {
  crypto_stream_chacha20_ietf(out.data(), out.size(), kZeroNonce.data(), key.view().data());
}

}  // namespace

wire::DeliveryTag tag_from(base::ByteView bytes) {
  wire::DeliveryTag tag;
  std::copy_n(bytes.begin(), wire::DeliveryTag::kSize, tag.bytes.begin());
  if (tag.is_zero()) tag.bytes.back() = 1;
  return tag;
}

TagAndMask tag_and_mask(const HeaderKey& key) {
  std::array<std::uint8_t, wire::DeliveryTag::kSize + kHeaderSize> stream{};
  keystream(stream, key);
  TagAndMask out;
  out.tag = tag_from(stream);
  std::copy(stream.begin() + wire::DeliveryTag::kSize, stream.end(), out.mask.begin());
  return out;
}

wire::DeliveryTag tag_of(const HeaderKey& key) {
  std::array<std::uint8_t, wire::DeliveryTag::kSize> stream{};
  keystream(stream, key);
  return tag_from(stream);
}

void TagChain::enter_block() {
  const TagBlockKey now = block_;
  derive_pair(label::kTagBlock, now.view(), block_, step_);
}

HeaderKey TagChain::next() {
  if (index_ % kTagBlockSize == 0) enter_block();
  HeaderKey key;
  const TagChainKey now = step_;
  derive_pair(label::kTagStep, now.view(), step_, key);
  ++index_;
  if (index_ % kTagBlockSize == 0) step_ = TagChainKey{};
  return key;
}

void TagChain::skip_to_next_block() {
  if (index_ % kTagBlockSize == 0) enter_block();
  step_ = TagChainKey{};
  index_ = (index_ / kTagBlockSize + 1) * kTagBlockSize;
}

HeaderKey TagChain::at(std::uint32_t index) const {
  CHASKI_ASSERT(index >= index_);
  TagChain walker = *this;
  while (walker.index_ / kTagBlockSize < index / kTagBlockSize) walker.skip_to_next_block();
  while (walker.index_ < index) walker.next();
  return walker.next();
}

}  // namespace chaski::e2ee
