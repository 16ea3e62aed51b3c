// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mesh-router/router.hpp"
#include "node/context.hpp"
#include "node/invite_book.hpp"
#include "node/keeping.hpp"
#include "node/node.hpp"

namespace chaski::node {

/// How people come to know each other: identity, invitations and their answers.
class Meeting {
 public:
  /// How long an answer travels through the mesh.
  static constexpr std::uint32_t kAnswerLifetime_s = 14 * 24 * 3600;

  Meeting(Context& context, ContactBook& contacts);

  const std::optional<Owner>& owner() const { return owner_; }
  /// Valid while there is an owner.
  const e2ee::PersonId& own_id() const { return own_id_; }
  base::Expected<e2ee::IdentityPublic, PersonError> create_identity(std::string_view name);
  base::Expected<std::string, PersonError> invite();
  /// `fresh` gets the tags that are waited for from now on.
  base::Expected<AddedContact, PersonError> add(std::string_view link_text, std::string_view name,
                                                mesh_router::Router& router, base::Time now,
                                                std::int64_t wall_s,
                                                std::vector<wire::DeliveryTag>& fresh);
  InviteBook& invites() { return invites_; }

  /// An answer came through the mesh: the contact, or nothing when it did not open.
  enum class AnswerResult : std::uint8_t { opened, failed };
  AnswerResult open_answer(const wire::DeliveryTag& tag, base::ByteView body,
                           std::vector<wire::DeliveryTag>& fresh);

 private:
  base::Expected<AddedContact, PersonError> accept(const Owner& owner, std::string_view link_text,
                                                   std::string_view name,
                                                   mesh_router::Router& router, base::Time now,
                                                   std::int64_t wall_s,
                                                   std::vector<wire::DeliveryTag>& fresh);
  base::Expected<AddedContact, PersonError> take_answer(const Owner& owner,
                                                        std::string_view link_text,
                                                        std::string_view name, std::int64_t wall_s,
                                                        std::vector<wire::DeliveryTag>& fresh);
  base::Expected<AddedContact, PersonError> answered_before(base::ByteView answer,
                                                            std::string_view name);
  /// The name for a new contact: what the person says, else what they call themselves.
  base::Expected<std::string, PersonError> choose_name(std::string_view given,
                                                       std::string_view theirs,
                                                       const e2ee::PersonId& id) const;

  Context& context_;
  ContactBook& contacts_;
  InviteBook invites_;
  std::optional<Owner> owner_;
  e2ee::PersonId own_id_;
};

}  // namespace chaski::node
