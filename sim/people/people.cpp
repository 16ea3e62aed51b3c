// SPDX-License-Identifier: Apache-2.0
#include "sim/people/people.hpp"

#include <algorithm>
#include <map>
#include <memory>

#include "base/assert.hpp"
#include "sim/faults/cast.hpp"
#include "sim/faults/jammed_contacts.hpp"
#include "sim/faults/players.hpp"
#include "sim/faults/sleepers.hpp"
#include "sim/faults/wall_clocks.hpp"
#include "sim/people/acquaintance.hpp"
#include "sim/people/follower.hpp"
#include "sim/people/mishaps.hpp"
#include "sim/people/post.hpp"
#include "sim/radio/ble_air.hpp"

namespace chaski::sim {
namespace {

class People {
 public:
  People(ContactSource& contacts, const MessagePlan& plan, const PeopleRules& rules)
      : rules_(rules),
        cast_(draw_cast(rules.faults, rules.seed, contacts.nodes())),
        random_(rules.seed * 0x9E3779B97F4A7C15u + 17),
        faults_random_(rules.seed * 0x9E3779B97F4A7C15u + 31),
        jammed_(jammed(contacts)),
        contacts_(jammed_ ? *jammed_ : contacts),
        world_(world_config(rules)),
        players_(world_, rules.faults, cast_, faults_random_.next_u64(), rules.store_bytes_max,
                 [this](const link::NodePublicKey& key) { return who_has(key); }),
        post_(world_, plan, rules.record.watched,
              [this](const link::NodePublicKey& key) { return who_has(key); }, result_),
        mishaps_(world_, rules.faults, random_,
                 {[this](NodeIndex node) { ending(node); }, [this](NodeIndex node) { begun(node); },
                  [this](NodeIndex node) { clocks_.outage_begins(node); },
                  [this](NodeIndex node) { clocks_.outage_ends(node); }}),
        sleepers_(world_, rules.faults.sleepers, cast_.sleeps, faults_random_,
                  [this](NodeIndex node, bool on) { set_radio(node, on); }),
        clocks_(world_, rules.faults.clocks, cast_.clock_wrong, faults_random_) {
    for (const PlannedMessage& message : plan) {
      CHASKI_ASSERT(cast_.is_person(message.from) && cast_.is_person(message.to));
    }
  }

  PeopleResult run() {
    for (std::uint32_t i = 0; i < contacts_.nodes(); ++i) world_.add_node();
    introduce();
    players_.enter();
    for (const NodeIndex node : cast_.all(Part::person)) learn_key(node);
    clocks_.begin();
    if (const auto* ble = std::get_if<BleParameters>(&rules_.links)) {
      air_ = std::make_unique<BleAir>(world_, contacts_, *ble, random_.next_u64(),
                                      rules_.signals);
    } else {
      links_ = std::make_unique<ContactLinks>(world_, contacts_,
                                              std::get<ContactLinkParameters>(rules_.links));
    }
    follow();
    world_.on_event([this](NodeIndex node, const node::NodeEvent& event) {
      if (air_) air_->node_event(node, event);
      post_.heard(node, event);
    });
    const base::Time end = contacts_.end();
    post_.begin(end);
    mishaps_.begin();
    sleepers_.begin();
    const base::Duration part = moment_interval(end - world_.now());
    while (world_.now() < end) {
      world_.run_for(std::min(part, end - world_.now()));
      post_.look();
      look_at_stores();
      if (rules_.record.progress) rules_.record.progress(world_.now(), post_.delivered());
    }
    finish();
    return std::move(result_);
  }

 private:
  static WorldConfig world_config(const PeopleRules& rules) {
    WorldConfig config;
    config.seed = rules.seed;
    config.node = rules.node;
    config.node.tells_taken = true;
    config.store_bytes_max = rules.store_bytes_max;
    config.commit_every = rules.commit_every;
    return config;
  }

  void follow() {
    if (!rules_.record.follow) return;
    Companion& other = air_ ? static_cast<Companion&>(*air_) : *links_;
    follower_ = std::make_unique<Follower>(world_, other, *rules_.record.follow,
                                           result_.run.trail);
    post_.follow(rules_.record.follow->message, *follower_);
  }

  void introduce() {
    const auto partners = post_.partners();
    if (!rules_.just_met) return acquaint_long_ago(world_, partners);
    for (const auto& [a, b] : partners) world_.introduce(a, b);
  }

  void ending(NodeIndex node) {
    if (air_) air_->set_power(node, false);
    count_transfers(node);
  }

  std::unique_ptr<JammedContacts> jammed(ContactSource& contacts) {
    const std::vector<NodeIndex> jammers = cast_.all(Part::jammer);
    const std::uint64_t seed = faults_random_.next_u64();
    if (jammers.empty()) return nullptr;
    return std::make_unique<JammedContacts>(contacts, jammers, rules_.faults.jammers, seed);
  }

  void set_radio(NodeIndex node, bool on) {
    if (air_) air_->set_silent(node, !on);
    if (links_) links_->set_silent(node, !on);
  }

  /// A process has a node key of its own; whoever meets the device knows it again all the same.
  void learn_key(NodeIndex node) { keys_.emplace(world_.look_at(node).node_key(), node); }
  std::optional<NodeIndex> who_has(const link::NodePublicKey& key) const {
    const auto found = keys_.find(key);
    return found == keys_.end() ? std::nullopt : std::optional(found->second);
  }

  void begun(NodeIndex node) {
    learn_key(node);
    if (air_) air_->set_power(node, true);
    if (links_) links_->powered(node);
  }

  /// Its counters end with its process.
  void count_transfers(NodeIndex node) {
    const mesh_router::RouterCounters& counters = world_.look_at(node).router().counters();
    Totals& totals = result_.run.totals;
    totals.transfers_ended += counters.envelopes_received;
    totals.duplicates += counters.envelopes_received - counters.envelopes_accepted;
  }

  void finish() {
    if (follower_) follower_->finish();
    RunResult& run = result_.run;
    run.end = world_.now();
    post_.tell_ways();
    run.contacts = air_ ? air_->contacts() : links_->contacts();
    run.totals.air_bytes = world_.air_bytes();
    for (NodeIndex node = 0; node < world_.size(); ++node) {
      if (world_.powered(node) && world_.is_node(node)) count_transfers(node);
    }
    run.totals.transfers_begun = run.totals.transfers_ended;
    result_.crashes = mishaps_.crashes();
    result_.events = world_.events();
    result_.frames = world_.frames();
    result_.world_hash = world_.event_hash();
    tell_faults();
    if (!air_) return;
    const auto& ble = std::get<BleParameters>(rules_.links);
    for (NodeIndex node = 0; node < world_.size(); ++node) {
      const BleUse use = air_->use(node);
      result_.radio += use;
      result_.energy_mj.push_back(use.energy_mj(ble));
    }
  }

  void look_at_stores() {
    std::uint64_t& most = result_.stored_bytes_most;
    RunMoment moment{world_.now(), post_.delivered(), world_.air_bytes()};
    for (NodeIndex node = 0; node < world_.size(); ++node) {
      if (!world_.powered(node) || !world_.is_node(node)) continue;
      const mesh_router::StoreUsage usage = world_.look_at(node).router().usage();
      most = std::max(most, usage.bytes);
      moment.copies += usage.envelopes - world_.store(node).envelopes().receipts();
      moment.carried_bytes += usage.bytes;
    }
    if (rules_.record.series) result_.run.series.push_back(moment);
  }

  void tell_faults() {
    FaultReport& report = result_.faults;
    const auto tell = [&](const char* name, std::uint64_t number,
                          std::vector<std::pair<std::string, double>> did) {
      if (number > 0) report.kinds.push_back({name, number, std::move(did)});
    };
    const auto count = [](std::uint64_t number) { return static_cast<double>(number); };
    const PeopleFaults& faults = rules_.faults;
    const std::uint64_t people = cast_.count(Part::person);
    tell("crashes", faults.crashes_per_hour > 0 ? people : 0,
         {{"crashes", count(mishaps_.crashes())}});
    tell("outages", faults.outages_per_hour > 0 ? people : 0,
         {{"outages", count(mishaps_.outages())}});
    tell("sleepers", cast_.sleeping(),
         {{"naps", count(sleepers_.naps())}, {"asleep_s", sleepers_.asleep_s(world_.now())}});
    tell("clocks", cast_.clocks_wrong(),
         {{"jumps", count(clocks_.jumps())}, {"forgotten", count(clocks_.forgotten())}});
    players_.tell(report, post_.written());
    for (FaultKind& kind : report.kinds) {
      if (kind.name != name_of(Part::jammer)) continue;
      const JammedContacts::Toll toll = jammed_->toll(world_.now());
      kind.did = {{"interruptions", count(toll.interruptions)},
                  {"lost_contact_s", toll.lost_s},
                  {"contact_s", toll.contact_s}};
    }
  }

  const PeopleRules& rules_;
  const Cast cast_;
  base::SeededRandom random_;
  base::SeededRandom faults_random_;
  std::unique_ptr<JammedContacts> jammed_;
  ContactSource& contacts_;
  std::map<link::NodePublicKey, NodeIndex> keys_;
  PeopleResult result_;
  World world_;
  Players players_;
  std::unique_ptr<BleAir> air_;
  std::unique_ptr<ContactLinks> links_;
  std::unique_ptr<Follower> follower_;
  Post post_;
  Mishaps mishaps_;
  Sleepers sleepers_;
  WallClocks clocks_;
};

}  // namespace

PeopleResult run_people(ContactSource& contacts, const MessagePlan& plan,
                        const PeopleRules& rules) {
  CHASKI_ASSERT(contacts.end() < base::Time::max());
  return People(contacts, plan, rules).run();
}

}  // namespace chaski::sim
