// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/link_id.hpp"
#include "mesh-router/held_envelope.hpp"

namespace chaski::mesh_router {

/// Why an envelope did not go to a neighbour yet.
enum class Withheld : std::uint8_t {
  told,            ///< its id was announced: it asks for it if it lacks it
  paced,           ///< to be announced, but enough was announced for this second
  has_it,          ///< it brought it, took it, or will never take it
  had_it,          ///< both had it when the link came up
  on_its_way,      ///< sent, whole or in part, and not answered yet
  not_durable,     ///< not committed here
  expired,
  no_hops,         ///< may not travel any farther
  policy,          ///< the strategy keeps it from this neighbour
  shown,           ///< offered once for its recipient alone (or had_it), and not again on this link
  comparing,       ///< it is being found out what the neighbour lacks
  refused,         ///< the neighbour said that it cannot take it now
  probing,         ///< after a refusal one goes at a time, until one is taken
  window_full,     ///< as much is unanswered as may be
  transfer_place,  ///< too large for a frame, and the places for such ones are taken
  queued,          ///< nothing is in its way but what goes before it
  kCount
};
const char* to_string(Withheld why);

/// What is known of an envelope.
enum class Presence : std::uint8_t {
  held,
  tombstoned,  ///< read here; not taken again
  seen,        ///< held lately: delivered, expired or displaced
  unknown,
};
const char* to_string(Presence presence);

/// One link, seen from one envelope.
struct NeighbourExplanation {
  NeighbourId id;
  base::LinkId link;
  base::Time since{};
  Withheld why = Withheld::queued;
  /// When it is tried again, if that is known.
  std::optional<base::Time> until{};
  /// How many of its lane that share its turn go before it, counted to RelayLanes::kCountMax and
  /// what is in the backlog; nothing when it is in no queue to this neighbour.
  std::optional<std::uint64_t> ahead{};
};

/// Where an envelope stands, at one moment. Only `presence` counts when it is not held.
struct Explanation {
  Presence presence = Presence::unknown;
  bool local = false;
  Lane lane = Lane::receipts;
  std::uint64_t age_ms = 0;
  std::uint64_t lifetime_left_ms = 0;  ///< here: the shorter of its lifetime and residence_max
  std::uint32_t size = 0;
  std::uint16_t copies = 0;
  std::uint8_t hops_left = 0;
  std::vector<NeighbourExplanation> neighbours;  ///< one for each link
};

}  // namespace chaski::mesh_router
