// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <variant>

#include "sim/contacts/contact.hpp"
#include "sim/faults/fault_report.hpp"
#include "sim/faults/people_faults.hpp"
#include "sim/people/contact_links.hpp"
#include "sim/radio/ble_parameters.hpp"
#include "sim/radio/path_loss.hpp"
#include "sim/results/run_result.hpp"
#include "sim/traffic/message_plan.hpp"
#include "sim/world/world.hpp"

namespace chaski::sim {

/// People with production nodes; see run_people().
struct PeopleRules {
  std::uint64_t seed = 1;
  /// How nodes in contact are linked: over Bluetooth, which they have to do themselves, or at once.
  std::variant<BleParameters, ContactLinkParameters> links;
  /// How strong they hear each other over Bluetooth; must outlive the run. Null: all alike.
  Signals* signals = nullptr;
  node::NodeConfig node{};
  std::uint64_t store_bytes_max = 64u << 20;
  /// From an input to the commit: more of them share one.
  base::Duration commit_every = std::chrono::milliseconds(50);
  /// Who writes to whom met in the last moment, and not weeks ago: answers and lists of standing
  /// invitations are on their way while they write.
  bool just_met = false;
  PeopleFaults faults;
  /// Copies are the envelopes in the stores of nodes that are on, receipts left out, and the bytes
  /// are those of all that is in them; who holds what is watched is looked at as often as a series
  /// has moments.
  Recording record;
};

/// What became of the messages, and what it took.
struct PeopleResult {
  RunResult run;
  BleUse radio;                   ///< of all nodes; nothing without Bluetooth
  std::vector<double> energy_mj;  ///< of each node's radio; empty without Bluetooth
  std::uint64_t events = 0;
  std::uint64_t frames = 0;
  std::uint64_t crashes = 0;
  std::uint64_t not_written = 0;  ///< messages whose author was off, or whose store was full
  std::uint64_t seen_twice = 0;   ///< messages a person read twice: must be 0
  std::uint64_t never_written = 0;  ///< that were read though nobody wrote them: must be 0
  std::uint64_t stored_bytes_most = 0;  ///< seen in any node's store of what it carries
  std::uint64_t files_wrong = 0;  ///< files that are not what was sent: must be 0
  std::uint64_t world_hash = 0;   ///< of every frame
  FaultReport faults;
};

/// The production node of every person, its session with everyone it writes to, its real texts:
/// from contacts and a plan to what arrived.
///
/// Who writes to whom has met before: identities and sessions are made before anything else
/// (acquaint_long_ago()). Texts are as long as the plan says, and at least 24 bytes. What
/// goes_as_file() is sent as a file, and has arrived when all of it is there and is what was sent,
/// byte by byte. What arrives after its lifetime does not count, though nodes carry it on to the
/// next class of lifetimes. One seed, one history. Of a plan nobody may write or be written to who
/// is no person (draw_cast() of rules.faults and rules.seed). Hops and carriers are those of texts;
/// of a way that leads through somebody who is no person, and of files, hops are 0.
PeopleResult run_people(ContactSource& contacts, const MessagePlan& plan, const PeopleRules& rules);

}  // namespace chaski::sim
