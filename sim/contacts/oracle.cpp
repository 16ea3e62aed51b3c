// SPDX-License-Identifier: Apache-2.0
#include "sim/contacts/oracle.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "base/assert.hpp"

namespace chaski::sim {
namespace {

constexpr std::size_t kWordBits = 64;

/// One run. Between two times every connected component of the present graph is level: its nodes
/// hold the same of the messages that live. So a new link says by one comparison whether it
/// matters, and what one side lacks floods that side alone.
class Oracle {
 public:
  Oracle(ContactSource& contacts, const MessagePlan& plan, const OracleOptions& options)
      : contacts_(contacts),
        plan_(plan),
        words_((plan.size() + kWordBits - 1) / kWordBits),
        held_(contacts.nodes() * words_),
        live_(words_),
        neighbours_(contacts.nodes()),
        waiting_(contacts.nodes()),
        expiry_(plan.size()) {
    result_.outcomes.resize(plan.size());
    if (options.hops) hops_.resize(contacts.nodes() * plan.size());
    std::iota(expiry_.begin(), expiry_.end(), std::size_t{0});
    std::sort(expiry_.begin(), expiry_.end(), [this](auto x, auto y) {
      return std::make_pair(expires(x), x) < std::make_pair(expires(y), y);
    });
  }

  /// Notes every arrival there, in the order in which they happen.
  void note(std::vector<PathHop>& arrivals) { arrivals_ = &arrivals; }

  RunResult run() {
    result_.end = contacts_.end();
    auto change = contacts_.next();
    for (;;) {
      const bool writes = written_ < plan_.size() && plan_[written_].at <= result_.end;
      if (!change && !writes) break;
      now_ = change ? change->at : base::Time::max();
      if (writes) now_ = std::min(now_, plan_[written_].at);
      expire();
      for (; change && change->at == now_; change = contacts_.next()) {
        change->up ? link(change->a, change->b) : unlink(change->a, change->b);
      }
      while (written_ < plan_.size() && plan_[written_].at == now_) write();
    }
    result_.totals.messages_written = written_;
    hash();
    return std::move(result_);
  }

 private:
  base::Time expires(std::size_t message) const {
    const PlannedMessage& planned = plan_[message];
    if (planned.lifetime > base::Time::max() - planned.at) return base::Time::max();
    return planned.at + planned.lifetime;
  }

  void expire() {
    for (; expired_ < plan_.size() && expires(expiry_[expired_]) <= now_; ++expired_) {
      const std::size_t message = expiry_[expired_];
      live_[message / kWordBits] &= ~(std::uint64_t{1} << message % kWordBits);
    }
    while (first_word_ < words_begun() && live_[first_word_] == 0 &&
           written_ >= (first_word_ + 1) * kWordBits) {
      ++first_word_;
    }
  }

  std::size_t words_begun() const { return (written_ + kWordBits - 1) / kWordBits; }

  void link(NodeIndex a, NodeIndex b) {
    ++result_.contacts;
    neighbours_[a].push_back(b);
    neighbours_[b].push_back(a);
    // Both first: what one side lacked must not come back as news of the other.
    const bool to_b = give(a, b);
    const bool to_a = give(b, a);
    if (to_b) spread(b);
    if (to_a) spread(a);
  }

  void unlink(NodeIndex a, NodeIndex b) {
    remove(neighbours_[a], b);
    remove(neighbours_[b], a);
  }

  static void remove(std::vector<NodeIndex>& from, NodeIndex node) {
    const auto place = std::find(from.begin(), from.end(), node);
    CHASKI_ASSERT(place != from.end());
    *place = from.back();
    from.pop_back();
  }

  void write() {
    const std::size_t message = written_++;
    const PlannedMessage& planned = plan_[message];
    CHASKI_ASSERT(planned.from != planned.to &&
                  std::max(planned.from, planned.to) < waiting_.size());
    CHASKI_ASSERT(written_ == plan_.size() || plan_[written_].at >= planned.at);
    if (expires(message) <= now_) return;
    const std::uint64_t bit = std::uint64_t{1} << message % kWordBits;
    live_[message / kWordBits] |= bit;
    held_[planned.from * words_ + message / kWordBits] |= bit;
    spread(planned.from);
  }

  /// Gives a node whatever lives and another one has; whether that was anything.
  bool give(NodeIndex from, NodeIndex to) {
    const std::uint64_t* has = held_.data() + from * words_;
    std::uint64_t* gets = held_.data() + to * words_;
    bool any = false;
    for (std::size_t word = first_word_, end = words_begun(); word < end; ++word) {
      const std::uint64_t news = has[word] & ~gets[word] & live_[word];
      if (news == 0) continue;
      any = true;
      gets[word] |= news;
      for (std::uint64_t rest = news; rest != 0; rest &= rest - 1) {
        arrive(word * kWordBits + static_cast<std::size_t>(std::countr_zero(rest)), from, to);
      }
    }
    return any;
  }

  void arrive(std::size_t message, NodeIndex from, NodeIndex to) {
    if (arrivals_ != nullptr) arrivals_->push_back({from, to, now_});
    Outcome& outcome = result_.outcomes[message];
    std::uint16_t hops = 0;
    if (!hops_.empty()) {
      constexpr std::uint16_t kHopsMax = std::numeric_limits<std::uint16_t>::max();
      const std::uint16_t before = hops_[from * plan_.size() + message];
      hops = before == kHopsMax ? before : static_cast<std::uint16_t>(before + 1);
      hops_[to * plan_.size() + message] = hops;
    }
    if (plan_[message].to == to) {
      outcome.delivered = now_;
      outcome.hops = hops;
      outcome.carriers_then = outcome.carriers;
    }
    ++outcome.carriers;
  }

  /// Levels the component of a node that has news.
  void spread(NodeIndex start) {
    queue_.assign(1, start);
    waiting_[start] = true;
    for (std::size_t head = 0; head < queue_.size(); ++head) {
      const NodeIndex node = queue_[head];
      waiting_[node] = false;
      for (const NodeIndex neighbour : neighbours_[node]) {
        if (!give(node, neighbour) || waiting_[neighbour]) continue;
        waiting_[neighbour] = true;
        queue_.push_back(neighbour);
      }
    }
  }

  /// FNV-1a over the deliveries in the order of the plan.
  void hash() {
    std::uint64_t hash = 0xcbf29ce484222325u;
    const auto add = [&](std::uint64_t value) {
      for (int byte = 0; byte < 8; ++byte, value >>= 8)
        hash = (hash ^ (value & 0xff)) * 0x100000001b3u;
    };
    for (std::size_t message = 0; message < plan_.size(); ++message) {
      const Outcome& outcome = result_.outcomes[message];
      if (!outcome.delivered) continue;
      add(message);
      add(plan_[message].to);
      add(static_cast<std::uint64_t>(base::to_us(*outcome.delivered)));
    }
    result_.event_hash = hash;
  }

  ContactSource& contacts_;
  const MessagePlan& plan_;
  std::size_t words_;                ///< of a node
  std::vector<std::uint64_t> held_;  ///< by node, in a node a bit a message
  std::vector<std::uint64_t> live_;  ///< written, and not expired
  std::vector<std::uint16_t> hops_;  ///< by node, in a node by message; empty: not wanted
  std::vector<std::vector<NodeIndex>> neighbours_;
  std::vector<bool> waiting_;  ///< in the queue
  std::vector<NodeIndex> queue_;
  std::vector<std::size_t> expiry_;  ///< messages in the order in which they expire
  std::size_t expired_ = 0;
  std::size_t written_ = 0;
  std::size_t first_word_ = 0;  ///< nothing lives before it
  base::Time now_{};
  std::vector<PathHop>* arrivals_ = nullptr;
  RunResult result_;
};

}  // namespace

RunResult run_oracle(ContactSource& contacts, const MessagePlan& plan,
                     const OracleOptions& options) {
  return Oracle(contacts, plan, options).run();
}

std::vector<PathHop> earliest_path(ContactSource& contacts, const PlannedMessage& message) {
  const MessagePlan plan{message};
  std::vector<PathHop> arrivals;
  Oracle oracle(contacts, plan, {.hops = false});
  oracle.note(arrivals);
  if (!oracle.run().outcomes.front().delivered) return {};
  // Backwards: nobody gets it twice, and who gave it had it before.
  std::vector<PathHop> path;
  NodeIndex wanted = message.to;
  for (auto hop = arrivals.rbegin(); hop != arrivals.rend(); ++hop) {
    if (hop->to != wanted) continue;
    path.push_back(*hop);
    wanted = hop->from;
  }
  CHASKI_ASSERT(wanted == message.from);
  std::reverse(path.begin(), path.end());
  return path;
}

}  // namespace chaski::sim
