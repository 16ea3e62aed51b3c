// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "sim/results/run_result.hpp"
#include "sim/traffic/message_plan.hpp"

namespace chaski::sim {

/// Makes the record of a run over ideal links of what its world tells it.
///
/// The world asks next_moment() before its clock goes on, and wants() before it tells of a copy: of
/// what nobody asked for that is all there is to do.
class Recorder {
 public:
  /// The plan must outlive this.
  Recorder(const Recording& asked, const MessagePlan& plan, std::uint32_t nodes, base::Time end);

  /// When it is to be told next how the world stands, and nothing after that time has happened yet;
  /// max: never.
  base::Time next_moment() const { return next_moment_; }
  /// How it stands at next_moment(); `at` is not looked at.
  void note(RunMoment moment);

  /// Whether it is to be told of the copies of this message.
  bool wants(std::size_t message) const { return !wanted_.empty() && wanted_[message] != 0; }
  /// `node` has it from now on; of `from`, or because it wrote it.
  void begins(std::size_t message, NodeIndex node, std::optional<NodeIndex> from, base::Time now);
  void ends(std::size_t message, NodeIndex node, CopyEnd how, base::Time now);
  /// Its recipient has it, and keeps no copy.
  void read(std::size_t message, NodeIndex from, base::Time now);

  /// These two part now, or the world ends: `why(from, to)` says why the message that is followed
  /// did not cross, or nothing when it is about to. Asked only of who has it and who never had.
  template <class Why>
  void parts(NodeIndex a, NodeIndex b, base::Time now, Why&& why) {
    for (TrailContact& contact : trail_.contacts) {
      const bool of_these =
          (contact.from == a && contact.to == b) || (contact.from == b && contact.to == a);
      if (!of_these || contact.end != now || contact.withheld) continue;
      if (holds(contact.from) && !last_copy_.contains(contact.to)) {
        contact.withheld = why(contact.from, contact.to);
      }
    }
  }
  /// Which message is followed, and the contacts that are looked at.
  std::optional<std::uint32_t> followed() const { return followed_; }
  const std::vector<TrailContact>& contacts() const { return trail_.contacts; }

  /// The run ended and this is how the world stands; once, with what else is told.
  void finish(const RunMoment& last, RunResult& result);

 private:
  static constexpr std::uint8_t kWatched = 1;
  static constexpr std::uint8_t kFollowed = 2;
  /// A message that is watched.
  struct Watched {
    std::size_t place = 0;  ///< in the spread
    std::vector<bool> seen;
  };
  bool holds(NodeIndex node) const;

  const MessagePlan& plan_;
  const std::uint32_t nodes_;
  const base::Time end_;
  const base::Duration interval_;
  const bool series_wanted_;
  const std::function<void(base::Time, std::uint64_t)> progress_;
  base::Time next_moment_ = base::Time::max();
  std::vector<std::uint8_t> wanted_;  ///< by message; empty: none is
  std::optional<std::uint32_t> followed_;
  std::map<std::size_t, Watched> watched_;
  std::map<NodeIndex, std::size_t> last_copy_;  ///< of what is followed, of each that ever had one
  std::vector<RunMoment> series_;
  std::vector<MessageSpread> spread_;
  Trail trail_;
};

}  // namespace chaski::sim
