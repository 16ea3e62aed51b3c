// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "e2ee/published_card.hpp"
#include "node/card_info.hpp"
#include "node/contact_book.hpp"
#include "node/context.hpp"
#include "node/keeping.hpp"

namespace chaski::node {

struct CardCacheLimits {
  std::size_t cards_max = 256;
  unsigned stamp_bits_min = e2ee::kPublishedBitsMin;  ///< less only in tests
};

/// Cards of others that passed by under the tag of published cards: kept for the person to look at.
///
/// Rules: (1) a card is taken only with a good stamp, a good signature, and a time that is not
/// over; all else is dropped and counted. The stamp is looked at first, and checks of signatures
/// take tokens, kChecksBurst and then one every kCheckEvery, so that junk costs hashes. (2) one of
/// an identity: the one issued last, but none that was issued more than kFutureMax after a clock
/// that can be right. (3) when there are too many, one of those with the least work goes, drawn by
/// lot, which may be the new one: who wants to push others out works more than they did. (4) a card
/// here is no contact and changes none: no pin, no trust, no session. (5) the envelope goes on its
/// way as if nobody here had looked.
class CardCache {
 public:
  static constexpr std::int64_t kChecksBurst = 32;
  static constexpr base::Duration kCheckEvery = std::chrono::seconds(2);
  static constexpr std::int64_t kFutureMax_s = 86'400;

  /// Takes up what the store keeps.
  CardCache(Context& context, const std::optional<Owner>& owner, CardCacheLimits limits = {});
  /// `fresh` gets the tag of published cards, which is waited for from now on.
  void listen(TagTable& tags, std::vector<wire::DeliveryTag>& fresh);

  /// Looks at what came under the tag. When there was no token: when to look again.
  std::optional<base::Time> hear(const wire::EnvelopeId& id, base::ByteView body, base::Time now);
  /// Those that are not over, the latest first.
  std::vector<e2ee::Card> cards() const;
  /// Forgets those whose time is not good any more.
  void expire();

  const CardCounts& counts() const { return counts_; }

 private:
  struct Heard {
    e2ee::Card card;
    e2ee::PersonId person;
    unsigned stamp_bits = 0;
    std::size_t slot = 0;  ///< where it is kept in the store
  };
  void load();
  bool is_good_time(const e2ee::Card& card) const;
  void take(e2ee::Card card, unsigned stamp_bits);
  std::size_t free_slot() const;
  /// False when the new one is the one to go.
  bool make_room(unsigned stamp_bits);
  void save(const Heard& heard);
  void forget(std::size_t index);

  Context& context_;
  const std::optional<Owner>& owner_;
  CardCacheLimits limits_;
  std::vector<Heard> heard_;
  FailedOpens looked_at_;  ///< envelopes whose signature was checked, whatever came of it
  TokenBucket checks_{kChecksBurst, kCheckEvery};
  CardCounts counts_;
};

}  // namespace chaski::node
