// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/link_id.hpp"
#include "base/time.hpp"
#include "e2ee/pairing.hpp"
#include "node/people_store.hpp"

namespace chaski::node {

enum class PairingPhase : std::uint8_t {
  none,     ///< nobody has said to pair since the start or the unlock
  running,
  met,      ///< there is a contact
  over,     ///< there is none; see PairingEnd
};

/// Why a pairing ended without a contact.
enum class PairingEnd : std::uint8_t {
  none,
  time,         ///< PairingTable::kTime is over
  cancelled,    ///< by our person
  they_ended,   ///< the one that was confirmed stopped, or broke the rules
  link_closed,  ///< to the one that was confirmed
  refused,      ///< the contact could not be made: too many, or the store is full
};
const char* to_string(PairingPhase phase);
const char* to_string(PairingEnd why);

/// A neighbour whose person pairs too, and what both screens show.
struct PairingPeerInfo {
  std::uint32_t number = 0;  ///< of this command, from 1
  base::TransportKind transport = base::TransportKind::lan;
  e2ee::Pairing::State state = e2ee::Pairing::State::calling;
  bool linked = true;
  e2ee::PairingSymbols symbols{};
  bool we_confirmed = false;
  bool they_confirmed = false;
};

struct PairingInfo {
  PairingPhase phase = PairingPhase::none;
  PairingEnd why = PairingEnd::none;
  base::Duration left{};  ///< while it runs
  std::vector<PairingPeerInfo> peers;
  std::optional<ContactRecord> contact;  ///< once met
};

}  // namespace chaski::node
