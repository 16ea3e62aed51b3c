// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <string>

#include "base/time.hpp"
#include "e2ee/standing.hpp"

namespace chaski::node {

/// What one contact and we have given each other to begin anew with, and what is due of it. Times
/// are of the node's clock; a zero time is none.
struct Standing {
  static constexpr std::size_t kGiven = 8;      ///< kept for a contact: given anew up to so many
  static constexpr std::size_t kUsedMax = 64;   ///< of those that we answered, remembered

  std::uint64_t generation_seen = 0;  ///< the highest of a session with them
  // Theirs, for us to answer.
  std::uint64_t theirs_generation = 0;  ///< of the session in which the list came
  std::uint64_t theirs_serial = 0;
  std::vector<e2ee::StandingPublic> theirs;
  std::deque<wire::DeliveryTag> used;  ///< answer tags of those that we answered, oldest first
  // Ours, for them to answer.
  std::uint64_t our_serial = 0;
  std::vector<e2ee::StandingInvite> ours;
  base::Time give_at{};           ///< when the list is to be sent
  wire::EnvelopeId given_in{};    ///< the envelope with the newest list; zero: none was sent
  base::Time given_until{};       ///< until then it may still arrive
  bool given = false;             ///< its receipt came
  // Healing.
  base::Time heal_at{};           ///< when the session is to be renewed by itself
  base::Time healed_at{};         ///< when we did last
  std::uint8_t unheard = 0;       ///< times since something was last heard in the newest session
  std::int64_t renewed_unix_s = 0;  ///< when a session was last renewed, by either; 0: never

  bool was_used(const wire::DeliveryTag& tag) const;
  /// We answered an invitation of theirs: it is not answered again.
  void use(const wire::DeliveryTag& tag);

  /// Version 1; the fields in this order, times in µs and all numbers little-endian (8; the count
  /// of each list and `unheard` 1); one of theirs is prekey and rendezvous secret, one of ours the
  /// prekey's secret before them.
  base::Bytes save() const;
  /// What a backup takes: theirs, what was used of it, and generation_seen.
  Standing for_backup() const;
  static std::optional<Standing> load(base::ByteView bytes);
};

/// The name under which the store keeps it: `standing/` and the contact's id in hexadecimal.
std::string standing_name(base::ByteView contact_id);

}  // namespace chaski::node
