// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mesh-router/router.hpp"
#include "node/card_cache.hpp"
#include "node/card_desk.hpp"
#include "node/card_post.hpp"
#include "node/context.hpp"
#include "node/healing.hpp"
#include "node/invite_book.hpp"
#include "node/keeping.hpp"
#include "node/node.hpp"
#include "node/stamp_desk.hpp"

namespace chaski::node {

/// Before the digits of a safety number in a QR code; upper or lower case.
inline constexpr std::string_view kSafetyPrefix = "chaski:safety/";

/// A link, and what the person says about it: see Node::add().
struct AddRequest {
  std::string_view link{};
  std::string_view name{};
  bool replace = false;
};

/// How people come to know each other: identity, invitations and their answers.
class Meeting {
 public:
  Meeting(Context& context, ContactBook& contacts);

  const std::optional<Owner>& owner() const { return owner_; }
  /// Valid while there is an owner.
  const e2ee::PersonId& own_id() const { return own_id_; }
  base::Expected<e2ee::IdentityPublic, PersonError> create_identity(std::string_view name);
  /// `price_bits`: of the stamp that an answer through the mesh needs; 0: none.
  base::Expected<std::string, PersonError> invite(unsigned price_bits = 0);
  base::Expected<void, PersonError> rename_owner(std::string_view name);
  /// `fresh` gets the tags that are waited for from now on.
  base::Expected<AddedContact, PersonError> add(const AddRequest& request,
                                                mesh_router::Router& router, base::Time now,
                                                std::int64_t wall_s,
                                                std::vector<wire::DeliveryTag>& fresh);
  /// The two safety numbers were compared: the contact is verified. Spaces and the prefix of a
  /// scanned code (kSafetyPrefix) are not looked at.
  base::Expected<ContactRecord, PersonError> verify(std::string_view contact,
                                                    std::string_view safety_number);
  /// What was compared is not believed any more.
  base::Expected<ContactRecord, PersonError> unverify(std::string_view contact);
  /// The person writes to a contact again whose identity changed.
  base::Expected<ContactRecord, PersonError> accept_change(std::string_view contact);
  InviteBook& invites() { return invites_; }
  Healing& healing() { return healing_; }
  const Healing& healing() const { return healing_; }
  CardDesk& cards() { return cards_; }
  const CardDesk& cards() const { return cards_; }
  CardCache& heard_cards() { return heard_cards_; }
  const CardCache& heard_cards() const { return heard_cards_; }
  CardPost& card_post() { return card_post_; }
  const CardPost& card_post() const { return card_post_; }
  StampDesk& stamps() { return stamps_; }
  const StampDesk& stamps() const { return stamps_; }
  /// Gives up the answer to this contact's invitation that waits for its stamp.
  base::Expected<void, PersonError> cancel_stamp(std::string_view contact);

  /// An answer came through the mesh: the contact, or nothing when it did not open.
  enum class AnswerResult : std::uint8_t { opened, failed };
  AnswerResult open_answer(const wire::DeliveryTag& tag, base::ByteView body, base::Time now,
                           std::vector<wire::DeliveryTag>& fresh);

 private:
  /// The invitation, or the card, that a link is.
  static base::Expected<e2ee::InvitePublic, PersonError> read_invitation(std::string_view link,
                                                                         std::int64_t wall_s);
  base::Expected<AddedContact, PersonError> accept(const Owner& owner, const AddRequest& request,
                                                   mesh_router::Router& router, base::Time now,
                                                   std::int64_t wall_s,
                                                   std::vector<wire::DeliveryTag>& fresh);
  bool send_answer(const e2ee::Accepted& accepted, const e2ee::PersonId& inviter,
                   mesh_router::Router& router, base::Time now);
  base::Expected<AddedContact, PersonError> take_answer(const Owner& owner,
                                                        const AddRequest& request, base::Time now,
                                                        std::int64_t wall_s,
                                                        std::vector<wire::DeliveryTag>& fresh);
  void used_up(const e2ee::Answer& answer, const e2ee::PersonId& by);
  base::Expected<AddedContact, PersonError> answered_before(base::ByteView answer,
                                                            const AddRequest& request);
  void put_aside(std::string_view name);
  /// The name for a new contact: what the person says, else what they call themselves.
  base::Expected<std::string, PersonError> choose_name(const AddRequest& request,
                                                       std::string_view theirs,
                                                       const e2ee::PersonId& id) const;
  /// Adds somebody who was not a contact; who had their name is put aside when they replace them.
  ContactRecord add_new(const AddRequest& request, const std::string& name,
                        const e2ee::IdentityPublic& identity, Met met, HeldSession session,
                        base::Time now, std::int64_t wall_s, std::vector<wire::DeliveryTag>& fresh);

  void know_owner();

  Context& context_;
  ContactBook& contacts_;
  InviteBook invites_;
  StampDesk stamps_;
  std::optional<Owner> owner_;
  e2ee::PersonId own_id_;
  Healing healing_;
  CardDesk cards_;
  CardCache heard_cards_;
  CardPost card_post_;
};

}  // namespace chaski::node
