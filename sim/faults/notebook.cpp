// SPDX-License-Identifier: Apache-2.0
#include "sim/faults/notebook.hpp"

#include <algorithm>

namespace chaski::sim {

std::optional<NodeIndex> Notebook::met(const link::NodePublicKey& key, base::Time now) {
  const auto who = who_is_(key);
  if (who) first_met_.emplace(*who, now);
  return who;
}

void Notebook::saw(NodeIndex colluder, NodeIndex bearer, const wire::CarriedEnvelope& carried,
                   base::Time now) {
  const auto fields = wire::decode_envelope(carried.envelope);
  if (!fields) return;
  SeenEnvelope& seen = seen_[wire::envelope_id(carried.envelope)];
  if (!seen.kind) {
    seen.kind = fields->kind;
    seen.tag = fields->tag;
    seen.size_bytes = static_cast<std::uint32_t>(carried.envelope.size());
    const auto receipt = wire::decode_receipt_body(fields->body);
    if (fields->kind == wire::EnvelopeKind::receipt && receipt) seen.about = receipt->envelope;
  }
  Sighting sighting;
  sighting.at = now;
  sighting.colluder = colluder;
  sighting.bearer = bearer;
  sighting.state = carried.state;
  note(seen, sighting);
}

void Notebook::heard_of(NodeIndex colluder, NodeIndex bearer, const wire::EnvelopeId& id,
                        base::Time now) {
  Sighting sighting;
  sighting.at = now;
  sighting.colluder = colluder;
  sighting.bearer = bearer;
  note(seen_[id], sighting);
}

void Notebook::note(SeenEnvelope& seen, const Sighting& sighting) {
  const auto known = std::find_if(seen.first.begin(), seen.first.end(), [&](const Sighting& other) {
    return other.colluder == sighting.colluder;
  });
  if (known == seen.first.end()) {
    seen.first.push_back(sighting);
  } else if (!known->state && known->bearer == sighting.bearer) {
    known->state = sighting.state;  // it was announced, and came from the same
  }
  const auto at = std::lower_bound(seen.bearers.begin(), seen.bearers.end(), sighting.bearer);
  if (at == seen.bearers.end() || *at != sighting.bearer) seen.bearers.insert(at, sighting.bearer);
}

}  // namespace chaski::sim
