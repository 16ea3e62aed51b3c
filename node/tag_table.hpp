// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <unordered_map>

#include "wire/types.hpp"

namespace chaski::node {

/// For whom an envelope with a certain tag is: a session of a contact, a pending invitation, one
/// that the contact was given for later, or a file that comes in.
struct TagOwner {
  enum class Kind : std::uint8_t { session, invite, standing, chunk };
  Kind kind = Kind::session;
  std::uint8_t session = 0;   ///< which session of the contact
  std::uint16_t file = 0;     ///< chunk: which of the files (FileReceiver)
  std::uint32_t contact = 0;  ///< index in the contact book; chunk: its number in the file
  friend bool operator==(const TagOwner&, const TagOwner&) = default;
};

/// All delivery tags that we wait for: one look-up an envelope, no trial decryption.
///
/// Rules: (1) a tag that is taken keeps its owner, so that no contact can take another's. (2) at
/// most kTagsMax; above, add() refuses.
class TagTable {
 public:
  static constexpr std::size_t kTagsMax = 4'000'000;

  bool add(const wire::DeliveryTag& tag, const TagOwner& owner) {
    if (tag.is_zero() || owners_.size() >= kTagsMax) return false;
    return owners_.try_emplace(number(tag), owner).second;
  }
  /// Only its owner can take a tag out.
  void remove(const wire::DeliveryTag& tag, const TagOwner& owner) {
    const auto found = owners_.find(number(tag));
    if (found != owners_.end() && found->second == owner) owners_.erase(found);
  }
  std::optional<TagOwner> find(const wire::DeliveryTag& tag) const {
    const auto found = owners_.find(number(tag));
    if (found == owners_.end()) return std::nullopt;
    return found->second;
  }
  std::size_t size() const { return owners_.size(); }

 private:
  /// Our tags come out of a keyed hash, and nobody else puts any in: their bytes serve as hash.
  static std::uint64_t number(const wire::DeliveryTag& tag) {
    static_assert(wire::DeliveryTag::kSize == sizeof(std::uint64_t));
    std::uint64_t value = 0;
    std::memcpy(&value, tag.bytes.data(), sizeof value);
    return value;
  }
  std::unordered_map<std::uint64_t, TagOwner> owners_;
};

}  // namespace chaski::node
