// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "base/hex.hpp"
#include "base/random.hpp"
#include "e2ee/session.hpp"

namespace chaski::e2ee::test {

/// A tag table as the node keeps one: follows TagChanges exactly.
class TagTable {
 public:
  TagTable() = default;
  explicit TagTable(const Session& session) {
    for (const auto& tag : session.expected_tags()) EXPECT_TRUE(tags_.insert(tag).second);
  }
  void apply(const TagChanges& changes) {
    const std::set added(changes.added.begin(), changes.added.end());
    for (const auto& tag : changes.removed) EXPECT_FALSE(added.contains(tag)) << "came and went";
    for (const auto& tag : changes.added) EXPECT_TRUE(tags_.insert(tag).second) << "added twice";
    for (const auto& tag : changes.removed) EXPECT_EQ(tags_.erase(tag), 1u) << "removed, not there";
  }
  bool has(const wire::DeliveryTag& tag) const { return tags_.contains(tag); }
  bool equals(const Session& session) const {
    const auto list = session.expected_tags();
    return list.size() == tags_.size() && std::set(list.begin(), list.end()) == tags_;
  }
  std::size_t size() const { return tags_.size(); }

 private:
  std::set<wire::DeliveryTag> tags_;
};

inline Content text(std::string_view what) {
  Content content;
  content.sent_at_unix_s = 1'700'000'000;
  content.payload.assign(what.begin(), what.end());
  return content;
}

/// One person with a session towards the other and the table beside it.
struct Person {
  Identity identity;
  Session session;
  TagTable table{session};

  base::Bytes seal(std::string_view what, base::Random& random, std::uint32_t lifetime_s = 3600) {
    return session.seal(text(what), lifetime_s, wire::Priority::normal, random).envelope;
  }
  /// Opens as a node does: only what the table knows reaches the session.
  base::Expected<Content, OpenFailed> open(base::ByteView bytes, base::Time now = {}) {
    const auto envelope = wire::decode_envelope(bytes);
    if (!envelope || !table.has(envelope->tag)) return base::unexpected(OpenFailed{});
    TagChanges changes;
    auto content = session.open(*envelope, now, changes);
    table.apply(changes);
    return content;
  }
  bool reads(base::ByteView bytes, std::string_view what) {
    const auto content = open(bytes);
    return content && base::as_text(content->payload) == what;
  }
};

/// Two people who have met: `inviter` showed the invitation, `acceptor` scanned it.
struct Pair {
  Person inviter;
  Person acceptor;
};

inline Pair meet(base::Random& random) {
  const Identity a = Identity::generate(random);
  const Identity b = Identity::generate(random);
  const PendingInvite pending = make_invite(a, "Anna", random);
  auto accepted = accept_invite(b, "Bela", pending.invite, random);
  EXPECT_TRUE(accepted.has_value());
  auto answered = open_answer(a, pending, accepted->answer.body);
  EXPECT_TRUE(answered.has_value());
  return {Person{a, std::move(answered->session)}, Person{b, std::move(accepted->session)}};
}

}  // namespace chaski::e2ee::test
