// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "e2ee/session.hpp"
#include "mesh-router/envelope_store.hpp"
#include "wire/types.hpp"

namespace chaski::node {

/// One message of this node's person; counts up over the life of the data folder.
using MessageId = std::uint64_t;

enum class Trust : std::uint8_t { unverified, verified, changed };
/// How a contact came to be one; kept as it was, whatever came later.
enum class Met : std::uint8_t {
  invitation,    ///< a link or a code that one gave the other, or a pairing
  card,          ///< one answered the other's card: whoever that was
  introduction,  ///< another contact introduced them: `introduced_by`
};
inline constexpr Met kMetLast = Met::introduction;
enum class Direction : std::uint8_t { outgoing, incoming };
enum class MessageState : std::uint8_t {
  accepted,   ///< written and durable here
  custody,    ///< at least one neighbour has taken it
  delivered,  ///< its receipt came back
  expired,    ///< it grew too old; the recipient may have it all the same
  received,   ///< incoming
  read,       ///< incoming: shown to the person here; outgoing: they told that they read it
  deleted,    ///< taken back, deleted here, or it disappeared: nothing of it is left but its place
};
/// Whether nothing more is expected to become of its envelope.
constexpr bool is_final(MessageState state) {
  return state != MessageState::accepted && state != MessageState::custody;
}
const char* to_string(MessageState state);
const char* to_string(Trust trust);
const char* to_string(Met met);
const char* to_string(e2ee::ContentKind kind);

struct ContactRecord {
  e2ee::PersonId id;
  e2ee::IdentityPublic identity;
  std::string name;  ///< unique among contacts of this node, 1 to 32 bytes of UTF-8
  Trust trust = Trust::unverified;
  bool blocked = false;  ///< nothing is written to them, and nothing of theirs is looked at
  std::string own_name{};  ///< what they call themselves, when they told; not unique
  std::int64_t added_unix_s = 0;
  Met met = Met::invitation;
  e2ee::PersonId introduced_by{};  ///< Met::introduction: the contact who did; else zero
  // Not kept with it.
  /// There is no session, as after a restore, and nothing to begin one with: the two have to meet.
  bool needs_meeting = false;
  std::uint32_t sessions = 0;         ///< one; more while older ones are still read
  std::uint32_t standing = 0;         ///< times that a new one can be begun through the mesh
  std::int64_t renewed_unix_s = 0;    ///< when that was last, by either; 0: never
};

struct MessageRecord {
  MessageId id = 0;
  e2ee::PersonId contact;
  Direction direction = Direction::outgoing;
  MessageState state = MessageState::accepted;
  e2ee::ContentKind kind = e2ee::ContentKind::text;
  wire::EnvelopeId envelope;
  std::optional<wire::EnvelopeId> about{};  ///< the message it answers, or what it reacts to
  std::string text;
  std::int64_t sent_unix_s = 0;       ///< sender's wall clock, display only
  std::int64_t received_unix_s = 0;   ///< ours; 0 for outgoing
  std::int64_t delivered_unix_s = 0;  ///< when the receipt came; 0 unless delivered
  std::int64_t read_unix_s = 0;       ///< when it was read, or when we were told; 0 unless read
  std::uint32_t lifetime_s = 0;
  std::uint64_t age_ms = 0;              ///< incoming: age on arrival
  std::uint32_t disappears_after_s = 0;  ///< from when it was sent or read here; 0: stays
};

/// What is left of a message that was erased: that there was one, with whom, and whether it
/// disappeared.
MessageRecord erased(const MessageRecord& message);

/// One line in the life of a message, for `explain`.
struct LifeEvent {
  std::int64_t unix_s = 0;
  base::Time time{};
  std::string what;       ///< accepted, sent, custody, refused, delivered, expired, received
  std::string neighbour;  ///< first 8 hex characters of the neighbour's node key, or empty
};

struct MessageQuery {
  std::optional<e2ee::PersonId> contact;
  MessageId after = 0;      ///< only ids above this
  std::size_t limit = 100;  ///< the newest so many, in ascending order
};

/// How far a search along a conversation came.
struct ThreadSearch {
  struct Found {
    MessageId message = 0;
    wire::EnvelopeId envelope;
  };
  std::optional<Found> found{};
  MessageId next = 0;     ///< where to go on; 0: nothing is older
  std::size_t steps = 0;  ///< messages that were looked at
};

/// What a person has: identity, contacts, invitations, messages. Same transaction as the envelopes.
///
/// All changes become durable together by NodeStore::commit(). Implementations: MemoryNodeStore,
/// daemon's SqliteStore.
class PeopleStore {
 public:
  virtual ~PeopleStore() = default;

  virtual std::optional<base::Bytes> load_value(std::string_view key) = 0;  ///< small named blobs
  virtual void save_value(std::string_view key, base::ByteView value) = 0;

  virtual void save_contact(const ContactRecord& contact) = 0;  ///< insert or update
  virtual void save_session(const e2ee::PersonId& contact, base::ByteView session) = 0;
  virtual void for_each_contact(
      const std::function<void(const ContactRecord&, base::ByteView session)>& visit) = 0;

  /// `tag` names an invitation (its answer tag).
  virtual void save_invite(const wire::DeliveryTag& tag, base::ByteView invite) = 0;
  virtual void erase_invite(const wire::DeliveryTag& tag) = 0;
  virtual void for_each_invite(
      const std::function<void(const wire::DeliveryTag&, base::ByteView)>& visit) = 0;

  /// Adds a message and gives it its id.
  virtual MessageId add_message(const MessageRecord& message) = 0;
  /// `unix_s`: when it was delivered or read; of other states nothing is kept.
  virtual void set_message_state(MessageId id, MessageState state, std::int64_t unix_s) = 0;
  /// Wipes everything that it said, its envelope, times and life; it becomes `deleted`, and a timer
  /// of its own is gone.
  virtual void erase_message(MessageId id) = 0;
  /// Looks for the newest message with a contact that came or went in one of these envelopes, from
  /// `from` (0: the newest) back over at most `steps` messages.
  virtual ThreadSearch search_thread(const e2ee::PersonId& contact,
                                     std::span<const wire::EnvelopeId> wanted, MessageId from,
                                     std::size_t steps) = 0;
  /// When a message is to be erased; replaces what was said before.
  virtual void save_timer(MessageId id, base::Time due) = 0;
  virtual void for_each_timer(const std::function<void(MessageId, base::Time due)>& visit) = 0;
  virtual std::optional<MessageRecord> find_message(MessageId id) = 0;
  /// Outgoing messages only; perhaps not those that were delivered or expired.
  virtual std::optional<MessageRecord> find_outgoing(const wire::EnvelopeId& envelope) = 0;
  /// Outgoing messages that were neither delivered nor expired.
  virtual void for_each_undelivered(
      const std::function<void(const wire::EnvelopeId&, MessageId)>& visit) = 0;
  virtual std::vector<MessageRecord> messages(const MessageQuery& query) = 0;
  virtual void add_life_event(MessageId id,
                              const LifeEvent& event) = 0;  ///< at most 64 a message kept
  virtual std::vector<LifeEvent> life_events(MessageId id) = 0;
  virtual std::uint64_t message_count() = 0;
};

class FileStore;

/// One durable store of one node: envelopes, people and files, committed together.
class NodeStore {
 public:
  virtual ~NodeStore() = default;
  virtual mesh_router::EnvelopeStore& envelopes() = 0;
  /// Not to be used while the person is locked (Node::lock()): it may be sealed.
  virtual PeopleStore& people() = 0;
  /// The same holds for its records and marks.
  virtual FileStore& files() = 0;
  /// Small named blobs of the relay itself, there also while the person is locked.
  virtual std::optional<base::Bytes> load_value(std::string_view key) = 0;
  virtual void save_value(std::string_view key, base::ByteView value) = 0;
  /// Makes everything since the last commit durable, or nothing of it. After an error the caller
  /// drops its Node and builds a new one from the store, as after a crash.
  virtual base::Expected<void, mesh_router::StoreError> commit() = 0;
};

}  // namespace chaski::node
