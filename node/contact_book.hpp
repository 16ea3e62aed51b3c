// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "e2ee/session.hpp"
#include "node/body_pool.hpp"
#include "node/node.hpp"
#include "node/people_store.hpp"
#include "node/tag_table.hpp"
#include "node/token_bucket.hpp"

namespace chaski::node {

/// One session with a contact, and from whose invitation it came.
struct HeldSession {
  e2ee::Session session;
  bool we_invited = false;
};

/// Envelopes that bore a good tag and did not open: not tried again. Bounded, the oldest is
/// forgotten.
class FailedOpens {
 public:
  static constexpr std::size_t kIdsMax = 4'096;
  bool contains(const wire::EnvelopeId& id) const { return ids_.contains(id); }
  void add(const wire::EnvelopeId& id);

 private:
  std::unordered_set<wire::EnvelopeId, EnvelopeIdHash> ids_;
  std::deque<wire::EnvelopeId> order_;
};

/// A contact with what is needed to write to them and to read them.
struct Contact {
  /// Failed opens allowed at once, and then one a period: junk under a copied tag costs no more.
  static constexpr std::int64_t kFailedOpensBurst = 64;
  static constexpr base::Duration kFailedOpenEvery = std::chrono::milliseconds(50);

  ContactRecord record;
  std::vector<HeldSession> sessions;  ///< one; two when both invited each other at once
  bool dirty = false;
  TokenBucket failed_opens{kFailedOpensBurst, kFailedOpenEvery};
  FailedOpens failed;
};

/// Contacts by index, name and id, their sessions, and the table of tags that both fill.
///
/// Rules: (1) names are unique. (2) a changed session is written once per save_dirty(), however
/// many messages it sealed or opened. (3) of two sessions the one whose inviter has the smaller
/// PersonId writes, so that both ends write in the same one; both are read.
class ContactBook {
 public:
  static constexpr std::size_t kSessionsMax = 2;
  static constexpr std::size_t kContactsMax = 10'000;

  explicit ContactBook(PeopleStore& people) : people_(people) {}
  /// Reads everything from the store; returns all tags that are waited for.
  std::vector<wire::DeliveryTag> load();

  /// Adds a contact with its first session; the name must be free and valid.
  /// Returns the tags that are waited for from now on.
  std::vector<wire::DeliveryTag> add(const ContactRecord& record, HeldSession session);
  /// Adds a second session. False when there is no room for one.
  bool add_session(std::uint32_t index, HeldSession session, std::vector<wire::DeliveryTag>& tags);

  /// Gives a contact another name, which must be free and valid.
  void rename(std::uint32_t index, std::string_view name);
  void set_trust(std::uint32_t index, Trust trust);
  void set_blocked(std::uint32_t index, bool blocked);
  void set_own_name(std::uint32_t index, std::string_view name);

  /// The gate, one for everything: why nothing may be written to this contact, if so.
  std::optional<PersonError> refuses_writing(std::uint32_t index) const;
  /// Whether what bears a tag of this contact's is looked at at all. What is not is carried as if
  /// it were a stranger's.
  bool hears(std::uint32_t index) const { return !contacts_[index].record.blocked; }
  /// Whether there is room for the session of one more meeting. `again`: also when there is one.
  bool can_meet(std::uint32_t index, bool again) const {
    return contacts_[index].sessions.size() < (again ? kSessionsMax : 1);
  }
  /// Every tag of this contact's sessions.
  std::vector<wire::DeliveryTag> expected_tags(std::uint32_t index) const;

  std::size_t size() const { return contacts_.size(); }
  Contact& at(std::uint32_t index) { return contacts_[index]; }
  const Contact& at(std::uint32_t index) const { return contacts_[index]; }
  /// The record as it is shown: with whether there is a session.
  ContactRecord shown(std::uint32_t index) const;
  std::optional<std::uint32_t> find_name(std::string_view name) const;
  std::optional<std::uint32_t> find_id(const e2ee::PersonId& id) const;
  /// `wanted`, or with "-2", "-3", … behind it when taken.
  std::string free_name(std::string_view wanted, const e2ee::PersonId& id) const;

  /// Whose book it is: says in which of two sessions is written.
  void set_own_id(const e2ee::PersonId& us) { us_ = us; }
  /// The session to write in; null when the contact has none.
  e2ee::Session* writing_session(std::uint32_t index);
  void apply(std::uint32_t index, std::uint8_t session, const e2ee::TagChanges& changes);
  void mark_dirty(std::uint32_t index);
  bool dirty() const { return !dirty_.empty(); }
  void save_dirty();
  /// Lets sessions forget what is too old.
  void expire(base::Time now);

  TagTable& tags() { return tags_; }

 private:
  std::uint32_t insert(const ContactRecord& record);
  void listen(std::uint32_t index, std::vector<wire::DeliveryTag>& tags);

  PeopleStore& people_;
  std::deque<Contact> contacts_;  ///< never erased: an index stays valid
  std::map<std::string, std::uint32_t, std::less<>> by_name_;
  std::map<e2ee::PersonId, std::uint32_t> by_id_;
  std::vector<std::uint32_t> dirty_;
  e2ee::PersonId us_{};
  TagTable tags_;
};

/// Sessions of one contact as bytes: version 1, count, then for each: we_invited, size (4 bytes,
/// little-endian), the session's own bytes.
base::Bytes save_sessions(const std::vector<HeldSession>& sessions);
/// Nothing when the bytes are not what save_sessions() wrote.
std::optional<std::vector<HeldSession>> load_sessions(base::ByteView bytes);

}  // namespace chaski::node
