// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "wire/types.hpp"

namespace chaski::node {

/// For whom an envelope with a certain tag is: a session of a contact, a pending invitation, one
/// that the contact was given for later, a file that comes in, an introduction, a card that we gave
/// out, or all who listen for published cards.
struct TagOwner {
  enum class Kind : std::uint8_t {
    session,
    invite,
    standing,
    chunk,
    introduction,
    card,
    published_card,
  };
  Kind kind = Kind::session;
  std::uint8_t session = 0;   ///< which session of the contact
  std::uint16_t file = 0;     ///< chunk: which of the files (FileReceiver)
  std::uint32_t contact = 0;  ///< index in the contact book; chunk, introduction: its number
  friend bool operator==(const TagOwner&, const TagOwner&) = default;
};

/// All delivery tags that we wait for: one look-up an envelope, no trial decryption.
///
/// Rules: (1) a tag that is taken keeps its owner, so that no contact can take another's. (2) at
/// most kTagsMax; above, add() refuses. (3) a flat table of 16-byte places, linear probing, at most
/// three quarters full: each operation touches about one cache line. What is removed leaves no
/// mark; those behind it move up (Knuth, TAOCP 3, 6.4, algorithm R).
class TagTable {
 public:
  static constexpr std::size_t kTagsMax = 4'000'000;

  bool add(const wire::DeliveryTag& tag, const TagOwner& owner) {
    if (tag.is_zero() || size_ >= kTagsMax) return false;
    if ((size_ + 1) * 4 > places_.size() * 3) grow();
    const std::uint64_t key = number(tag);
    Place& place = places_[seek(key)];
    if (place.key == key) return false;
    place = {key, owner};
    ++size_;
    return true;
  }
  /// Only its owner can take a tag out.
  void remove(const wire::DeliveryTag& tag, const TagOwner& owner) {
    if (size_ == 0 || tag.is_zero()) return;
    const std::size_t at = seek(number(tag));
    if (places_[at].key == 0 || places_[at].owner != owner) return;
    close(at);
    --size_;
  }
  std::optional<TagOwner> find(const wire::DeliveryTag& tag) const {
    if (size_ == 0 || tag.is_zero()) return std::nullopt;
    const Place& place = places_[seek(number(tag))];
    if (place.key == 0) return std::nullopt;
    return place.owner;
  }
  std::size_t size() const { return size_; }

 private:
  static constexpr std::size_t kPlacesMin = 256;
  struct Place {
    std::uint64_t key = 0;  ///< 0: free
    TagOwner owner;
  };

  /// Our tags come out of a keyed hash, and nobody else puts any in: their bytes serve as hash.
  static std::uint64_t number(const wire::DeliveryTag& tag) {
    static_assert(wire::DeliveryTag::kSize == sizeof(std::uint64_t));
    std::uint64_t value = 0;
    std::memcpy(&value, tag.bytes.data(), sizeof value);
    return value;
  }
  std::size_t home(std::uint64_t key) const { return key & (places_.size() - 1); }
  std::size_t after(std::size_t at) const { return (at + 1) & (places_.size() - 1); }
  /// Where the key is, or where it would go.
  std::size_t seek(std::uint64_t key) const {
    std::size_t at = home(key);
    while (places_[at].key != 0 && places_[at].key != key) at = after(at);
    return at;
  }
  /// Frees a place: whatever was pushed past it moves up.
  void close(std::size_t gap) {
    for (std::size_t at = after(gap); places_[at].key != 0; at = after(at)) {
      const std::size_t from = home(places_[at].key);
      const bool reaches_gap = gap < at ? from <= gap || from > at : from <= gap && from > at;
      if (!reaches_gap) continue;
      places_[gap] = places_[at];
      gap = at;
    }
    places_[gap] = {};
  }
  void grow() {
    std::vector<Place> old(std::max(kPlacesMin, places_.size() * 2));
    old.swap(places_);
    for (const Place& place : old) {
      if (place.key != 0) places_[seek(place.key)] = place;
    }
  }

  std::vector<Place> places_;
  std::size_t size_ = 0;
};

}  // namespace chaski::node
