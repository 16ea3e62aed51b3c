// SPDX-License-Identifier: Apache-2.0
#include "sim/world/scale_world.hpp"

#include <set>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "sim/world/world.hpp"

namespace chaski::sim {
namespace {

using node::Direction;
using Pair = std::pair<NodeIndex, NodeIndex>;

/// Messages are told apart by their text: sender, recipient, number.
std::string text_of(NodeIndex from, NodeIndex to, std::uint64_t number) {
  return std::to_string(from) + ">" + std::to_string(to) + " #" + std::to_string(number) +
         " the road is open again";
}

class ScaleWorld {
 public:
  explicit ScaleWorld(const ScaleWorldConfig& config)
      : config_(config), world_(world_config(config)), random_(config.seed * 977 + 5) {}

  ScaleWorldResult run() {
    build();
    plan_messages();
    plan_churn();
    world_.run_for(config_.talking + std::chrono::seconds(90));
    count_inboxes();
    result_.before_healing = result_.delivered;
    heal();
    world_.run_until([this] { return sent_ == config_.messages && all_delivered(); },
                     config_.heal_at_most);
    count_inboxes();
    finish();
    return result_;
  }

 private:
  static WorldConfig world_config(const ScaleWorldConfig& config) {
    WorldConfig out;
    out.seed = config.seed;
    out.commit_every = std::chrono::milliseconds(100);
    out.node.timers.ping_after = std::chrono::seconds(20);
    out.node.timers.dead_after = std::chrono::seconds(60);
    return out;
  }

  std::uint32_t island_size() const { return config_.nodes / config_.islands; }
  std::uint32_t island_of(NodeIndex index) const {
    return std::min(index / island_size(), config_.islands - 1);
  }
  NodeIndex below(std::uint64_t bound) { return static_cast<NodeIndex>(random_.below(bound)); }
  NodeIndex on_island(std::uint32_t island) {
    const NodeIndex first = island * island_size();
    const NodeIndex end = island + 1 == config_.islands ? config_.nodes : first + island_size();
    return first + below(end - first);
  }

  LinkModel link() {
    LinkModel model;
    model.delay = std::chrono::milliseconds(5 + random_.below(45));
    model.loss = config_.loss;
    model.bytes_per_s = 1'000'000;
    return model;
  }

  void connect(NodeIndex a, NodeIndex b) {
    const Pair pair = std::minmax(a, b);
    if (a == b || !links_.insert(pair).second) return;
    world_.connect(a, b, link());
    ++result_.link_changes;
  }

  void chord(std::uint32_t island) {
    const NodeIndex a = on_island(island);
    const NodeIndex b = on_island(island);
    if (a == b || links_.contains(std::minmax(a, b))) return;
    connect(a, b);
    chords_.push_back(std::minmax(a, b));
  }

  void build() {
    for (std::uint32_t i = 0; i < config_.nodes; ++i) world_.add_node();
    for (NodeIndex a = 0; a < config_.nodes; ++a) {
      const std::uint32_t island = island_of(a);
      const bool last = a + 1 == config_.nodes || island_of(a + 1) != island;
      connect(a, last ? island * island_size() : a + 1);
    }
    for (NodeIndex a = 0; a < config_.nodes; a += 4) chord(island_of(a));
    for (NodeIndex a = 0; a < config_.nodes; ++a) {
      const bool far = random_.unit() < config_.far_share && config_.islands > 1;
      NodeIndex b = a;
      while (b == a || contacts_.contains(std::minmax(a, b)) ||
             (far && island_of(b) == island_of(a)))
        b = far ? below(config_.nodes) : on_island(island_of(a));
      contacts_.insert(std::minmax(a, b));
      pairs_.emplace_back(a, b);
      world_.introduce(a, b);
    }
  }

  void plan_messages() {
    for (std::uint64_t number = 0; number < config_.messages; ++number) {
      auto [from, to] = pairs_[below(pairs_.size())];
      if (random_.below(2) == 0) std::swap(from, to);
      const auto at = base::Duration(static_cast<std::int64_t>(
          random_.below(static_cast<std::uint64_t>(config_.talking.count()))));
      plan_message(world_.now() + at, from, to, number);
    }
  }

  void plan_message(base::Time at, NodeIndex from, NodeIndex to, std::uint64_t number) {
    world_.at(at, [this, from, to, number] {
      if (!world_.powered(from)) {
        plan_message(world_.now() + std::chrono::seconds(10), from, to, number);
        return;
      }
      world_.send(from, to, text_of(from, to, number));
      ++sent_;
    });
  }

  /// One change every so often, about one a node in all.
  void plan_churn() {
    const auto pause = config_.talking / static_cast<std::int64_t>(config_.nodes);
    for (std::uint32_t i = 0; i < config_.nodes; ++i)
      world_.at(world_.now() + i * pause, [this] { churn(); });
  }

  void churn() {
    const NodeIndex victim = below(config_.nodes);
    switch (random_.below(4)) {
      case 0:
        if (!world_.powered(victim)) return;
        world_.crash_and_restart(victim);
        ++result_.crashes;
        break;
      case 1:
        if (!world_.powered(victim)) return;
        world_.set_power(victim, false);
        world_.at(world_.now() + std::chrono::seconds(60),
                  [this, victim] { world_.set_power(victim, true); });
        ++result_.crashes;
        break;
      default:
        move_chord();
        break;
    }
  }

  void move_chord() {
    if (chords_.empty()) return;
    const std::size_t which = random_.below(chords_.size());
    const Pair old = chords_[which];
    world_.disconnect(old.first, old.second);
    links_.erase(old);
    ++result_.link_changes;
    chords_[which] = chords_.back();
    chords_.pop_back();
    chord(island_of(old.first));
  }

  /// Two bridges from each island to the next, and one to any other.
  void heal() {
    for (std::uint32_t island = 0; island < config_.islands && config_.islands > 1; ++island) {
      const std::uint32_t next = (island + 1) % config_.islands;
      connect(on_island(island), on_island(next));
      connect(on_island(island), on_island(next));
      connect(on_island(island), below(config_.nodes));
    }
  }

  bool all_delivered() {
    std::uint64_t stored = 0;
    for (NodeIndex i = 0; i < config_.nodes; ++i)
      stored += world_.store(i).people().message_count();
    return stored >= 2 * std::uint64_t{config_.messages};
  }

  void count_inboxes() {
    result_.delivered = result_.twice = result_.acknowledged = 0;
    node::MessageQuery all;
    all.limit = config_.messages;
    for (NodeIndex i = 0; i < config_.nodes; ++i) {
      std::set<std::string> seen;
      for (const node::MessageRecord& message : world_.store(i).people().messages(all)) {
        if (message.direction == Direction::outgoing) {
          result_.acknowledged += message.state == node::MessageState::delivered ? 1 : 0;
        } else if (seen.insert(message.text).second) {
          ++result_.delivered;
        } else {
          ++result_.twice;
        }
      }
    }
  }

  void finish() {
    for (NodeIndex i = 0; i < config_.nodes; ++i) {
      const mesh_router::RouterCounters& counters = world_.node(i).router().counters();
      result_.transfers += counters.envelopes_accepted;
      result_.records += counters.envelopes_received;
    }
    result_.events = world_.events();
    result_.frames = world_.frames();
    result_.frame_bytes = world_.frame_bytes();
    result_.event_hash = world_.event_hash();
    result_.virtual_time = world_.now().time_since_epoch();
  }

  const ScaleWorldConfig config_;
  World world_;
  base::SeededRandom random_;
  std::set<Pair> links_;
  std::vector<Pair> chords_;
  std::set<Pair> contacts_;
  std::vector<Pair> pairs_;
  std::uint64_t sent_ = 0;
  ScaleWorldResult result_;
};

}  // namespace

ScaleWorldResult run_scale_world(const ScaleWorldConfig& config) {
  CHASKI_ASSERT(config.islands > 0 && config.nodes / config.islands >= 4);
  return ScaleWorld(config).run();
}

}  // namespace chaski::sim
