// SPDX-License-Identifier: Apache-2.0
#include "node/meeting.hpp"

#include "e2ee/setup.hpp"
#include "node/origin.hpp"
#include "node/text.hpp"

namespace chaski::node {
namespace {

PersonError person_error(e2ee::InviteError error) {
  switch (error) {
    case e2ee::InviteError::not_an_invite:
      return PersonError::bad_link;
    case e2ee::InviteError::damaged:
      return PersonError::damaged_link;
    case e2ee::InviteError::newer_version:
      return PersonError::newer_link;
    case e2ee::InviteError::own_invite:
      return PersonError::own_link;
    case e2ee::InviteError::bad_key:
      return PersonError::bad_link;
    case e2ee::InviteError::forged:
      return PersonError::forged_card;
  }
  return PersonError::bad_link;
}

Trust trust_of(const WaitingInvite& waiting) {
  return waiting.trust == InviteTrust::verified ? Trust::verified : Trust::unverified;
}

}  // namespace

Meeting::Meeting(Context& context, ContactBook& contacts)
    : context_(context),
      contacts_(contacts),
      invites_(context.people(), contacts.tags()),
      stamps_(context),
      owner_(load_owner(context.people())),
      healing_(context, contacts, owner_),
      cards_(context, contacts, owner_, healing_),
      heard_cards_(context, owner_),
      card_post_(context) {
  if (owner_) know_owner();
  invites_.load();
}

void Meeting::know_owner() {
  own_id_ = e2ee::person_id(owner_->identity.public_identity());
}

base::Expected<e2ee::IdentityPublic, PersonError> Meeting::create_identity(std::string_view name) {
  if (owner_) return base::unexpected(PersonError::identity_exists);
  if (!is_valid_name(name)) return base::unexpected(PersonError::bad_name);
  owner_ = Owner{.identity = e2ee::Identity::generate(context_.random), .name = std::string(name)};
  know_owner();
  save_owner(context_.people(), *owner_);
  context_.dirty = true;
  return owner_->identity.public_identity();
}

base::Expected<void, PersonError> Meeting::rename_owner(std::string_view name) {
  if (!owner_) return base::unexpected(PersonError::no_identity);
  if (!is_valid_name(name)) return base::unexpected(PersonError::bad_name);
  owner_->name = name;
  save_owner(context_.people(), *owner_);
  context_.dirty = true;
  return {};
}

base::Expected<std::string, PersonError> Meeting::invite(unsigned price_bits) {
  if (!owner_) return base::unexpected(PersonError::no_identity);
  if (price_bits > wire::kStampBitsMax) return base::unexpected(PersonError::bad_price);
  const e2ee::PendingInvite invite =
      e2ee::make_invite(owner_->identity, owner_->name, context_.random,
                        static_cast<std::uint8_t>(price_bits));
  if (!invites_.add(invite)) return base::unexpected(PersonError::store_full);
  context_.dirty = true;
  return e2ee::to_link(invite.invite);
}

base::Expected<AddedContact, PersonError> Meeting::add(const AddRequest& request,
                                                       mesh_router::Router& router, base::Time now,
                                                       std::int64_t wall_s,
                                                       std::vector<wire::DeliveryTag>& fresh) {
  if (!owner_) return base::unexpected(PersonError::no_identity);
  if (!request.name.empty() && !is_valid_name(request.name)) {
    return base::unexpected(PersonError::bad_name);
  }
  if (request.replace && !contacts_.find_name(request.name)) {
    return base::unexpected(PersonError::unknown_contact);
  }
  if (contacts_.size() >= ContactBook::kContactsMax)
    return base::unexpected(PersonError::store_full);
  switch (e2ee::link_kind(request.link)) {
    case e2ee::LinkKind::invite:
    case e2ee::LinkKind::card:
      return accept(*owner_, request, router, now, wall_s, fresh);
    case e2ee::LinkKind::answer:
      return take_answer(*owner_, request, now, wall_s, fresh);
    case e2ee::LinkKind::neither:
      break;
  }
  return base::unexpected(PersonError::bad_link);
}

base::Expected<std::string, PersonError> Meeting::choose_name(const AddRequest& request,
                                                              std::string_view theirs,
                                                              const e2ee::PersonId& id) const {
  if (request.name.empty()) return contacts_.free_name(theirs, id);
  if (!request.replace && contacts_.find_name(request.name)) {
    return base::unexpected(PersonError::name_taken);
  }
  return std::string(request.name);
}

/// A pin is never overwritten: the old identity stays what it was, blocked, under another name.
void Meeting::put_aside(std::string_view name) {
  constexpr std::string_view kOld = " (old)";
  const auto index = contacts_.find_name(name);
  const std::string kept =
      std::string(utf8_prefix(name, kNameSizeMax - kOld.size())) + std::string(kOld);
  contacts_.rename(*index, contacts_.free_name(kept, contacts_.at(*index).record.id));
  contacts_.set_blocked(*index, true);
}

ContactRecord Meeting::add_new(const AddRequest& request, const std::string& name,
                               const e2ee::IdentityPublic& identity, Met met,
                               HeldSession session, base::Time now, std::int64_t wall_s,
                               std::vector<wire::DeliveryTag>& fresh) {
  const bool replaces = request.replace && contacts_.find_name(name);
  if (replaces) put_aside(name);
  const ContactRecord record{.id = e2ee::person_id(identity),
                             .identity = identity,
                             .name = name,
                             .trust = replaces ? Trust::changed : Trust::unverified,
                             .added_unix_s = wall_s,
                             .met = met};
  const auto tags = contacts_.add(record, std::move(session), now);
  fresh.insert(fresh.end(), tags.begin(), tags.end());
  context_.dirty = true;
  return record;
}

base::Expected<e2ee::InvitePublic, PersonError> Meeting::read_invitation(std::string_view link,
                                                                         std::int64_t wall_s) {
  if (e2ee::link_kind(link) != e2ee::LinkKind::card) {
    auto invite = e2ee::parse_invite(link);
    if (!invite) return base::unexpected(person_error(invite.error()));
    return std::move(*invite);
  }
  const auto card = e2ee::parse_card(link);
  if (!card) return base::unexpected(person_error(card.error()));
  if (e2ee::is_expired(*card, wall_s)) return base::unexpected(PersonError::card_expired);
  return e2ee::card_invite(*card);
}

base::Expected<AddedContact, PersonError> Meeting::accept(const Owner& owner,
                                                          const AddRequest& request,
                                                          mesh_router::Router& router,
                                                          base::Time now, std::int64_t wall_s,
                                                          std::vector<wire::DeliveryTag>& fresh) {
  const auto invite = read_invitation(request.link, wall_s);
  if (!invite) return base::unexpected(invite.error());
  const Met met = invite->card.empty() ? Met::invitation : Met::card;
  if (invite->identity == owner.identity.public_identity())
    return base::unexpected(PersonError::own_link);
  const e2ee::PersonId id = e2ee::person_id(invite->identity);
  const auto known = contacts_.find_id(id);
  // One invitation is good for one answer: a second would go unheard. A card is for any number.
  if (known && met != Met::card &&
      contacts_.at(*known).standing.was_used(e2ee::answer_tag_of(invite->rendezvous)))
    return base::unexpected(PersonError::contact_exists);
  using Name = base::Expected<std::string, PersonError>;
  const auto chosen = known ? Name(contacts_.at(*known).record.name)
                            : choose_name(request, invite->name, id);
  if (!chosen) return base::unexpected(chosen.error());

  const std::uint64_t generation = contacts_.next_generation(known, wall_s);
  auto accepted =
      e2ee::accept_invite(owner.identity, owner.name, *invite, context_.random, generation);
  if (!accepted) return base::unexpected(person_error(accepted.error()));
  if (!send_answer(*accepted, id, router, now)) return base::unexpected(PersonError::store_full);

  HeldSession session{.session = std::move(accepted->session),
                      .we_invited = false,
                      .generation = generation,
                      .answer_tag = accepted->answer.tag};
  ContactRecord record;
  if (known) {
    // Met again, after a restore or in a pairing: the pin and what is trusted of it stay.
    contacts_.add_session(*known, std::move(session), now, fresh);
    healing_.renewed(*known, true, now);
    record = contacts_.shown(*known);
  } else {
    record =
        add_new(request, *chosen, invite->identity, met, std::move(session), now, wall_s, fresh);
  }
  return AddedContact{.contact = std::move(record),
                      .answer_link = e2ee::to_link(accepted->answer)};
}

/// Into the mesh at once, or once its stamp is found.
bool Meeting::send_answer(const e2ee::Accepted& accepted, const e2ee::PersonId& inviter,
                          mesh_router::Router& router, base::Time now) {
  if (accepted.unpaid) {
    if (stamps_.full()) return false;
    stamps_.add(*accepted.unpaid, inviter);
    return true;
  }
  const base::Bytes envelope =
      e2ee::answer_envelope(accepted.answer, StampDesk::kAnswerLifetime_s, context_.random);
  return router.submit(envelope, initial_carry_state(context_.random), now).has_value();
}

base::Expected<void, PersonError> Meeting::cancel_stamp(std::string_view contact) {
  const auto index = contacts_.find_name(contact);
  if (!index) return base::unexpected(PersonError::unknown_contact);
  if (!stamps_.cancel(contacts_.at(*index).record.id))
    return base::unexpected(PersonError::no_work);
  return {};
}

base::Expected<AddedContact, PersonError> Meeting::take_answer(
    const Owner& owner, const AddRequest& request, base::Time now, std::int64_t wall_s,
    std::vector<wire::DeliveryTag>& fresh) {
  const auto answer = e2ee::parse_answer(request.link);
  if (!answer) return base::unexpected(person_error(answer.error()));
  const WaitingInvite* waiting = invites_.find(answer->tag);
  const e2ee::PendingInvite* card = cards_.find(answer->tag);
  if (waiting == nullptr && card == nullptr) return answered_before(answer->body, request);
  if (card != nullptr) {
    if (cards_.was_opened(answer->tag, answer->body))
      return base::unexpected(PersonError::contact_exists);
    if (cards_.full(answer->tag)) return base::unexpected(PersonError::unknown_invite);
  }
  auto answered =
      e2ee::open_answer(owner.identity, card != nullptr ? *card : waiting->invite, answer->body);
  if (!answered) return base::unexpected(PersonError::damaged_link);

  const e2ee::PersonId id = e2ee::person_id(answered->identity);
  HeldSession session{.session = std::move(answered->session),
                      .we_invited = true,
                      .generation = answered->generation,
                      .answer_tag = answer->tag,
                      .heard = true};
  if (const auto known = contacts_.find_id(id)) {
    // Both invited each other at once, or they met again.
    contacts_.add_session(*known, std::move(session), now, fresh);
    healing_.renewed(*known, false, now);
    used_up(*answer, id);
    return AddedContact{.contact = contacts_.shown(*known), .answer_link = {}};
  }
  const auto chosen = choose_name(request, answered->name, id);
  if (!chosen) return base::unexpected(chosen.error());
  const Met met = card != nullptr ? Met::card : Met::invitation;
  const ContactRecord record =
      add_new(request, *chosen, answered->identity, met, std::move(session), now, wall_s, fresh);
  used_up(*answer, id);
  return AddedContact{.contact = record, .answer_link = {}};
}

/// The answer does not open again, whichever way it comes.
void Meeting::used_up(const e2ee::Answer& answer, const e2ee::PersonId& by) {
  if (cards_.find(answer.tag) != nullptr) {
    cards_.opened(answer.tag, answer.body);
  } else {
    invites_.answered(answer.tag, answer.body, by);
  }
}

/// The answer that is scanned came through the mesh already: the contact is there, and may be given
/// the name that the person chooses for it.
base::Expected<AddedContact, PersonError> Meeting::answered_before(base::ByteView answer,
                                                                   const AddRequest& request) {
  const auto who = invites_.who_answered(answer);
  const auto index = who ? contacts_.find_id(*who) : std::nullopt;
  if (!index) return base::unexpected(PersonError::unknown_invite);
  if (!request.name.empty() && request.name != contacts_.at(*index).record.name) {
    if (contacts_.find_name(request.name)) {
      if (!request.replace) return base::unexpected(PersonError::name_taken);
      put_aside(request.name);
      contacts_.set_trust(*index, Trust::changed);
    }
    contacts_.rename(*index, request.name);
    context_.dirty = true;
  }
  return AddedContact{.contact = contacts_.at(*index).record, .answer_link = {}};
}

Meeting::AnswerResult Meeting::open_answer(const wire::DeliveryTag& tag, base::ByteView body,
                                           base::Time now, std::vector<wire::DeliveryTag>& fresh) {
  WaitingInvite* waiting = invites_.find(tag);
  if (!owner_ || waiting == nullptr) return AnswerResult::failed;
  auto answered = e2ee::open_answer(owner_->identity, waiting->invite, body);
  if (!answered) return AnswerResult::failed;

  const e2ee::PersonId id = e2ee::person_id(answered->identity);
  HeldSession session{.session = std::move(answered->session),
                      .we_invited = true,
                      .generation = answered->generation,
                      .answer_tag = tag,
                      .heard = true};
  const Trust trust = trust_of(*waiting);
  if (const auto known = contacts_.find_id(id)) {
    if (!contacts_.hears(*known)) return AnswerResult::failed;
    if (trust == Trust::verified) contacts_.set_trust(*known, trust);
    contacts_.add_session(*known, std::move(session), now, fresh);
    healing_.renewed(*known, false, now);
  } else if (contacts_.size() >= ContactBook::kContactsMax) {
    return AnswerResult::failed;
  } else {
    const ContactRecord record{.id = id,
                               .identity = answered->identity,
                               .name = contacts_.free_name(answered->name, id),
                               .trust = trust,
                               .added_unix_s = context_.wall.unix_s};
    const auto tags = contacts_.add(record, std::move(session), now);
    fresh.insert(fresh.end(), tags.begin(), tags.end());
    context_.events.contact_changed(record);
  }
  invites_.answered(tag, body, id);
  context_.dirty = true;
  return AnswerResult::opened;
}

namespace {

/// The digits alone, of a text or of a scanned code.
std::string digits_of(std::string_view number) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  std::string out;
  for (const char c : number) {
    if (c != ' ' && c != '\n' && c != '\r' && c != '\t') out.push_back(lower(c));
  }
  if (out.starts_with(kSafetyPrefix)) out.erase(0, kSafetyPrefix.size());
  return out;
}

}  // namespace

base::Expected<ContactRecord, PersonError> Meeting::verify(std::string_view contact,
                                                           std::string_view safety_number) {
  if (!owner_) return base::unexpected(PersonError::no_identity);
  const auto index = contacts_.find_name(contact);
  if (!index) return base::unexpected(PersonError::unknown_contact);
  const ContactRecord& record = contacts_.at(*index).record;
  const auto ours = e2ee::safety_number(owner_->identity.public_identity(), record.identity);
  if (digits_of(safety_number) != digits_of(ours)) {
    return base::unexpected(PersonError::number_differs);
  }
  contacts_.set_trust(*index, Trust::verified);
  context_.dirty = true;
  return contacts_.shown(*index);
}

base::Expected<ContactRecord, PersonError> Meeting::unverify(std::string_view contact) {
  const auto index = contacts_.find_name(contact);
  if (!index) return base::unexpected(PersonError::unknown_contact);
  const ContactRecord& record = contacts_.at(*index).record;
  if (record.trust == Trust::verified) {
    contacts_.set_trust(*index, Trust::unverified);
    context_.dirty = true;
  }
  return contacts_.shown(*index);
}

base::Expected<ContactRecord, PersonError> Meeting::accept_change(std::string_view contact) {
  const auto index = contacts_.find_name(contact);
  if (!index) return base::unexpected(PersonError::unknown_contact);
  if (contacts_.at(*index).record.trust == Trust::changed) {
    contacts_.set_trust(*index, Trust::unverified);
    context_.dirty = true;
  }
  return contacts_.shown(*index);
}

}  // namespace chaski::node
