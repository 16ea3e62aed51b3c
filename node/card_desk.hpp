// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "e2ee/card.hpp"
#include "node/card_answers.hpp"
#include "node/contact_book.hpp"
#include "node/context.hpp"
#include "node/healing.hpp"
#include "node/keeping.hpp"

namespace chaski::node {

/// Our cards, for people who never met us: gives them out, and opens their answers.
///
/// Rules: (1) the same card is given until half of its life is over; then a new one is made, with a
/// new prekey. (2) a card is not used up by an answer, and each answer opens once, also after a
/// crash or in another envelope (CardAnswers). (3) the secret is kept until kKeptAfter the end of
/// the card, by the node's clock, or until withdraw(); then it is wiped. At most kCardsMax are
/// kept; of those that are over the first to end makes room. (4) an answer is looked at when it
/// bears its stamp. Opened ones take tokens, kOpenedBurst and then one every kOpenedEvery, as do
/// failures; without one the answer is carried and tried later. (5) who answers is an unverified
/// contact that came by a card (Met::card), of which there are at most kMetByCardMax; who is one
/// already gets one more session, and nothing else changes. (6) nothing of it is in a backup.
class CardDesk {
 public:
  static constexpr std::size_t kCardsMax = CardAnswers::kSlots;
  static constexpr base::Duration kKeptAfter = std::chrono::seconds(wire::kLifetimeMax_s);
  static constexpr unsigned kDaysDefault = 30;
  static constexpr unsigned kDaysMax = e2ee::kCardLifetimeMax_s / 86'400;
  static constexpr std::uint8_t kPriceDefault = 20;
  static constexpr std::int64_t kOpenedBurst = 32;
  static constexpr base::Duration kOpenedEvery = std::chrono::minutes(1);
  static constexpr std::int64_t kFailedOpensBurst = 16;
  static constexpr base::Duration kFailedOpenEvery = std::chrono::milliseconds(500);
  /// Strangers leave room in the book for people.
  static constexpr std::size_t kMetByCardMax = ContactBook::kContactsMax / 2;
  /// A wall clock outside 2024 to 2100 was never set, or wrong.
  static constexpr std::int64_t kWallMin_s = 1'704'067'200;
  static constexpr std::int64_t kWallMax_s = 4'102'444'800;

  CardDesk(Context& context, ContactBook& contacts, const std::optional<Owner>& owner,
           Healing& healing)
      : context_(context), contacts_(contacts), owner_(owner), healing_(healing) {}

  /// Takes up what the store keeps. `fresh` gets tags that are waited for, here and below.
  void load(base::Time now, std::vector<wire::DeliveryTag>& fresh);

  /// The card to give out now. Errors: no_identity, bad_card_days, bad_card_price, bad_clock,
  /// too_many_cards.
  base::Expected<OwnCardInfo, PersonError> give(const CardRequest& request, base::Time now,
                                                std::int64_t wall_s,
                                                std::vector<wire::DeliveryTag>& fresh);
  /// Wipes the secrets of all: no answer to them opens any more. Gives how many they were.
  std::size_t withdraw();
  std::vector<OwnCardInfo> list() const;
  /// Wipes those whose time is over.
  void expire(base::Time now);

  /// What came under the tag of a card of ours through the mesh.
  struct Taken {
    bool opened = false;
    std::optional<base::Time> later{};  ///< there was no token: to be tried again then
  };
  Taken take(const wire::DeliveryTag& tag, const wire::EnvelopeId& id, base::ByteView body,
             base::Time now, std::vector<wire::DeliveryTag>& fresh);

  // The same by hand, for Meeting.
  /// What opens answers under this tag; null when there is no such card.
  const e2ee::PendingInvite* find(const wire::DeliveryTag& tag) const;
  bool was_opened(const wire::DeliveryTag& tag, base::ByteView body) const;
  bool full(const wire::DeliveryTag& tag) const;
  void opened(const wire::DeliveryTag& tag, base::ByteView body);

 private:
  struct Kept {
    e2ee::OwnCard own;
    e2ee::PendingInvite pending;  ///< the same, as it is answered
    wire::DeliveryTag tag;
    base::Time made_at;
    CardAnswers answers;
    TokenBucket failed_opens{kFailedOpensBurst, kFailedOpenEvery};
    FailedOpens failed{};
    base::Duration lifetime() const;
    base::Time ends_at() const { return made_at + lifetime() + kKeptAfter; }
  };
  Kept* kept(const wire::DeliveryTag& tag);
  const Kept* kept(const wire::DeliveryTag& tag) const;
  Kept* current(const CardRequest& request, base::Time now, std::int64_t wall_s);
  base::Expected<Kept*, PersonError> make(const CardRequest& request, base::Time now,
                                          std::int64_t wall_s,
                                          std::vector<wire::DeliveryTag>& fresh);
  bool make_room(base::Time now);
  std::uint8_t free_slot() const;
  void save(const Kept& card);
  void wipe(std::size_t index);
  bool add_contact(e2ee::Answered& answered, const wire::DeliveryTag& tag, base::Time now,
                   std::vector<wire::DeliveryTag>& fresh);
  bool has_room_for_stranger() const;

  Context& context_;
  ContactBook& contacts_;
  const std::optional<Owner>& owner_;
  Healing& healing_;
  std::vector<Kept> cards_;  ///< in the order in which they were made
  TokenBucket opens_{kOpenedBurst, kOpenedEvery};
};

}  // namespace chaski::node
