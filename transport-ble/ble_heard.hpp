// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "base/random.hpp"
#include "transport-ble/ble_datum.hpp"

namespace chaski::transport_ble {

/// Who is heard, and whom of them to dial next (ble.md, sections 4 and 6).
///
/// Rules: (1) at most kHeardMax tags; the one not heard for the longest goes, linked ones last,
/// and before them those whose pause (4) runs; who is silent for kSilence goes after the pause. (2)
/// Worth dialling is whose print is not ours for its tag, or who asks for it, or everybody when we
/// ask. (3) The smaller tag dials at once, the larger kYield after it became worth it. (4) A dial
/// to a tag is followed by kDialPauseMin, doubling with each failure to kDialPauseMax, a quarter
/// more or less by chance; another datum ends the doubling, not the pause. Who was dialled in vain,
/// or whose link ended, is dialled again only when it was heard since. (5) Who has no slot to
/// spare is dialled only by the smaller tag and only if it was not linked before. (6) Who has
/// kAmongLinks is dialled less: news comes over links, so whoever was linked before has to be worth
/// it for kAmongWait, unless somebody asks. (7) First comes whose last link is the longest ago
/// (never before all), then the stronger signal.
class HeardTable {
 public:
  explicit HeardTable(base::Random& random) : random_(random) {}

  void hear(Device device, const Datum& datum, int rssi, base::Time now);
  /// What we are and hold; `asking`: everybody is worth dialling.
  void set_own(const Tag& tag, const Digest& held, bool asking, base::Time now);
  void clear() {
    survey_.reset();
    heard_.clear();
    linked_ = 0;
  }

  struct Candidate {
    Tag tag;
    Device device;
  };
  /// Whom to dial now; nobody who is linked, or left alone.
  std::optional<Candidate> next(base::Time now) const;
  /// When next() may have an answer that it does not have now.
  std::optional<base::Time> next_at(base::Time now) const;

  void dialled(const Tag& tag, base::Time now);
  void failed(const Tag& tag, base::Time now);
  /// A link to whom was heard under this tag: for as long as it is open nobody dials it.
  void linked(const Tag& tag, base::Time now);
  void link_ended(const Tag& tag, base::Time now);
  /// Its device has a slot under another tag, until freed().
  void occupied(const Tag& tag);
  void freed(Device device);
  /// Another link reaches the same neighbour.
  void leave_alone(const Tag& tag);
  /// Somebody who proved who it is said this tag, from this device.
  void claimed(const Tag& tag, Device from, base::Time now);

  /// Forgets who was silent for kSilence; gives their devices.
  std::vector<Device> forget_silent(base::Time now);
  std::size_t size() const { return heard_.size(); }
  std::optional<base::Time> last_heard() const { return last_heard_; }
  std::optional<base::Time> next_silence(base::Time now) const;

 private:
  struct Heard {
    Device device;
    Datum datum;
    int rssi = 0;
    base::Time last_heard{};
    std::optional<base::Time> worth_since;
    base::Time not_before{};  ///< of the next dial
    int failures = 0;
    bool perhaps_gone = false;  ///< until it is heard again
    std::optional<base::Time> last_link;
    bool linked = false;
    bool alone = false;
    bool occupied = false;
    base::Time claimed_until{};
  };

  /// What one walk over all of them says, as of `at`; the same until `until` if nothing happens.
  struct Survey {
    base::Time at;
    base::Time until;
    std::optional<Candidate> best;
    std::optional<base::Time> soonest_due;  ///< after `at`
    std::optional<base::Time> soonest_silence;
  };
  using Item = std::pair<Tag, Heard>;

  const Survey& survey(base::Time now) const;
  /// To change it: surveys are void from then on.
  Heard* find(const Tag& tag);
  Heard& add(const Tag& tag);
  void weigh(const Tag& tag, Heard& heard, base::Time now) const;
  /// When it may be dialled, if nothing else happens.
  std::optional<base::Time> due(const Tag& tag, const Heard& heard) const;
  /// How long after it became worth dialling its turn is.
  base::Duration patience(const Tag& tag, const Heard& heard) const;
  void set_linked(Heard& heard, bool linked);
  void make_room(base::Time now);

  base::Random& random_;
  std::vector<Item> heard_;  ///< ascending
  mutable std::optional<Survey> survey_;
  Tag own_;
  Digest held_;
  bool asking_ = false;
  std::optional<base::Time> last_heard_;
  std::size_t linked_ = 0;  ///< of heard_
};

}  // namespace chaski::transport_ble
