// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "transport-ble/ble_command.hpp"
#include "transport-ble/ble_heard.hpp"
#include "transport-ble/ble_rhythm.hpp"
#include "transport-ble/ble_slots.hpp"

namespace chaski::transport_ble {

/// Decides what one adapter does: when it scans and advertises, whom it dials, whose link ends.
///
/// No I/O, no clock: what happened goes in with the time, commands are pulled out. After each input
/// pull next_command() until it is empty, then ask next_wakeup().
///
/// Rules, each from docs/protocol/ble.md:
///  1. No dial before scanning has stopped, no scan before the dial has ended (4.4). One dial at a
///     time, one to a tag in kDialPauseMin (4.3).
///  2. Slots never exceed the budget. A slot is freed when BlueZ says that its device is not
///     connected, and by nothing that we asked for (6.5).
///  3. Every command is answered or late after kCommandPatience (6.6); what was late is not known
///     to be done or undone, and is undone before it is asked for again. A dial is called off
///     after kDialPatience and its device removed kCallOffPatience later (4.5).
///  4. With all slots taken and somebody worth dialling, or turned away, one link gives way when
///     its turn is over (6.3).
///  5. With extended advertising a period ends kAddressSlack before kAddressAge has passed since it
///     was first advertised, otherwise as much after; then from kQuietBefore before nothing is
///     advertised, scanned or dialled (3.3).
///  6. An adapter that is absent or off has no links, no scan and no advertisement; when it is
///     ready everything is asked for anew.
class BleLinkManager {
 public:
  enum class Adapter { kAbsent, kOff, kReady };
  struct Wishes {
    Digest held;           ///< what we hold for others
    bool asking = false;   ///< dial everybody, and ask to be dialled
    bool waiting = false;  ///< something waits to go
    bool on_battery = false;
    friend bool operator==(const Wishes&, const Wishes&) = default;
  };
  /// A link that nobody authenticated by then is hung up; the link's own limit is 5 s.
  static constexpr base::Duration kStrangerMax = std::chrono::seconds(20);
  /// Before a command that failed is given again.
  static constexpr base::Duration kRetryPause = std::chrono::seconds(1);
  static constexpr base::Duration kRegisterPause = std::chrono::seconds(5);
  /// Hang-ups of a link before its device is removed.
  static constexpr int kHangUpsMax = 3;
  /// Connected devices without a slot that are dealt with at once.
  static constexpr std::size_t kRefusedMax = 64;
  static constexpr std::size_t kRemovesMax = 4;
  /// Connections of others to this machine that may stay beyond kStrangerMax.
  static constexpr std::size_t kPassersByMax = 2;

  BleLinkManager(std::size_t budget, base::Random& random);

  // What happened.

  /// `extended`: the controller has extended advertising.
  void adapter(Adapter state, bool extended, base::Time now);
  void wish(const Wishes& wishes, base::Time now);
  /// Begin another period as soon as the address can change with it.
  void rotate(base::Time now);
  void heard(Device device, const Datum& datum, int rssi, base::Time now);
  void answered(std::uint64_t id, Answer answer, base::Time now);
  /// Somebody dialled us; false when there is no slot (a hang-up follows).
  bool connected(Device device, base::Time now);
  /// Somebody dialled this machine who has not spoken with us: for another program, or to take a
  /// connection away from others. The first kPassersByMax stay (6.8).
  void passes_by(Device device, base::Time now);
  void disconnected(Device device, base::Time now);
  /// The tag that the other end of an incoming link says it is heard under.
  void said(Device device, const Tag& tag);
  void authenticated(Device device, const Neighbour& neighbour, base::Time now);
  void carried(Device device, base::Time now);
  void waiting_for(Device device, bool waiting);
  /// The owner wants this link ended.
  void close(Device device, base::Time now);
  /// All devices that BlueZ has connected and that are ours or speak our service.
  void reconcile(std::span<const Device> connected, base::Time now);
  void wake(base::Time now) { advance(now); }

  // What to do.

  std::optional<Command> next_command(base::Time now);
  std::optional<base::Time> next_wakeup(base::Time now) const;

  const SlotTable& slots() const { return slots_; }
  const HeardTable& neighbourhood() const { return heard_; }
  const PendingCommands& pending() const { return pending_; }
  const Tag& tag() const { return tag_; }
  bool scanning() const { return scan_ != Radio::kOff; }
  bool dialling() const { return dial_.has_value(); }
  bool advertising() const { return advertised_ == Radio::kOn; }

 private:
  enum class Radio { kOff, kStarting, kOn, kStopping, kUnsure };
  struct Dial {
    Tag tag;
    Device device;
    base::Time until{};
    enum class Phase { kDialling, kCallingOff, kRemoving } phase = Phase::kDialling;
  };
  struct PasserBy {
    Device device;
    base::Time since{};
  };
  struct OnAir {
    Datum datum;
    base::Duration interval{0};
    friend bool operator==(const OnAir&, const OnAir&) = default;
  };

  // ble_link_manager.cpp: what follows from time and from what happened.
  void advance(base::Time now);
  void begin_period(base::Time now);
  void check_period(base::Time now);
  void check_links(base::Time now);
  void check_passers_by(base::Time now);
  bool passed_by(Device device);
  void late(const Command& command, base::Time now);
  void scan_answered(const Command& command, Answer answer, base::Time now);
  void advertise_answered(const Command& command, Answer answer, base::Time now);
  void dial_answered(const Command& command, Answer answer, base::Time now);
  void end_dial(base::Time now);
  void free_slot(Device device, base::Time now);
  void refuse(Device device, base::Time now);
  void remove_later(Device device);
  void lose_everything();

  // ble_link_manager_commands.cpp: what to ask for.
  Command give(Verb verb, base::Time now, Device device = {});
  std::optional<Command> hang_up_command(base::Time now);
  std::optional<Command> advertise_command(base::Time now);
  std::optional<Command> dial_command(base::Time now);
  std::optional<Command> scan_command(base::Time now);
  std::optional<Command> remove_command(base::Time now);
  std::optional<HeardTable::Candidate> candidate(base::Time now);
  Surroundings surroundings(base::Time now) const;
  bool deaf(base::Time now) const;
  bool wants_scan(base::Time now) const;
  OnAir wanted_on_air(base::Time now) const;

  base::Random& random_;
  HeardTable heard_;
  SlotTable slots_;
  PendingCommands pending_;
  Wishes wishes_;

  Adapter adapter_ = Adapter::kAbsent;
  bool extended_ = false;
  base::Time ready_since_{};

  Tag tag_;
  std::optional<base::Time> period_since_;  ///< when it was first on the air
  bool quiet_ = false;
  bool rotate_asked_ = false;

  bool registered_ = false;
  base::Time register_at_{};
  Radio scan_ = Radio::kOff;
  base::Time scan_at_{};     ///< not before
  base::Time scan_cycle_{};  ///< when the rhythm of scanning began
  Rhythm rhythm_;
  Radio advertised_ = Radio::kOff;
  base::Time advertise_at_{};  ///< not before
  std::optional<OnAir> on_air_;
  base::Time on_air_changed_{};
  bool datum_changed_ = false;  ///< since the period began

  std::optional<Dial> dial_;
  std::map<Device, base::Time> refused_;  ///< and when to hang up (again)
  std::vector<PasserBy> passers_by_;      ///< in the order in which they came
  base::Time turned_away_{};              ///< until then somebody wants a slot
  std::deque<Device> removes_;
};

}  // namespace chaski::transport_ble
