// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/expected.hpp"
#include "base/link_id.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "link/link.hpp"
#include "mesh-router/router.hpp"
#include "node/card_info.hpp"
#include "node/pairing_info.hpp"
#include "node/people_store.hpp"

namespace chaski::node {

class FileIntake;
class FileReader;
struct FileInfo;
struct IntroductionInfo;

struct NodeConfig {
  std::optional<link::NetworkKey> network_key{};
  mesh_router::RouterLimits router{};
  link::LinkTimers timers{};
  /// Of links over Bluetooth, where the controllers notice a lost link and a ping costs energy, and
  /// over serial lines, which may be slow.
  link::LinkTimers ble_timers{.ping_after = std::chrono::seconds(10),
                              .dead_after = std::chrono::seconds(25)};
  bool fixed_node_key = false;      ///< a fixed relay keeps its node key over restarts
  std::size_t links_max = 256;      ///< in all
  std::size_t handshakes_max = 64;  ///< of these not yet authenticated
  bool locked = false;              ///< starts as a relay without its person: see Node::unlock()
  bool tells_taken = false;         ///< EnvelopeTaken is told: for those who study a mesh
};

/// What the wall clock says, for display only; wrong values break nothing.
struct WallTime {
  std::int64_t unix_s = 0;
};

enum class PersonError : std::uint8_t {
  locked,       ///< the person is not here: Node::unlock() first
  no_identity,  ///< chaski init first
  identity_exists,
  bad_name,
  name_taken,
  unknown_contact,
  contact_exists,
  contact_changed,  ///< its identity changed: blocked until decided
  contact_blocked,  ///< the person blocked them
  unknown_message,  ///< there is none of this number, or nothing is left of it
  not_yours,        ///< only who wrote a message can take it back
  bad_reaction,     ///< a reaction is a few characters
  number_differs,   ///< what was compared is not the same
  needs_meeting,    ///< there is no session with them, as after a restore
  bad_link,
  damaged_link,
  newer_link,
  own_link,
  unknown_invite,
  forged_card,     ///< its signing key did not sign it
  card_expired,    ///< its time is over, by our clock
  bad_card_price,  ///< less work than a card must ask for, or more than may be
  bad_card_days,   ///< a card is good for 1 to 90 days
  too_many_cards,  ///< withdraw() first
  unknown_card,    ///< none was heard of this person
  bad_clock,       ///< the wall clock cannot be right
  text_too_long,
  empty_text,
  bad_lifetime,
  store_full,
  bad_price,  ///< more work than may be asked for
  no_work,    ///< nothing waits for a stamp
  no_pairing,    ///< nobody pairs: Node::start_pairing()
  unknown_peer,  ///< there is no such attempt, or it is over
  words_differ,  ///< nobody near shows these symbols
  bad_file_name,     ///< or media type
  file_too_large,
  no_room_for_file,  ///< what may be kept of files is used up, or the disk is
  file_incomplete,   ///< other bytes came than were announced, or the disk refused them
  unknown_file,
  file_not_here,     ///< not all of it, or not any more
  same_contact,          ///< nobody is introduced to themselves
  bad_note,              ///< too long, or no plain line
  introduction_open,     ///< these two were asked already
  too_many_introductions,
  unknown_introduction,
  introduction_over,     ///< it is decided, or too late
};
const char* to_string(PersonError error);

struct AddedContact {
  ContactRecord contact;
  std::optional<std::string> answer_link;  ///< to be scanned back, when an invite was accepted
};

struct SendOptions {
  std::uint32_t lifetime_s = 7 * 24 * 3600;
  wire::Priority priority = wire::Priority::normal;
  MessageId reply_to = 0;                ///< a message with the same contact; 0: none
  std::uint32_t disappears_after_s = 0;  ///< here from now, there from when it is read; 0: stays
};

/// What the person chose.
struct Settings {
  bool read_receipts = false;  ///< whether contacts are told when their messages were read
};

/// What is said of a file before its bytes come.
struct FileOffer {
  std::string name;        ///< attachment::is_valid_file_name()
  std::string media_type;  ///< attachment::is_valid_media_type()
  std::uint64_t size = 0;
};

// What the daemon is told; drained by next_event().
struct NeighbourUp {
  link::NodePublicKey neighbour;
  base::TransportKind transport;
};
struct NeighbourDown {
  link::NodePublicKey neighbour;
};
struct LinkOpened {
  base::LinkId link;
  link::NodePublicKey neighbour;
};  ///< the handshake proved who is there; also of a link that stands by
struct LinkClosed {
  base::LinkId link;
  link::CloseReason reason;
};  ///< the transport must close it
struct MessageChanged {
  MessageId message;
};  ///< new incoming, or outgoing with a new state; the store has it
struct ContactChanged {
  ContactRecord contact;
};  ///< one that answered an invitation through the mesh, or something about them is new
struct PairingChanged {};  ///< Node::pairing() says something else than before
struct SessionRenewed {
  ContactRecord contact;
  bool by_us = false;  ///< or by an answer of theirs
};  ///< messages go on in a new session; who it is and how far they are trusted is the same
struct FileChanged {
  MessageId message;
};  ///< a file came, went on, or ended
struct IntroductionChanged {
  std::uint32_t number = 0;
};  ///< one came, went on, or ended; Node::introductions() has it while it is kept
struct EnvelopeTaken {
  wire::EnvelopeId id;
  link::NodePublicKey giver;
};  ///< to be carried or read here; told at once, and only when NodeConfig::tells_taken
using NodeEvent =
    std::variant<NeighbourUp, NeighbourDown, LinkOpened, LinkClosed, MessageChanged,
                 ContactChanged, PairingChanged, SessionRenewed, FileChanged, IntroductionChanged,
                 EnvelopeTaken>;

/// An answer to an invitation with a price, before its stamp is found.
struct WorkInfo {
  std::string contact;  ///< whose invitation it was
  unsigned price_bits = 0;
  std::uint64_t hashes_done = 0;
  std::uint64_t hashes_expected = 0;  ///< of a search that begins, on the average
  base::Duration left{};              ///< about so long; it may be much more or less
};

struct NeighbourInfo {
  link::NodePublicKey key;
  base::TransportKind transport;
  std::size_t links = 1;  ///< with standbys
  mesh_router::NeighbourStatus routing;
};

/// One participant as one value: people, end-to-end encryption, router and links; pure.
///
/// Rules: (1) nothing leaves before it is committed: when dirty(), call flush(). (2) of two links
/// to one neighbour the better transport carries (then the one whose initiator has the smaller node
/// key), both ends decide alike, and the other is closed when on the same transport or stands by
/// when not. (3) after flush() fails the Node must be dropped and rebuilt from its store.
///
/// Order of polling: inputs; flush() when dirty(); next_event() until empty; next_frame() for each
/// of ready_links() while its transport has room; next_wakeup().
class Node {
 public:
  /// Loads everything from the store, or starts empty. The references must outlive the node.
  Node(const NodeConfig& config, NodeStore& store, base::Random& random, base::Time now);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  // Links. frame_size_max is what the transport takes in one frame, sealed.
  /// False when a limit is reached: the transport closes the connection at once. `origin`: what the
  /// transport knows links of one place by, so that invented neighbours share one neighbour's part
  /// (mesh_router::LinkParameters); 0: it cannot tell.
  bool link_opened(base::LinkId link, base::TransportKind kind, base::LinkRole role,
                   std::size_t frame_size_max, base::Time now, std::uint64_t origin = 0);
  void link_closed(base::LinkId link, base::Time now);
  /// Takes one frame; decrypts in place.
  void receive(base::LinkId link, base::MutableByteView frame, base::Time now);
  /// One sealed frame of at most out.size() bytes; 0 when nothing wants to go.
  std::size_t next_frame(base::LinkId link, base::MutableByteView out, base::Time now);
  std::vector<base::LinkId> ready_links();
  /// Says goodbye on every link (clean stop).
  void close_all(link::CloseReason reason, base::Time now);

  bool dirty() const;
  base::Expected<void, mesh_router::StoreError> flush(base::Time now);
  std::optional<NodeEvent> next_event();
  std::optional<base::Time> next_wakeup() const;
  void wake(base::Time now);

  // The person.
  bool locked() const;
  /// Takes the person in from the store's people(), and looks at what is carried: it may be theirs.
  void unlock(base::Time now);
  /// Forgets the person, what they wrote and what they read; links stay. Flush first: what of
  /// theirs was not is lost.
  void lock(base::Time now);
  base::Expected<e2ee::IdentityPublic, PersonError> create_identity(std::string_view name);
  std::optional<e2ee::IdentityPublic> identity() const;
  std::string own_name() const;
  /// `price_bits` (0 to wire::kStampBitsMax): work that an answer through the mesh must prove.
  base::Expected<std::string, PersonError> invite(base::Time now, unsigned price_bits = 0);
  /// The person's card, for people who never met them: the current one, or a new one. Errors:
  /// no_identity, bad_card_days, bad_card_price, bad_clock, too_many_cards.
  base::Expected<OwnCardInfo, PersonError> card(const CardRequest& request, base::Time now,
                                                WallTime wall);
  /// Nobody can answer any card given out so far; tells how many they were.
  base::Expected<std::size_t, PersonError> withdraw_cards();
  /// Cards of ours that can be answered, the oldest first.
  std::vector<OwnCardInfo> own_cards() const;
  /// Cards of others that passed by, the latest first; none of them is anything to the person yet.
  std::vector<HeardCardInfo> heard_cards() const;
  CardCounts card_counts() const;
  /// The link of the one heard card with this fingerprint; case and spaces do not count. Errors:
  /// unknown_card, also when two people have it.
  base::Expected<std::string, PersonError> heard_card(std::string_view fingerprint) const;
  /// Takes an invite, an answer or a card link. `name` empty: what they call themselves. `replace`:
  /// whoever has that name now is somebody else from here on: blocked and called "… (old)"; the new
  /// contact is `changed` until verify() or accept_change().
  base::Expected<AddedContact, PersonError> add(std::string_view link_text, std::string_view name,
                                                base::Time now, WallTime wall,
                                                bool replace = false);
  /// Answers that wait until their stamps are found; wake() works for them in slices.
  std::vector<WorkInfo> work() const;
  /// Gives up the answer to this contact: it may still be handed over as a link.
  base::Expected<void, PersonError> cancel_work(std::string_view contact);
  /// `safety_number` is what the other side shows, as text or as its code was scanned: when it is
  /// ours too, the contact becomes verified. Errors: unknown_contact, number_differs.
  base::Expected<ContactRecord, PersonError> verify(std::string_view contact,
                                                    std::string_view safety_number);
  /// Takes that back. Errors: unknown_contact.
  base::Expected<ContactRecord, PersonError> unverify(std::string_view contact);
  /// Writes again to a contact whose identity changed, without having compared anything: it is
  /// unverified. Errors: unknown_contact.
  base::Expected<ContactRecord, PersonError> accept_change(std::string_view contact);
  /// Nothing is written to whoever is blocked, and nothing of theirs is opened; they are not told.
  /// Afterwards what came meanwhile and is still carried is read. Errors: unknown_contact.
  base::Expected<ContactRecord, PersonError> set_blocked(std::string_view contact, bool blocked,
                                                         base::Time now);
  /// Looks for neighbours whose people pair too, for two minutes at most; ends what was begun
  /// before. `name` empty: what they call themselves. Errors: no_identity, bad_name, name_taken,
  /// store_full.
  base::Expected<PairingInfo, PersonError> start_pairing(std::string_view name, base::Time now);
  PairingInfo pairing(base::Time now) const;
  /// The person sees the symbols of this one on the other's screen; all others end. Errors:
  /// no_pairing, unknown_peer.
  base::Expected<PairingInfo, PersonError> confirm_pairing(std::uint32_t peer, base::Time now);
  /// The same for whoever has these six words. Errors: no_pairing, words_differ.
  base::Expected<PairingInfo, PersonError> confirm_pairing(std::string_view words, base::Time now);
  /// Ends it; nothing when none runs.
  base::Expected<PairingInfo, PersonError> cancel_pairing(base::Time now);
  std::vector<ContactRecord> contacts() const;
  std::optional<ContactRecord> find_contact(std::string_view name) const;
  base::Expected<MessageRecord, PersonError> send(std::string_view contact, std::string_view text,
                                                  const SendOptions& options, base::Time now,
                                                  WallTime wall);
  /// Answers a message with a few characters; none takes it back. Errors: unknown_message,
  /// bad_reaction, and those of send().
  base::Expected<MessageRecord, PersonError> react(MessageId message, std::string_view reaction,
                                                   base::Time now, WallTime wall);
  /// Erases what was written here, and asks the contact to do the same: gives the message that
  /// asks. Errors: unknown_message, not_yours, and those of send(), after which nothing was erased.
  base::Expected<MessageRecord, PersonError> take_back(MessageId message, base::Time now,
                                                       WallTime wall);
  /// Erases a message here alone. Errors: unknown_message.
  base::Expected<void, PersonError> erase(MessageId message);
  /// The person has seen these messages; others than incoming unread ones are passed over. Gives
  /// how many were new.
  base::Expected<std::size_t, PersonError> mark_read(const std::vector<MessageId>& messages,
                                                     base::Time now, WallTime wall);
  Settings settings() const;
  base::Expected<void, PersonError> set_settings(const Settings& settings);
  /// The person calls themselves something else; every contact is told. Errors: no_identity,
  /// bad_name.
  base::Expected<void, PersonError> rename(std::string_view name, base::Time now, WallTime wall);
  /// Begins a new session with a contact through one of the standing invitations that they gave, as
  /// when what they write does not come through any more. Errors: unknown_contact, contact_changed,
  /// needs_meeting (none is left), store_full.
  base::Expected<ContactRecord, PersonError> heal(std::string_view contact, base::Time now);
  /// Asks two contacts whether they want to know each other, with a note of 0 to 200 bytes, one
  /// plain line; those who both say yes are told who the other is. Gives its number. Errors:
  /// no_identity and those of Introducer::introduce().
  base::Expected<std::uint32_t, PersonError> introduce(std::string_view first,
                                                       std::string_view second,
                                                       std::string_view note, base::Time now,
                                                       WallTime wall);
  /// Those that the person makes, and those that contacts make for them; open ones, and others for
  /// 28 days.
  std::vector<IntroductionInfo> introductions(base::Time now) const;
  /// Says yes to one that a contact makes. Errors: those of Introducee::accept().
  base::Expected<void, PersonError> accept_introduction(std::uint32_t number,
                                                        std::string_view name, base::Time now,
                                                        WallTime wall);
  /// Says no. Errors: those of Introducee::decline().
  base::Expected<void, PersonError> decline_introduction(std::uint32_t number, base::Time now,
                                                         WallTime wall);
  // Files, named by the message with which they came or went.
  /// Takes in the bytes of a file that is to be sent; send_file() when they are all there. Errors:
  /// unknown_contact, needs_meeting, bad_file_name, file_too_large, no_room_for_file.
  base::Expected<std::unique_ptr<FileIntake>, PersonError> begin_file(std::string_view contact,
                                                                      const FileOffer& offer,
                                                                      const SendOptions& options);
  /// The message about it is under way then, and chunks follow by themselves. Errors: as send(),
  /// file_incomplete.
  base::Expected<MessageRecord, PersonError> send_file(std::string_view contact,
                                                       FileIntake& intake,
                                                       const SendOptions& options, base::Time now,
                                                       WallTime wall);
  std::vector<FileInfo> files() const;
  std::optional<FileInfo> find_file(MessageId message) const;
  /// Forgets it, and what is here of it; it ends when it is under way. Errors: unknown_file.
  base::Expected<void, PersonError> remove_file(MessageId message);
  /// Of one that came and is whole. Errors: unknown_file, file_not_here.
  base::Expected<std::unique_ptr<FileReader>, PersonError> open_file(MessageId message) const;
  /// Who read it found its digest wrong: what is here of it goes.
  void file_is_wrong(MessageId message);
  /// The wall clock for what arrives; told by the daemon now and then.
  void set_wall_time(WallTime wall);

  // What it is doing.
  const link::NodePublicKey& node_key() const;
  std::vector<NeighbourInfo> neighbours() const;
  std::size_t handshakes() const;
  const mesh_router::Router& router() const;
  /// Links closed since start, by reason.
  const std::vector<std::pair<link::CloseReason, std::uint64_t>>& close_counts() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace chaski::node
