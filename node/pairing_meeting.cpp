// SPDX-License-Identifier: Apache-2.0
#include "node/pairing_meeting.hpp"

#include "base/assert.hpp"

namespace chaski::node {

void PairingMeeting::settle(mesh_router::Router& router, base::Time now,
                            std::vector<wire::DeliveryTag>& fresh) {
  e2ee::Pairing* pairing = table_.meeting();
  if (pairing == nullptr || !meeting_.owner()) return;
  const bool initiator = pairing->role() == e2ee::PairingRole::initiator;
  if (initiator && !pairing->offered()) return offer(*pairing);
  if (const auto invite = pairing->take_offer()) {
    accept(*pairing, *invite, router, now, fresh);
  } else if (const auto body = pairing->take_answer()) {
    take_answer(*pairing, *body, router, now, fresh);
  }
}

void PairingMeeting::offer(e2ee::Pairing& pairing) {
  const Owner& owner = *meeting_.owner();
  const e2ee::PendingInvite pending =
      e2ee::make_invite(owner.identity, owner.name, context_.random);
  if (!meeting_.invites().add(pending, InviteTrust::verified)) {
    return table_.stop(PairingEnd::refused);
  }
  answer_tag_ = pending.answer_tag();
  context_.dirty = true;
  pairing.offer(pending.invite);
  table_.hold();  // an invitation that a crash forgets could be answered, and nobody would know
}

void PairingMeeting::accept(e2ee::Pairing& pairing, const e2ee::InvitePublic& invite,
                            mesh_router::Router& router, base::Time now,
                            std::vector<wire::DeliveryTag>& fresh) {
  const auto added = add(e2ee::to_link(invite), router, now, fresh);
  if (!added || !added->answer_link) return table_.stop(PairingEnd::refused);
  const auto answer = e2ee::parse_answer(*added->answer_link);
  CHASKI_ASSERT(answer.has_value());
  pairing.answer(answer->body);
  met(pairing, added->contact.id);
}

void PairingMeeting::take_answer(e2ee::Pairing& pairing, const base::Bytes& body,
                                 mesh_router::Router& router, base::Time now,
                                 std::vector<wire::DeliveryTag>& fresh) {
  const auto added =
      add(e2ee::to_link(e2ee::Answer{.tag = answer_tag_, .body = body}), router, now, fresh);
  if (!added) return table_.stop(PairingEnd::refused);
  met(pairing, added->contact.id);
}

/// With the name that the person wants, or without when another contact has it by now.
base::Expected<AddedContact, PersonError> PairingMeeting::add(
    const std::string& link, mesh_router::Router& router, base::Time now,
    std::vector<wire::DeliveryTag>& fresh) {
  const std::int64_t wall_s = context_.wall.unix_s;
  AddRequest request{.link = link, .name = table_.wanted_name()};
  auto added = meeting_.add(request, router, now, wall_s, fresh);
  if (added || added.error() != PersonError::name_taken) return added;
  request.name = {};
  return meeting_.add(request, router, now, wall_s, fresh);
}

void PairingMeeting::met(e2ee::Pairing& pairing, const e2ee::PersonId& id) {
  const auto index = contacts_.find_id(id);
  CHASKI_ASSERT(index.has_value());
  contacts_.set_trust(*index, Trust::verified);
  context_.dirty = true;
  const ContactRecord contact = contacts_.shown(*index);
  context_.events.contact_changed(contact);
  pairing.finish();
  table_.hold();
  table_.met(contact);
}

}  // namespace chaski::node
