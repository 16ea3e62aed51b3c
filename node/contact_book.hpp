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
#include "node/session_list.hpp"
#include "node/standing.hpp"
#include "node/tag_table.hpp"
#include "node/token_bucket.hpp"

namespace chaski::node {

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
  std::vector<HeldSession> sessions;  ///< one; more while the older ones are still read
  Unanswered unanswered;              ///< kept with the sessions
  Standing standing;
  bool dirty = false;
  bool standing_dirty = false;
  bool touched = false;
  bool written = false;      ///< since the last take_touched(), as the next
  bool new_session = false;
  TokenBucket failed_opens{kFailedOpensBurst, kFailedOpenEvery};
  FailedOpens failed;
};

/// Contacts by index, name and id, their sessions, and the table of tags that both fill.
///
/// Rules: (1) names are unique. (2) a changed session is written once per save_dirty(), however
/// many messages it sealed or opened. (3) of several sessions both ends write in the one that
/// outranks() the others; all are read. (4) one is dropped when the contact has had a better one
/// for as long as an envelope lives, or when there are too many.
class ContactBook {
 public:
  static constexpr std::size_t kSessionsMax = 6;
  /// Silence shorter than this says nothing, whatever the lifetime of what was written.
  static constexpr base::Duration kSilenceMin = std::chrono::hours(24);
  static constexpr base::Duration kSupersededKept = std::chrono::seconds(wire::kLifetimeMax_s);
  static constexpr std::size_t kContactsMax = 10'000;

  explicit ContactBook(PeopleStore& people) : people_(people) {}
  /// Reads everything from the store; returns all tags that are waited for.
  std::vector<wire::DeliveryTag> load();

  /// Adds a contact with its first session; the name must be free and valid.
  /// Returns the tags that are waited for from now on.
  std::vector<wire::DeliveryTag> add(const ContactRecord& record, HeldSession session,
                                     base::Time now);
  /// Adds one more session; where there are too many, the one that counts least goes.
  void add_session(std::uint32_t index, HeldSession session, base::Time now,
                   std::vector<wire::DeliveryTag>& tags);
  /// The generation for a session that we make now: above all others with this contact, if there is
  /// one.
  std::uint64_t next_generation(std::optional<std::uint32_t> index, std::int64_t unix_s) const;
  /// A message to the contact was sealed that lives so long.
  void wrote(std::uint32_t index, std::uint32_t lifetime_s, base::Time now);
  /// Contacts whose sessions or silence changed since the last call.
  struct Touched {
    std::uint32_t contact;
    bool written;
    bool new_session;
  };
  std::vector<Touched> take_touched();
  /// Something opened in this session of the contact.
  void heard(std::uint32_t index, std::uint8_t session, base::Time now);

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
  /// Every tag of this contact's sessions, and of what they were given to begin others with.
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

  /// The session to write in; null when the contact has none.
  e2ee::Session* writing_session(std::uint32_t index);
  void apply(std::uint32_t index, std::uint8_t session, const e2ee::TagChanges& changes);
  void mark_dirty(std::uint32_t index);
  void mark_standing(std::uint32_t index);
  bool dirty() const { return !dirty_.empty() || !standing_dirty_.empty(); }
  void save_dirty();
  /// Lets sessions forget what is too old.
  void expire(base::Time now);

  TagTable& tags() { return tags_; }

 private:
  std::uint32_t insert(const ContactRecord& record);
  void listen(std::uint32_t index, std::size_t session, std::vector<wire::DeliveryTag>& tags);
  void forget(std::uint32_t index, std::size_t session);
  void drop(std::uint32_t index, std::size_t session);
  Contact& touch(std::uint32_t index);

  PeopleStore& people_;
  std::deque<Contact> contacts_;  ///< never erased: an index stays valid
  std::map<std::string, std::uint32_t, std::less<>> by_name_;
  std::map<e2ee::PersonId, std::uint32_t> by_id_;
  std::vector<std::uint32_t> dirty_;
  std::vector<std::uint32_t> standing_dirty_;
  std::vector<std::uint32_t> touched_;
  TagTable tags_;
};

}  // namespace chaski::node
