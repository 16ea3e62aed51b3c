// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "base/expected.hpp"
#include "base/random.hpp"
#include "mesh-router/envelope_store.hpp"
#include "mesh-router/explanation.hpp"
#include "mesh-router/forwarding_policy.hpp"
#include "mesh-router/short_id.hpp"
#include "mesh-router/trace.hpp"
#include "mesh-router/types.hpp"
#include "wire/reassembler.hpp"

namespace chaski::mesh_router {

/// Bounds of one router. Defaults are for a relay on a Raspberry Pi.
struct RouterLimits {
  std::size_t envelopes_max = 1'000'000;
  std::size_t neighbours_max = 64;          ///< at most 64
  std::size_t seen_ids_max = 1'000'000;     ///< duplicate filter beside what is held
  std::size_t window_envelopes = 4'096;     ///< sent to one neighbour and not acknowledged
  std::size_t window_bytes = 8u << 20;
  std::size_t depositor_bytes_max = 0;      ///< 0: half of the store
  std::size_t unverified_receipts_max = 100'000;
  std::size_t partial_bytes_max = 4u << 20;  ///< of large envelopes whose links broke; 0: none
  wire::ReassemblyLimits reassembly;  ///< of what comes in pieces from one neighbour
  std::size_t events_max = 65'536;
  std::size_t traces_max = 0;               ///< decisions kept for next_trace(); 0: none
  base::Duration residence_max = std::chrono::hours(24 * 30);
  base::Duration refused_retry = std::chrono::seconds(3);
  PolicyMaker make_policy = make_regimes;  ///< the forwarding strategy
  void* policy_user = nullptr;              ///< handed to make_policy
};

struct LinkParameters {
  std::size_t frame_size_max = 0;  ///< plaintext bytes the peer takes in one frame
  base::LinkRole role = base::LinkRole::initiator;  ///< ours: the ends of a link have one each
  ShortIdSalt salt{};              ///< the same at both ends
  /// Where the link comes from as far as its transport can tell (a hash of the address or radio):
  /// neighbours of one origin are one depositor. 0: not known, each is its own.
  std::uint64_t origin = 0;
};

/// What became known about an envelope. Events of relayed envelopes are traces, bounded and lossy;
/// events of envelopes written here (local) are not dropped before those of others.
struct CustodyEvent { wire::EnvelopeId id; NeighbourId neighbour; bool local; };
struct DeliveredEvent { wire::EnvelopeId id; bool local; };   ///< its receipt was verified
struct ExpiredEvent { wire::EnvelopeId id; bool local; };
struct RefusedEvent {
  wire::EnvelopeId id;
  NeighbourId neighbour;
  std::uint8_t reason;  ///< a wire::RefuseReason
  bool local;
};
struct AcceptedEvent { wire::EnvelopeId id; NeighbourId neighbour; };
struct DroppedEvent { DropReason reason; std::optional<wire::EnvelopeId> id; };
using RouterEvent = std::variant<CustodyEvent, DeliveredEvent, ExpiredEvent, RefusedEvent,
                                 AcceptedEvent, DroppedEvent>;

enum class SubmitError : std::uint8_t {
  malformed,
  duplicate,  ///< it is held, or was lately
  delivered,  ///< its true receipt is held
  full,
  quota,
  too_large,
};
const char* to_string(SubmitError error);

/// What the person's side makes of an envelope that the router has not seen before.
enum class Claim : std::uint8_t {
  not_ours,   ///< carry it
  consumed,   ///< it was for us: keep a tombstone, do not carry it
};

/// Asked about every new sealed envelope before it is stored; again when storing was refused and it
/// comes again. Implemented by node/ and by tests.
class Recipient {
 public:
  virtual ~Recipient() = default;
  /// Must not call the router, except that receipts are published after receive() returned.
  virtual Claim on_envelope(const wire::EnvelopeId& id, const wire::EnvelopeFields& envelope,
                            const wire::CarryState& state, base::Time now) = 0;
};

struct RouterCounters {
  std::uint64_t envelopes_received = 0;
  std::uint64_t envelopes_accepted = 0;
  std::uint64_t envelopes_sent = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t bytes_sent = 0;
  std::array<std::uint64_t, static_cast<std::size_t>(DropReason::kCount)> dropped{};
};

struct NeighbourStatus {
  NeighbourId id;
  base::LinkId link;
  base::Time since;
  std::uint64_t queued = 0;   ///< may still go to it, counted to some thousands
  std::uint64_t unacknowledged = 0;
  bool refuses = false;       ///< it said that it cannot take custody now
  bool synchronised = false;  ///< it is known what it lacked at link-up
  std::uint64_t depositor = 0;  ///< the same for those who share one part (rule 18)
};

class StickListing;
struct StickTake;

/// A store-carry-forward router: a conductor over small units, pure and bounded.
///
/// Rules (docs/protocol/router.md numbers them finer, and gives each its reason):
///  1. Nothing leaves before it is committed: neither an acknowledgement of what came, nor a frame
///     of what was written here. The owner commits its store, then calls committed().
///  2. An envelope is known by the hash of its bytes. What is held, tombstoned or was held lately
///     is a duplicate: acknowledged, not stored. What was refused is not remembered.
///  3. Age grows by residence; an envelope whose age reaches its lifetime, or that resided longer
///     than residence_max, is erased. Hops are counted down when sent; at 0 it is only kept.
///  4. On link-up both sides find out together what each lacks, and each sends that; from then on
///     every newly committed envelope goes to every other neighbour that is not known to have it.
///  5. Order to one neighbour: acknowledgements, receipts, urgent, normal, bulk; within a class
///     depositors in turns, of each what came since link-up, then the rarest and first of what
///     was held. Small records pass between the fragments of a large one.
///  6. A receipt whose token matches the commitment of a held envelope erases that envelope; one
///     that does not match is dropped; one for an unknown envelope is carried within a bound, and
///     kills the envelope should it come later.
///  7. What a neighbour claims to hold only changes what is sent to that neighbour.
///  8. A full store drops what two neighbours newly took from here, then it refuses; the
///     neighbour keeps its copy and asks again after refused_retry or ready. A share of the store
///     is kept from what neighbours bring.
///
/// Order of polling: inputs; then next_event() until empty; when dirty(), commit and committed();
/// then next_frame() of each link in ready_links() while its transport has room; then
/// next_wakeup().
class Router {
 public:
  Router(const RouterLimits& limits, EnvelopeStore& store, Recipient* recipient,
         base::Random& random, base::Time now);
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  /// False when neighbours_max is reached.
  bool link_up(base::LinkId link, const NeighbourId& neighbour, const LinkParameters& parameters,
               base::Time now);
  void link_down(base::LinkId link, base::Time now);
  /// Takes the decrypted records of one frame. False when the frame is broken beyond skipping: the
  /// caller closes the link.
  bool receive(base::LinkId link, base::ByteView records, base::Time now);

  /// Takes an envelope written here.
  base::Expected<wire::EnvelopeId, SubmitError> submit(base::ByteView envelope,
                                                       const wire::CarryState& state,
                                                       base::Time now);
  /// Publishes the receipt of an envelope consumed here, carrying `lifetime_s` and `age_ms` of it.
  void publish_receipt(const wire::ReceiptBody& receipt, std::uint32_t lifetime_s,
                       std::uint64_t age_ms, base::Time now);
  /// The person is here: these of what is held were written here, and what the store remembers as
  /// read is not taken again.
  void person_came(std::span<const wire::EnvelopeId> own, base::Time now);
  /// The person is gone: nothing in memory tells any more what was written or read here; all of it
  /// is carried on like what others brought.
  void person_left(base::Time now);

  /// Asks the Recipient again about held envelopes with one of these tags (they became known late).
  void offer_stored(std::span<const wire::DeliveryTag> tags, base::Time now);

  /// Whether there is something to commit.
  bool dirty() const;
  /// The owner's store is durable up to now: acknowledgements and new envelopes may leave.
  void committed(base::Time now);

  /// Fills one frame of records for this link; 0 when nothing wants to go.
  std::size_t next_frame(base::LinkId link, base::MutableByteView out, base::Time now);
  /// Links for which next_frame() may have something; each call empties the list.
  std::vector<base::LinkId> ready_links();

  /// Takes a row of records off a stick, of which only envelopes count: as from a neighbour to whom
  /// nothing is sent, all sticks being one depositor. What came of it is true once committed().
  /// Nothing when neighbours_max of links leave no place.
  std::optional<StickTake> take_from_stick(base::ByteView records, base::Time now);
  /// Does a piece of the work of listing what goes onto a stick; true when there is more.
  bool list_for_stick(StickListing& listing, base::Time now) const;
  /// Writes the next of what was listed as envelope records, as they would go to a neighbour, and
  /// gives the bytes used; 0 at the end. What is too long for an empty `out` is passed over.
  /// Nothing changes here: what lies on a stick was handed to nobody.
  std::size_t next_for_stick(StickListing& listing, base::MutableByteView out,
                             base::Time now) const;

  std::optional<RouterEvent> next_event();
  /// The decisions about what goes where, oldest first; empty unless RouterLimits::traces_max.
  std::optional<TraceEvent> next_trace();
  std::optional<base::Time> next_wakeup() const;
  void wake(base::Time now);

  const RouterCounters& counters() const;
  std::vector<NeighbourStatus> neighbours() const;
  StoreUsage usage() const;
  bool holds(const wire::EnvelopeId& id) const;
  /// Equal at two nodes that hold the same for others, in whatever order it came.
  std::array<std::uint64_t, 2> held_sum() const;
  /// Where an envelope stands, and for each link why it did not go over it yet: asked of those who
  /// decide. Takes time in proportion to what waits.
  Explanation explain(const wire::EnvelopeId& id, base::Time now) const;
  /// Current age of a held envelope, in milliseconds.
  std::optional<std::uint64_t> age_ms(const wire::EnvelopeId& id, base::Time now) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace chaski::mesh_router
