// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "node/contact_book.hpp"
#include "node/context.hpp"
#include "node/meeting.hpp"
#include "node/pairing_table.hpp"

namespace chaski::node {

/// Makes contacts of two people who have confirmed: the invitation and the answer of every other
/// meeting, over the link that they compared symbols for.
///
/// The answer goes into the mesh as well, so that a link that closes at the last step leaves no
/// half contact; the invitation says that whoever answers it is verified.
class PairingMeeting {
 public:
  PairingMeeting(Context& context, ContactBook& contacts, Meeting& meeting, PairingTable& table)
      : context_(context), contacts_(contacts), meeting_(meeting), table_(table) {}

  /// Does what can be done now. `fresh` gets the tags that are waited for from now on.
  void settle(mesh_router::Router& router, base::Time now, std::vector<wire::DeliveryTag>& fresh);

 private:
  void offer(e2ee::Pairing& pairing);
  void accept(e2ee::Pairing& pairing, const e2ee::InvitePublic& invite,
              mesh_router::Router& router, base::Time now,
              std::vector<wire::DeliveryTag>& fresh);
  void take_answer(e2ee::Pairing& pairing, const base::Bytes& body, mesh_router::Router& router,
                   base::Time now, std::vector<wire::DeliveryTag>& fresh);
  base::Expected<AddedContact, PersonError> add(const std::string& link,
                                                mesh_router::Router& router, base::Time now,
                                                std::vector<wire::DeliveryTag>& fresh);
  void met(e2ee::Pairing& pairing, const e2ee::PersonId& id);

  Context& context_;
  ContactBook& contacts_;
  Meeting& meeting_;
  PairingTable& table_;
  wire::DeliveryTag answer_tag_;  ///< of the invitation that was offered
};

}  // namespace chaski::node
