// SPDX-License-Identifier: Apache-2.0
#include "sim/ideal/recorder.hpp"

#include <utility>

#include "base/assert.hpp"

namespace chaski::sim {

Recorder::Recorder(const Recording& asked, const MessagePlan& plan, std::uint32_t nodes,
                   base::Time end)
    : plan_(plan),
      nodes_(nodes),
      end_(end),
      interval_(moment_interval(end.time_since_epoch())),
      series_wanted_(asked.series),
      progress_(asked.progress) {
  if ((series_wanted_ || progress_) && base::Time{} + interval_ < end_) {
    next_moment_ = base::Time{} + interval_;
  }
  const std::size_t every = watched_every(plan.size(), asked.watched);
  if (every > 0 || asked.follow) wanted_.resize(plan.size());
  for (std::size_t i = 0; every > 0 && i < plan.size(); i += every) {
    if (i / every < asked.watched) wanted_[i] = kWatched;
  }
  if (!asked.follow) return;
  CHASKI_ASSERT(asked.follow->message < plan.size());
  followed_ = static_cast<std::uint32_t>(asked.follow->message);
  wanted_[*followed_] |= kFollowed;
  trail_.contacts = asked.follow->contacts;
  for (TrailContact& contact : trail_.contacts) {
    contact.linked = std::max(contact.begin, plan[*followed_].at);
  }
}

void Recorder::note(RunMoment moment) {
  moment.at = next_moment_;
  if (series_wanted_) series_.push_back(moment);
  if (progress_) progress_(moment.at, moment.delivered);
  // The last moment is the end, with all that happened then.
  next_moment_ = end_ - next_moment_ > interval_ ? next_moment_ + interval_ : base::Time::max();
}

void Recorder::begins(std::size_t message, NodeIndex node, std::optional<NodeIndex> from,
                      base::Time now) {
  if ((wanted_[message] & kWatched) != 0) {
    auto [found, first] = watched_.try_emplace(message);
    Watched& watched = found->second;
    if (first) {
      watched = {spread_.size(), std::vector<bool>(nodes_)};
      spread_.push_back({message, {}});
    }
    if (!watched.seen[node]) spread_[watched.place].seen.emplace_back(node, now);
    watched.seen[node] = true;
  }
  if ((wanted_[message] & kFollowed) == 0) return;
  std::optional<std::size_t> giver;
  if (from) giver = last_copy_.at(*from);
  last_copy_[node] = trail_.copies.size();
  trail_.copies.push_back({node, giver, now, std::nullopt, CopyEnd::held});
}

void Recorder::ends(std::size_t message, NodeIndex node, CopyEnd how, base::Time now) {
  if ((wanted_[message] & kFollowed) == 0) return;
  TrailCopy& copy = trail_.copies[last_copy_.at(node)];
  copy.until = now;
  copy.end = how;
}

void Recorder::read(std::size_t message, NodeIndex from, base::Time now) {
  const NodeIndex recipient = plan_[message].to;
  begins(message, recipient, from, now);
  ends(message, recipient, CopyEnd::read, now);
  if ((wanted_[message] & kFollowed) != 0) trail_.first = last_copy_.at(recipient);
}

bool Recorder::holds(NodeIndex node) const {
  const auto copy = last_copy_.find(node);
  return copy != last_copy_.end() && trail_.copies[copy->second].end == CopyEnd::held;
}

void Recorder::finish(const RunMoment& last, RunResult& result) {
  if (series_wanted_) series_.push_back(last);
  if (progress_) progress_(last.at, last.delivered);
  result.series = std::move(series_);
  result.spread = std::move(spread_);
  result.trail = std::move(trail_);
}

}  // namespace chaski::sim
