// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "e2ee/session.hpp"

namespace chaski::node {

/// One session with a contact, and what both sides know it by.
struct HeldSession {
  e2ee::Session session;
  bool we_invited = false;
  std::uint64_t generation = 0;    ///< e2ee::kGenerationMax
  wire::DeliveryTag answer_tag{};  ///< of the answer that made it
  /// The contact has it: they made it, or something of theirs opened in it.
  bool heard = false;
  /// Since when the contact has one that counts for more, so that nothing new comes in this one.
  std::optional<base::Time> superseded{};
};

/// Whether both people write in `a` rather than in `b`: the higher generation, then the smaller
/// answer tag, which are the same at both ends.
bool outranks(const HeldSession& a, const HeldSession& b);

/// Index of the session to write in; nothing when there is none.
std::optional<std::size_t> writing_index(const std::vector<HeldSession>& sessions);

/// Marks what came before a heard session that counts for more. True when something changed.
bool mark_superseded(std::vector<HeldSession>& sessions, base::Time now);

/// Of these sessions, in the order in which they came, the one that may go first when there are too
/// many: the one that counts least, but never the last that came.
std::size_t least_index(const std::vector<HeldSession>& sessions);

/// Since when we wait for a sign of life in the session that we write in, after the oldest message
/// that had none, and from when on its lack says something; zero times: we do not wait.
struct Unanswered {
  base::Time since{};
  base::Time until{};
};

/// Sessions of one contact as they are kept.
struct SessionList {
  std::vector<HeldSession> sessions;
  Unanswered unanswered;
};
/// Version 2, count, unanswered since and until in µs (8 each); then for each: flags (1: we
/// invited, 2: heard), generation (8), answer tag (8), superseded in µs (8, -1: not), size (4), the
/// session's own bytes. Numbers are little-endian.
base::Bytes save_sessions(const std::vector<HeldSession>& sessions, const Unanswered& unanswered);
/// Nothing when the bytes are not what save_sessions() wrote.
std::optional<SessionList> load_sessions(base::ByteView bytes);

}  // namespace chaski::node
