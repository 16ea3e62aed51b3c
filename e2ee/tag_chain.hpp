// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "e2ee/keys.hpp"
#include "wire/types.hpp"

namespace chaski::e2ee {

/// Bytes of the encrypted header in front of every sealed body: ratchet key, previous chain length.
inline constexpr std::size_t kHeaderSize = 36;
/// Tags in one block of a tag chain; the first of each block can be found without those before it.
inline constexpr std::uint32_t kTagBlockSize = 16;
/// No epoch has more messages than this.
inline constexpr std::uint32_t kEpochMessagesMax = 1U << 31;

/// The tag in 8 bytes that may be anything: all zero becomes 1, since a zero tag is reserved.
wire::DeliveryTag tag_from(base::ByteView bytes);

/// What one message number gives: its tag, and the mask that covers its header.
struct TagAndMask {
  wire::DeliveryTag tag;
  std::array<std::uint8_t, kHeaderSize> mask{};
};
TagAndMask tag_and_mask(const HeaderKey& key);
wire::DeliveryTag tag_of(const HeaderKey& key);

/// The one-way chain of header keys of one epoch and direction.
///
/// Rules: (1) block key B_j gives B_{j+1} and the first step T_{j,0}, so that the start of a far
/// block costs one hash a block. (2) step T_{j,k} gives T_{j,k+1} and the header key of message 16
/// j + k. (3) what is behind is wiped: a chain shows nothing of the tags before its index.
class TagChain {
 public:
  TagChain() = default;
  explicit TagChain(const TagBlockKey& first) : block_(first) {}
  /// A chain as it was saved: see block(), step_key() and index().
  TagChain(const TagBlockKey& block, const TagChainKey& step, std::uint32_t index)
      : block_(block), step_(step), index_(index) {}

  /// Number of the message that next() is for.
  std::uint32_t index() const { return index_; }
  HeaderKey next();
  /// Goes forward to the first message of the next block.
  void skip_to_next_block();
  /// The header key of a message at or after index(), which stays.
  HeaderKey at(std::uint32_t index) const;

  /// At the start of a block its own key, within it that of the next.
  const TagBlockKey& block() const { return block_; }
  /// Zero at the start of a block.
  const TagChainKey& step_key() const { return step_; }

 private:
  void enter_block();

  TagBlockKey block_;
  TagChainKey step_;
  std::uint32_t index_ = 0;
};

}  // namespace chaski::e2ee
