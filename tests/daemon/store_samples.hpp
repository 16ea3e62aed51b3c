// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "node/people_store.hpp"
#include "tests/mesh-router/envelope_samples.hpp"

namespace chaski::daemon {

using mesh_router::body_of;
using mesh_router::record_of;
using mesh_router::same;
using mesh_router::tagged;

inline node::ContactRecord contact_of(std::uint64_t number, std::string name) {
  node::ContactRecord c;
  c.id = tagged<e2ee::PersonId>(number);
  c.identity.agreement = tagged<e2ee::AgreementPublicKey>(number + 1);
  c.identity.signing = tagged<e2ee::SigningPublicKey>(number + 2);
  c.name = std::move(name);
  c.trust = node::Trust::verified;
  c.added_unix_s = static_cast<std::int64_t>(number);
  return c;
}

inline node::MessageRecord message_of(std::uint64_t number, node::Direction direction) {
  node::MessageRecord m;
  m.contact = tagged<e2ee::PersonId>(number % 2);
  m.direction = direction;
  m.state = direction == node::Direction::incoming ? node::MessageState::received
                                                   : node::MessageState::accepted;
  m.envelope = tagged<wire::EnvelopeId>(number);
  if (number % 3 == 0) {
    m.kind = e2ee::ContentKind::reaction;
    m.about = tagged<wire::EnvelopeId>(number + 1);
  }
  m.disappears_after_s = number % 4 == 0 ? 60 : 0;
  m.text = "text \xc3\xbc " + std::to_string(number);
  m.sent_unix_s = static_cast<std::int64_t>(number) + 5;
  m.received_unix_s = direction == node::Direction::incoming ? 9 : 0;
  m.lifetime_s = 77;
  m.age_ms = 1'234'567'890'123u;
  return m;
}

}  // namespace chaski::daemon
