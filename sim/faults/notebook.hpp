// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "link/keys.hpp"
#include "sim/node_index.hpp"
#include "wire/envelope.hpp"

namespace chaski::sim {

/// When one colluder first heard of an envelope, and from whom.
struct Sighting {
  base::Time at{};
  NodeIndex colluder = 0;
  NodeIndex bearer = 0;
  /// What stood beside it; nothing when it was only announced.
  std::optional<wire::CarryState> state;
};

/// All that colluders know of one envelope.
struct SeenEnvelope {
  std::optional<wire::EnvelopeKind> kind;  ///< nothing: only its id was heard
  wire::DeliveryTag tag;                   ///< of a sealed one
  wire::EnvelopeId about;                  ///< of a receipt: what it names
  std::uint32_t size_bytes = 0;
  std::vector<Sighting> first;     ///< by colluder, in the order in which they saw it
  std::vector<NodeIndex> bearers;  ///< everybody who brought it to one of them, ascending
};

/// What colluders write down together.
///
/// They know a device again whenever they meet it, which is more than its keys tell them. Of each
/// other and of other liars they write nothing.
class Notebook {
 public:
  /// Who has this node key now; nothing for who is no person.
  using WhoIs = std::function<std::optional<NodeIndex>(const link::NodePublicKey&)>;
  explicit Notebook(WhoIs who_is) : who_is_(std::move(who_is)) {}

  std::optional<NodeIndex> met(const link::NodePublicKey& key, base::Time now);
  void saw(NodeIndex colluder, NodeIndex bearer, const wire::CarriedEnvelope& carried,
           base::Time now);
  void heard_of(NodeIndex colluder, NodeIndex bearer, const wire::EnvelopeId& id, base::Time now);

  const std::map<wire::EnvelopeId, SeenEnvelope>& seen() const { return seen_; }
  /// Who was met, and when first.
  const std::map<NodeIndex, base::Time>& first_met() const { return first_met_; }

 private:
  void note(SeenEnvelope& seen, const Sighting& sighting);

  WhoIs who_is_;
  std::map<wire::EnvelopeId, SeenEnvelope> seen_;
  std::map<NodeIndex, base::Time> first_met_;
};

}  // namespace chaski::sim
