// SPDX-License-Identifier: Apache-2.0
#include "sim/people/people.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/assert.hpp"
#include "sim/radio/ble_air.hpp"
#include "sim/world/frame_hash.hpp"
#include "wire/limits.hpp"

namespace chaski::sim {
namespace {

constexpr std::uint32_t kTextSizeMin = 24;

/// Messages are told apart by their text.
std::string text_of(std::size_t message, std::uint32_t size_bytes) {
  std::string text = std::to_string(message) + " ";
  text.resize(std::clamp(size_bytes, kTextSizeMin, kTextSizeMax), '.');
  return text;
}

std::size_t message_in(const std::string& text) {
  std::size_t message = SIZE_MAX;
  std::from_chars(text.data(), text.data() + text.size(), message);
  return message;
}

std::uint32_t lifetime_s(base::Duration lifetime) {
  // As long as a node keeps anything, where the plan says for ever.
  constexpr base::Duration kLongest = std::chrono::seconds(wire::kLifetimeMax_s);
  const auto s = std::chrono::duration_cast<std::chrono::seconds>(std::min(lifetime, kLongest));
  return static_cast<std::uint32_t>(std::max<std::int64_t>(1, s.count()));
}

class People {
 public:
  People(ContactSource& contacts, const MessagePlan& plan, const PeopleRules& rules)
      : contacts_(contacts),
        plan_(plan),
        rules_(rules),
        random_(rules.seed * 0x9E3779B97F4A7C15u + 17),
        world_(world_config(rules)) {
    result_.run.outcomes.resize(plan.size());
  }

  PeopleResult run() {
    for (std::uint32_t i = 0; i < contacts_.nodes(); ++i) world_.add_node();
    introduce();
    if (const auto* ble = std::get_if<BleParameters>(&rules_.links)) {
      air_ = std::make_unique<BleAir>(world_, contacts_, *ble, random_.next_u64());
    } else {
      links_ = std::make_unique<ContactLinks>(world_, contacts_,
                                              std::get<ContactLinkParameters>(rules_.links));
    }
    world_.on_event([this](NodeIndex node, const node::NodeEvent& event) { heard(node, event); });
    plan_next_message();
    plan_faults();
    const base::Time end = contacts_.end();
    const base::Duration part = std::max<base::Duration>((end - world_.now()) / kPeopleMoments,
                                                         std::chrono::milliseconds(100));
    while (world_.now() < end) {
      world_.run_for(std::min(part, end - world_.now()));
      result_.series.push_back({world_.now(), delivered_, world_.frame_bytes()});
      for (Watched& watched : watched_) look_for(watched);
      if (rules_.progress) rules_.progress(world_.now(), delivered_);
    }
    finish();
    return std::move(result_);
  }

 private:
  static WorldConfig world_config(const PeopleRules& rules) {
    WorldConfig config;
    config.seed = rules.seed;
    config.node = rules.node;
    config.store_bytes_max = rules.store_bytes_max;
    config.commit_every = rules.commit_every;
    return config;
  }

  void introduce() {
    std::set<std::pair<NodeIndex, NodeIndex>> met;
    for (const PlannedMessage& message : plan_) {
      const auto [a, b] = std::minmax(message.from, message.to);
      if (met.insert({a, b}).second) world_.introduce(a, b);
    }
  }

  /// One planned at a time: a plan may be long.
  void plan_next_message() {
    if (next_message_ == plan_.size() || plan_[next_message_].at > contacts_.end()) return;
    world_.at(plan_[next_message_].at, [this] {
      write(next_message_++);
      plan_next_message();
    });
  }

  void write(std::size_t message) {
    const PlannedMessage& planned = plan_[message];
    if (!world_.powered(planned.from)) {
      ++result_.not_written;
      return;
    }
    node::SendOptions options;
    options.lifetime_s = lifetime_s(planned.lifetime);
    const auto id =
        world_.try_send(planned.from, planned.to, text_of(message, planned.size_bytes), options);
    if (!id) {
      ++result_.not_written;
      return;
    }
    ++result_.run.totals.messages_written;
    const std::size_t every =
        rules_.watched == 0 ? 0 : std::max<std::size_t>(1, plan_.size() / rules_.watched);
    if (every == 0 || message % every != 0 || watched_.size() == rules_.watched) return;
    Watched watched;
    watched.id = *id;
    watched.place = result_.spread.size();
    watched.held.resize(world_.size());
    watched_.push_back(std::move(watched));
    result_.spread.push_back({message, {{planned.from, world_.now()}}});
  }

  struct Watched {
    node::MessageId id = 0;  ///< at its author
    std::size_t place = 0;   ///< in result_.spread
    std::vector<bool> held;
  };

  void look_for(Watched& watched) {
    PeopleSpread& spread = result_.spread[watched.place];
    const PlannedMessage& planned = plan_[spread.message];
    const auto record = world_.store(planned.from).people().find_message(watched.id);
    if (!record) return;
    for (NodeIndex node = 0; node < world_.size(); ++node) {
      if (watched.held[node] || node == planned.from || !world_.powered(node)) continue;
      const bool read = node == planned.to && result_.run.outcomes[spread.message].delivered;
      if (!read && !world_.look_at(node).router().holds(record->envelope)) continue;
      watched.held[node] = true;
      spread.seen.emplace_back(node, world_.now());
    }
  }

  void heard(NodeIndex node, const node::NodeEvent& event) {
    if (air_) air_->node_event(node, event);
    const auto* changed = std::get_if<node::MessageChanged>(&event);
    if (changed == nullptr) return;
    const auto record = world_.store(node).people().find_message(changed->message);
    if (!record || record->direction != node::Direction::incoming) return;
    const std::size_t message = message_in(record->text);
    if (message >= plan_.size() || plan_[message].to != node) return;
    // Nodes carry on to the next class of lifetimes; what comes after the plan's is late.
    const PlannedMessage& planned = plan_[message];
    const bool late =
        planned.lifetime != base::Duration::max() && world_.now() >= planned.at + planned.lifetime;
    Outcome& outcome = result_.run.outcomes[message];
    if (late && !outcome.delivered) return;
    if (outcome.delivered) {
      if (read_as_[message] != changed->message) ++result_.seen_twice;
      return;
    }
    outcome.delivered = world_.now();
    read_as_[message] = changed->message;
    ++delivered_;
    result_.run.totals.message_bytes += plan_[message].size_bytes;
    std::uint64_t& hash = result_.run.event_hash;
    hash = mix(hash, (std::uint64_t{message} << 32) | node);
    hash = mix(hash, static_cast<std::uint64_t>(base::to_us(world_.now())));
  }

  /// The next of a Poisson process of this rate over all nodes.
  base::Duration until_next(double per_node_and_hour) {
    const double per_s = per_node_and_hour * static_cast<double>(contacts_.nodes()) / 3'600;
    const double s = -std::log1p(-random_.unit()) / per_s;
    return base::Duration(static_cast<std::int64_t>(std::min(s, 1e9) * 1e6) + 1);
  }

  void plan_faults() {
    plan_crash();
    plan_outage();
  }

  void plan_crash() {
    if (rules_.faults.crashes_per_hour <= 0) return;
    world_.at(world_.now() + until_next(rules_.faults.crashes_per_hour), [this] {
      const auto node = static_cast<NodeIndex>(random_.below(world_.size()));
      if (world_.powered(node)) {
        ++result_.crashes;
        if (air_) air_->set_power(node, false);
        count_transfers(node);
        world_.crash_and_restart(node);
        if (air_) air_->set_power(node, true);
      }
      plan_crash();
    });
  }

  void plan_outage() {
    if (rules_.faults.outages_per_hour <= 0) return;
    world_.at(world_.now() + until_next(rules_.faults.outages_per_hour), [this] {
      const auto node = static_cast<NodeIndex>(random_.below(world_.size()));
      if (world_.powered(node)) {
        if (air_) air_->set_power(node, false);
        count_transfers(node);
        world_.set_power(node, false);
        world_.at(world_.now() + rules_.faults.outage, [this, node] {
          world_.set_power(node, true);
          if (air_) air_->set_power(node, true);
          if (links_) links_->powered(node);
        });
      }
      plan_outage();
    });
  }

  /// Its counters end with its process.
  void count_transfers(NodeIndex node) {
    const mesh_router::RouterCounters& counters = world_.look_at(node).router().counters();
    Totals& totals = result_.run.totals;
    totals.transfers_ended += counters.envelopes_received;
    totals.duplicates += counters.envelopes_received - counters.envelopes_accepted;
  }

  void finish() {
    RunResult& run = result_.run;
    run.end = world_.now();
    run.contacts = air_ ? air_->contacts() : links_->contacts();
    run.totals.air_bytes = world_.frame_bytes();
    for (NodeIndex node = 0; node < world_.size(); ++node) {
      if (world_.powered(node)) count_transfers(node);
    }
    run.totals.transfers_begun = run.totals.transfers_ended;
    result_.events = world_.events();
    result_.frames = world_.frames();
    result_.world_hash = world_.event_hash();
    if (!air_) return;
    const auto& ble = std::get<BleParameters>(rules_.links);
    for (NodeIndex node = 0; node < world_.size(); ++node) {
      const BleUse use = air_->use(node);
      result_.radio += use;
      result_.energy_mj.push_back(use.energy_mj(ble));
    }
  }

  ContactSource& contacts_;
  const MessagePlan& plan_;
  const PeopleRules& rules_;
  base::SeededRandom random_;
  World world_;
  std::unique_ptr<BleAir> air_;
  std::unique_ptr<ContactLinks> links_;
  std::size_t next_message_ = 0;
  std::uint64_t delivered_ = 0;
  std::map<std::size_t, node::MessageId> read_as_;
  std::vector<Watched> watched_;
  PeopleResult result_;
};

}  // namespace

PeopleResult run_people(ContactSource& contacts, const MessagePlan& plan,
                        const PeopleRules& rules) {
  CHASKI_ASSERT(contacts.end() < base::Time::max());
  return People(contacts, plan, rules).run();
}

}  // namespace chaski::sim
