// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "e2ee/session.hpp"
#include "e2ee/tag_chain.hpp"

namespace chaski::e2ee {

/// Starts of blocks beyond the window whose tags are known too.
inline constexpr std::uint32_t kFarTags = 32;

/// The tags that are expected of one epoch of the contact.
///
/// Rules: (1) the kTagWindow messages from base on are expected, whatever order they come in.
/// (2) beyond them the first message of each of the next kFarTags blocks is expected: after a long
/// silence, when more than a window was lost for good, the next start of a block is recognised and
/// the window jumps there; without that the direction would be deaf for ever. (3) a step of the
/// window costs a constant number of derivations.
class TagWindow {
 public:
  static constexpr std::uint32_t kNear = static_cast<std::uint32_t>(Session::kTagWindow);

  /// The window that starts where the chain stands.
  explicit TagWindow(const TagChain& base);

  /// Number of the message that has this tag, or nothing.
  std::optional<std::uint32_t> find(const wire::DeliveryTag& tag) const;
  /// Where the window starts: the first message that is neither opened nor skipped.
  const TagChain& base() const { return base_; }
  /// Moves the window on by one: gives the tag that left at its start (it is the caller's to keep
  /// or to remove) and appends what became expected to `added`.
  wire::DeliveryTag advance(std::vector<wire::DeliveryTag>& added);
  /// Whether the tag of this message, at or after base, is expected.
  bool expects(std::uint32_t index) const;
  /// Appends the expected tags of the messages from number `first` on.
  void append_tags(std::uint32_t first, std::vector<wire::DeliveryTag>& out) const;

 private:
  static std::uint32_t far_slot(std::uint32_t index) { return index / kTagBlockSize % kFarTags; }
  std::uint32_t far_begin() const;
  wire::DeliveryTag add_far();

  TagChain base_;
  TagChain near_end_;                              ///< the first message past the window
  TagChain far_end_;                               ///< the first block past the far tags
  std::array<wire::DeliveryTag, kNear> near_{};    ///< message i at i % kNear
  std::array<wire::DeliveryTag, kFarTags> far_{};  ///< block j at j % kFarTags
};

}  // namespace chaski::e2ee
