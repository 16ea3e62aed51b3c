// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <set>
#include <vector>

#include "e2ee/answer_stamp.hpp"
#include "node/people_store.hpp"

namespace chaski::node {

/// Which answers were opened with one card: none is opened twice.
///
/// A card is not used up by its answers, and the same answer in another envelope would give the
/// same session again, with a ratchet set back to its beginning. So each is remembered for as long
/// as the secret lives that opens it, in the commit that makes the session. At most kMax; when it
/// is full() no more may be opened.
class CardAnswers {
 public:
  static constexpr std::size_t kMax = 4'096;
  /// Places in the store, one for each card that is kept at the same time.
  static constexpr std::uint8_t kSlots = 8;
  /// What names an answer: the first half of what its stamp is for, so the nonce is not in it.
  static constexpr std::size_t kKeySize = 16;
  using Key = std::array<std::uint8_t, kKeySize>;
  static Key key_of(const wire::StampSubject& subject);

  /// `slot` below kSlots; `card` is the answer tag, which tells from whatever else had the slot.
  CardAnswers(std::uint8_t slot, const wire::DeliveryTag& card) : slot_(slot), card_(card) {}

  void load(PeopleStore& people);
  bool contains(const Key& key) const { return known_.contains(key); }
  bool full() const { return order_.size() >= kMax; }
  /// It must not be full.
  void add(PeopleStore& people, const Key& key);
  /// Nothing of it is left in the store.
  void wipe(PeopleStore& people);

  std::uint8_t slot() const { return slot_; }
  std::size_t size() const { return order_.size(); }

 private:
  /// Answers in one value of the store, so that one more rewrites little.
  static constexpr std::size_t kChunk = 256;
  std::string name_of(std::size_t chunk) const;

  std::uint8_t slot_;
  wire::DeliveryTag card_;
  std::vector<Key> order_;
  std::set<Key> known_;
};

}  // namespace chaski::node
