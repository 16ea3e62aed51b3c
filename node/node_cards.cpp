// SPDX-License-Identifier: Apache-2.0
// What a node does with cards, ours and those of others.
#include <algorithm>

#include "node/node_impl.hpp"

namespace chaski::node {
namespace {

OwnCardInfo with_post(OwnCardInfo info, const CardPost& post) {
  if (!post.card() || e2ee::to_link(*post.card()) != info.link) return info;
  info.published_unix_s = post.left_unix_s();
  info.published = info.published_unix_s == 0 ? CardPublished::working : CardPublished::yes;
  return info;
}

/// As people write it: no spaces, lower case.
std::string plain_fingerprint(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ' ' || c == '-') continue;
    out.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return out;
}

}  // namespace

base::Expected<OwnCardInfo, PersonError> Node::card(const CardRequest& request, base::Time now,
                                                    WallTime wall) {
  if (const auto why = impl_->absent()) return base::unexpected(*why);
  Meeting& meeting = impl_->person->meeting;
  std::vector<wire::DeliveryTag> fresh;
  auto given = meeting.cards().give(request, now, wall.unix_s, fresh);
  if (!given) return given;
  if (request.publish) meeting.card_post().publish(*e2ee::parse_card(given->link));
  impl_->person->inbox.learn(fresh);
  impl_->settle(now);
  return with_post(std::move(*given), meeting.card_post());
}

base::Expected<std::size_t, PersonError> Node::withdraw_cards() {
  if (const auto why = impl_->absent()) return base::unexpected(*why);
  impl_->person->meeting.card_post().withdraw();
  return impl_->person->meeting.cards().withdraw();
}

std::vector<OwnCardInfo> Node::own_cards() const {
  if (!impl_->person) return {};
  const Meeting& meeting = impl_->person->meeting;
  std::vector<OwnCardInfo> out = meeting.cards().list();
  for (OwnCardInfo& info : out) info = with_post(std::move(info), meeting.card_post());
  return out;
}

std::vector<HeardCardInfo> Node::heard_cards() const {
  std::vector<HeardCardInfo> out;
  if (!impl_->person) return out;
  const ContactBook& contacts = impl_->person->contacts;
  for (const e2ee::Card& card : impl_->person->meeting.heard_cards().cards()) {
    const auto index = contacts.find_id(e2ee::person_id(card.identity));
    out.push_back({.link = e2ee::to_link(card),
                   .name = card.name,
                   .fingerprint = e2ee::fingerprint(card.identity),
                   .price_bits = card.price_bits,
                   .issued_unix_s = static_cast<std::int64_t>(card.issued_at),
                   .expires_unix_s = static_cast<std::int64_t>(card.expires_at),
                   .contact = index ? contacts.at(*index).record.name : std::string()});
  }
  return out;
}

CardCounts Node::card_counts() const {
  return impl_->person ? impl_->person->meeting.heard_cards().counts() : CardCounts{};
}

base::Expected<std::string, PersonError> Node::heard_card(std::string_view fingerprint) const {
  if (const auto why = impl_->absent()) return base::unexpected(*why);
  std::vector<HeardCardInfo> cards = heard_cards();
  const std::string wanted = plain_fingerprint(fingerprint);
  std::erase_if(cards, [&wanted](const HeardCardInfo& card) {
    return plain_fingerprint(card.fingerprint) != wanted;
  });
  if (cards.size() != 1) return base::unexpected(PersonError::unknown_card);
  return cards.front().link;
}

}  // namespace chaski::node
