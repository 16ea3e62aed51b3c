// SPDX-License-Identifier: Apache-2.0
#include "sim/people/people.hpp"

#include <algorithm>
#include <memory>

#include "base/assert.hpp"
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
      : contacts_(contacts),
        rules_(rules),
        random_(rules.seed * 0x9E3779B97F4A7C15u + 17),
        world_(world_config(rules)),
        post_(world_, plan, rules.watched, result_),
        mishaps_(
            world_, rules.faults, random_,
            {[this](NodeIndex node) { ending(node); }, [this](NodeIndex node) { begun(node); }}) {}

  PeopleResult run() {
    for (std::uint32_t i = 0; i < contacts_.nodes(); ++i) world_.add_node();
    introduce();
    if (const auto* ble = std::get_if<BleParameters>(&rules_.links)) {
      air_ = std::make_unique<BleAir>(world_, contacts_, *ble, random_.next_u64());
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
    const base::Duration part = std::max<base::Duration>((end - world_.now()) / kPeopleMoments,
                                                         std::chrono::milliseconds(100));
    while (world_.now() < end) {
      world_.run_for(std::min(part, end - world_.now()));
      result_.series.push_back({world_.now(), post_.delivered(), world_.frame_bytes()});
      post_.look();
      if (rules_.progress) rules_.progress(world_.now(), post_.delivered());
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

  void follow() {
    if (!rules_.follow) return;
    Companion& other = air_ ? static_cast<Companion&>(*air_) : *links_;
    follower_ = std::make_unique<Follower>(world_, other, *rules_.follow, result_.trail);
    post_.follow(rules_.follow->message, *follower_);
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

  void begun(NodeIndex node) {
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
    run.contacts = air_ ? air_->contacts() : links_->contacts();
    run.totals.air_bytes = world_.frame_bytes();
    for (NodeIndex node = 0; node < world_.size(); ++node) {
      if (world_.powered(node)) count_transfers(node);
    }
    run.totals.transfers_begun = run.totals.transfers_ended;
    result_.crashes = mishaps_.crashes();
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
  const PeopleRules& rules_;
  base::SeededRandom random_;
  PeopleResult result_;
  World world_;
  std::unique_ptr<BleAir> air_;
  std::unique_ptr<ContactLinks> links_;
  std::unique_ptr<Follower> follower_;
  Post post_;
  Mishaps mishaps_;
};

}  // namespace

PeopleResult run_people(ContactSource& contacts, const MessagePlan& plan,
                        const PeopleRules& rules) {
  CHASKI_ASSERT(contacts.end() < base::Time::max());
  return People(contacts, plan, rules).run();
}

}  // namespace chaski::sim
