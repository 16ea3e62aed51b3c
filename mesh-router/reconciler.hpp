// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "base/link_id.hpp"
#include "base/time.hpp"
#include "mesh-router/contact_schedule.hpp"
#include "mesh-router/envelope_table.hpp"
#include "mesh-router/short_id.hpp"
#include "reconcile/exchange.hpp"
#include "wire/records.hpp"

namespace chaski::mesh_router {

/// Finds out which of the envelopes that were held at link-up one neighbour lacks, and puts them
/// into its schedule.
///
/// Rules: (1) what is compared is what was committed at link-up, under short ids of this link
/// alone. (2) what is found goes into the schedule as it is found; nothing is done for what both
/// have. (3) when the neighbour says nothing for kSilentAfter after what was said last, everything
/// goes into the schedule, and what it says later is still listened to; kGiveUpAfter after link-up,
/// and when the exchange fails, the exchange ends too. (4) one call of work() looks at kScanMax
/// slots, and at kScanMax found ones, and lets the exchange do one piece of its work. (5) memory
/// for what was compared is freed when all of it is known.
///
/// Order of use: work() until it says no; then again after receive(), write() or give_up().
class Reconciler {
 public:
  static constexpr base::Duration kSilentAfter = std::chrono::seconds(3);
  static constexpr base::Duration kGiveUpAfter = std::chrono::seconds(30);
  static constexpr Slot kScanMax = 4'096;
  /// Of a set up to this size, some pieces of the exchange's work are done at once.
  static constexpr std::size_t kSmallSet = 1'024;
  static constexpr std::size_t kSmallSetPieces = 8;
  /// Messages that came before our own ids were listed, in bytes; a neighbour that sends more of
  /// them than that is not waited for.
  static constexpr std::size_t kEarlyBytesMax = 1u << 16;

  Reconciler(base::LinkRole role, const ShortIdSalt& salt, Slot slot_end, base::Time now);

  /// Does a bounded piece of work; says whether there is more to do at once.
  bool work(const EnvelopeTable& table, ContactSchedule& schedule, base::Time now);
  bool wants_to_send() const { return exchange_ && started_ && exchange_->wants_to_send(); }
  /// Writes one message when there is one and it fits. `scratch` is working space.
  void write(wire::RecordWriter& frame, base::Bytes& scratch, base::Time now);
  /// Takes one message. False when it is not one of an honest neighbour.
  bool receive(base::ByteView payload, base::Time now);

  /// Whether all that the neighbour may lack is in the schedule.
  bool done() const { return stage_ == Stage::done; }
  /// Whether it is known what the neighbour lacks.
  bool agreed() const;
  /// When to call give_up(), unless something happens before; nothing when there is no need.
  std::optional<base::Time> patience_ends() const;
  void give_up(base::Time now);
  std::size_t memory_used() const;

 private:
  enum class Stage : std::uint8_t {
    listing,    ///< our ids are put into the exchange
    comparing,
    offering,   ///< instead: everything goes into the schedule
    done,
  };
  void list(const EnvelopeTable& table);
  void begin();
  bool work_on_exchange();
  void end_exchange();
  void offer_instead();
  bool compare(const EnvelopeTable& table, ContactSchedule& schedule);
  void offer_all(const EnvelopeTable& table, ContactSchedule& schedule);

  Stage stage_ = Stage::listing;
  bool started_ = false;
  ShortIdSalt salt_;
  std::optional<reconcile::Exchange> exchange_;  // gone when it ended badly
  std::vector<Slot> slots_;                      // of the ids in the exchange, by index
  std::vector<base::Bytes> early_;
  std::size_t early_bytes_ = 0;
  Slot scan_ = 0;
  Slot scan_end_;
  std::size_t taken_ = 0;                        // of exchange_->missing()
  base::Time since_;
  base::Time said_at_;                           // when something was said last, by whom ever
};

}  // namespace chaski::mesh_router
