// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "e2ee/kdf.hpp"
#include "wire/types.hpp"

namespace chaski::e2ee {

/// Bytes of the encrypted header in front of every sealed body: ratchet key, previous chain length.
inline constexpr std::size_t kHeaderSize = 36;
/// Tags in one block of a tag chain; the first of each block can be found without those before it.
inline constexpr std::uint32_t kTagBlockSize = 32;
/// No epoch has more messages than this.
inline constexpr std::uint32_t kEpochMessagesMax = 1U << 31;

/// The tag in 8 bytes that may be anything: all zero becomes 1, since a zero tag is reserved.
wire::DeliveryTag tag_from(base::ByteView bytes);

/// What one message number gives: its tag, and the mask that covers its header.
struct TagAndMask {
  wire::DeliveryTag tag;
  std::array<std::uint8_t, kHeaderSize> mask{};
};

/// The one-way chain of tags of one epoch and direction, standing at one message.
///
/// Rules: (1) the key of message 32 j is the block key B_j, which gives B_{j+1} and the tag at
/// once, so that the start of a far block costs one derivation a block. (2) the key of a message
/// gives its tag, its mask and the key of the next in its block. (3) what is behind is wiped: a
/// chain shows nothing of the tags before its index.
class TagChain {
 public:
  TagChain() = default;
  explicit TagChain(const TagBlockKey& first) : block_(first) {}
  /// A chain as it was saved: see block(), step_key() and index().
  TagChain(const TagBlockKey& block, const TagChainKey& step, std::uint32_t index)
      : block_(block), step_(step), index_(index) {}

  /// Number of the message at which the chain stands.
  std::uint32_t index() const { return index_; }
  TagAndMask tag_and_mask() const;
  TagAndMask next_with_mask();
  /// Goes on to the next message; gives the tag of the one before.
  wire::DeliveryTag next();
  /// At the start of a block: goes on to that of the next, and gives the tag of the one before.
  wire::DeliveryTag next_block();
  /// Within a block: goes on to the start of the next.
  void finish_block();
  /// The chain at a message that is not behind.
  TagChain at(std::uint32_t index) const;

  /// At the start of a block its own key, within it that of the next.
  const TagBlockKey& block() const { return block_; }
  /// Zero at the start of a block.
  const TagChainKey& step_key() const { return step_; }

 private:
  bool at_start() const { return index_ % kTagBlockSize == 0; }
  Derived derived() const;
  TagAndMask cover(const Derived& all) const;
  void go_on(const Derived& all);

  TagBlockKey block_;
  TagChainKey step_;
  std::uint32_t index_ = 0;
};

}  // namespace chaski::e2ee
