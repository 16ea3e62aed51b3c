// SPDX-License-Identifier: Apache-2.0
// Files and messages to several among production nodes. Afraid of: a file that counts before all
// of it is there, or that is another than was sent; one that never arrives though its recipient
// was near all the time; a crash that loses one; a group that is counted as its rows.
#include <gtest/gtest.h>

#include "node/file_intake.hpp"
#include "node/memory_files.hpp"
#include "sim/contacts/contact_trace.hpp"
#include "sim/people/parcel.hpp"
#include "sim/people/people.hpp"
#include "sim/people/post.hpp"
#include "sim/results/group_figures.hpp"
#include "sim/traffic/generators.hpp"
#include "tests/seeds.hpp"

namespace chaski::sim {
namespace {

using namespace std::chrono_literals;

constexpr base::Time at(base::Duration since) {
  return base::Time{} + since;
}

PlannedMessage file(base::Duration when, NodeIndex from, NodeIndex to, std::uint32_t size_bytes) {
  PlannedMessage message;
  message.at = at(when);
  message.from = from;
  message.to = to;
  message.size_bytes = size_bytes;
  message.as_file = true;
  return message;
}

PeopleRules wifi_rules(std::uint64_t bytes_per_s) {
  PeopleRules rules;
  ContactLinkParameters links;
  links.model.bytes_per_s = bytes_per_s;
  rules.links = links;
  return rules;
}

/// All meet all, from the begin to the end.
ContactTrace clique(std::uint32_t nodes, base::Duration end) {
  std::vector<Contact> contacts;
  for (NodeIndex a = 0; a < nodes; ++a) {
    for (NodeIndex b = a + 1; b < nodes; ++b) contacts.push_back({at(0s), at(end), a, b});
  }
  return trace_of(contacts, nodes, at(end));
}

TEST(Parcel, is_known_by_its_name_and_its_bytes) {
  EXPECT_EQ(Parcel::message_in(Parcel(17).name()), 17u);
  for (const char* other : {"", "file-", "file-x", "file-17x", "17", "file-99999999999999999999"}) {
    EXPECT_FALSE(Parcel::message_in(other)) << other;
  }
  base::Bytes whole(10'000);
  Parcel(3).fill(whole);
  base::Bytes pieces(10'000);
  Parcel parcel(3);
  for (std::size_t from = 0; from < pieces.size(); from += 625) {
    parcel.fill(base::MutableByteView(pieces).subspan(from, 625));
  }
  EXPECT_EQ(whole, pieces) << "however it is cut";
  base::Bytes other(10'000);
  Parcel(4).fill(other);
  EXPECT_NE(whole, other);
}

TEST(Parcel, sees_every_byte_that_is_another) {
  base::SeededRandom random(5);
  for (const std::size_t wrong : {std::size_t{0}, std::size_t{50'000}, std::size_t{99'999}}) {
    for (const bool spoilt : {false, true}) {
      node::JournaledFiles store;
      attachment::Manifest manifest;
      manifest.plan = *attachment::ChunkPlan::choose(100'000);
      node::FileIntake intake(store, random, manifest);
      base::Bytes bytes(100'000);
      Parcel(9).fill(bytes);
      if (spoilt) bytes[wrong] ^= 1;
      ASSERT_TRUE(intake.add(bytes) && intake.finish());
      node::FileRecord record;
      record.number = intake.number();
      const auto key = intake.copy_key().view();
      record.copy_key = base::Bytes(key.begin(), key.end());
      node::FileReader reader(store, record, intake.manifest());
      EXPECT_EQ(Parcel(9).same_as(reader, 100'000), !spoilt) << wrong;
      node::FileReader shorter(store, record, intake.manifest());
      EXPECT_FALSE(Parcel(9).same_as(shorter, 100'001));
    }
  }
}

TEST(PeopleFiles, arrive_whole_from_hand_to_hand_and_not_before) {
  // 200 kB at 20 kB/s take ten seconds a hop; 0 meets 1, later 1 meets 2.
  const ContactTrace met =
      trace_of({{at(10s), at(120s), 0, 1}, {at(600s), at(700s), 1, 2}}, 3, at(1h));
  const MessagePlan plan{file(5s, 0, 2, 200'000), file(5s, 2, 0, 200'000)};
  for (const bool bluetooth : {false, true}) {
    SCOPED_TRACE(bluetooth ? "Bluetooth" : "Wi-Fi");
    PeopleRules rules = wifi_rules(20'000);
    if (bluetooth) rules.links = BleParameters{};
    TraceSource source(met);
    const PeopleResult result = run_people(source, plan, rules);
    ASSERT_TRUE(result.run.outcomes[0].delivered);
    EXPECT_GT(*result.run.outcomes[0].delivered, at(600s) + (bluetooth ? 6s : 10s));
    EXPECT_LT(*result.run.outcomes[0].delivered, at(700s));
    EXPECT_FALSE(result.run.outcomes[1].delivered);
    EXPECT_EQ(result.run.totals.messages_written, 2u);
    EXPECT_EQ(result.run.totals.message_bytes, 200'000u);
    EXPECT_GT(result.run.totals.air_bytes, 400'000u);
    EXPECT_EQ(result.files_wrong, 0u);
  }
}

TEST(PeopleFiles, more_than_may_come_at_once_wait_and_come_later_over_crashes_too) {
  const std::vector<Contact> contacts{{at(60s), at(3'000s), 0, 1}};
  const ContactTrace met = trace_of(contacts, 2, at(1h));
  MessagePlan plan;
  for (int i = 0; i < 20; ++i) plan.push_back(file(10ms * i, 0, 1, 2'000'000));
  for (const double crashes : {0.0, 30.0}) {
    SCOPED_TRACE(crashes);
    PeopleRules rules = wifi_rules(100'000);
    rules.faults.crashes_per_hour = crashes;
    TraceSource source(met);
    const PeopleResult result = run_people(source, plan, rules);
    for (std::size_t i = 0; i < plan.size(); ++i) {
      EXPECT_TRUE(result.run.outcomes[i].delivered) << "file " << i;
    }
    EXPECT_EQ(result.seen_twice + result.files_wrong, 0u);
  }
}

TEST(PeopleFiles, of_other_bytes_than_were_sent_have_not_arrived) {
  World world(WorldConfig{.seed = 2});
  for (int i = 0; i < 2; ++i) world.add_node();
  const MessagePlan plan{file(1h, 0, 1, 100'000), file(1h, 0, 1, 100'000)};
  PeopleResult result;
  Post post(world, plan, 0, [](const auto&) { return std::nullopt; }, result);
  world.introduce(0, 1);
  world.on_event([&](NodeIndex node, const node::NodeEvent& event) { post.heard(node, event); });
  world.connect(0, 1);
  // A node that sends another file under the name of the first message, and the second as it is.
  for (const std::size_t message : {std::size_t{0}, std::size_t{1}}) {
    Parcel parcel(message);
    bool spoilt = message != 0;
    const auto sent =
        world.try_send_file(0, 1, {parcel.name(), "application/octet-stream", 100'000},
                            [&](base::MutableByteView piece) {
                              parcel.fill(piece);
                              if (!std::exchange(spoilt, true)) piece[77] ^= 1;
                            });
    ASSERT_TRUE(sent);
  }
  world.run_for(60s);
  EXPECT_FALSE(result.run.outcomes[0].delivered);
  EXPECT_EQ(result.files_wrong, 1u);
  EXPECT_TRUE(result.run.outcomes[1].delivered);
  EXPECT_EQ(post.delivered(), 1u);
}

TEST(PeopleFiles, a_contact_too_short_for_the_whole_of_one_delivers_nothing) {
  const ContactTrace met = trace_of({{at(10s), at(15s), 0, 1}}, 2, at(1h));
  const MessagePlan plan{file(5s, 0, 1, 500'000)};
  TraceSource source(met);
  const PeopleResult result = run_people(source, plan, wifi_rules(20'000));
  EXPECT_FALSE(result.run.outcomes[0].delivered);
  EXPECT_GT(result.run.totals.air_bytes, 50'000u) << "some of it crossed";

  // What is left follows when they meet again.
  const ContactTrace again =
      trace_of({{at(10s), at(25s), 0, 1}, {at(100s), at(120s), 0, 1}}, 2, at(1h));
  TraceSource both(again);
  const PeopleResult result2 = run_people(both, plan, wifi_rules(20'000));
  ASSERT_TRUE(result2.run.outcomes[0].delivered);
  EXPECT_GT(*result2.run.outcomes[0].delivered, at(105s));
  EXPECT_LT(*result2.run.outcomes[0].delivered, at(120s));
}

TEST(PeopleFiles, what_is_too_long_for_a_text_goes_as_a_file) {
  const ContactTrace met = clique(2, 10min);
  MessagePlan plan(3);
  for (std::size_t i = 0; i < plan.size(); ++i) {
    plan[i].at = at(5s);
    plan[i].to = 1;
    plan[i].size_bytes = kTextSizeMax + static_cast<std::uint32_t>(i) - 1;
  }
  TraceSource source(met);
  const PeopleResult result = run_people(source, plan, wifi_rules(250'000));
  for (const Outcome& outcome : result.run.outcomes) EXPECT_TRUE(outcome.delivered);
  EXPECT_EQ(result.seen_twice, 0u);
  EXPECT_EQ(result.run.totals.message_bytes, 3 * std::uint64_t{kTextSizeMax});
}

TEST(PeopleFiles, crashes_and_empty_batteries_lose_none_and_spoil_none) {
  for (const auto seed : test::seeds(2)) {
    SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
    const ContactTrace met = clique(8, 90min);
    base::SeededRandom random(seed);
    Rhythm rhythm;
    rhythm.until = at(40min);
    rhythm.interval_min = rhythm.interval_max = 60s;
    rhythm.size_min_bytes = 1;
    rhythm.size_max_bytes = 300'000;
    MessagePlan plan = one_to_one(random, rhythm, 8);
    for (std::size_t i = 0; i < plan.size(); ++i) plan[i].as_file = i % 4 != 0;
    PeopleRules rules = wifi_rules(100'000);
    rules.seed = seed;
    rules.faults.crashes_per_hour = 6;
    rules.faults.outages_per_hour = 1;
    TraceSource source(met);
    const PeopleResult result = run_people(source, plan, rules);
    std::uint64_t delivered = 0;
    for (const Outcome& outcome : result.run.outcomes) delivered += outcome.delivered ? 1u : 0u;
    EXPECT_EQ(delivered, result.run.totals.messages_written);
    EXPECT_EQ(result.run.not_written.size(), result.not_written);
    EXPECT_GT(result.crashes, 20u);
    EXPECT_EQ(result.seen_twice, 0u);
    EXPECT_EQ(result.files_wrong, 0u);

    TraceSource again(met);
    EXPECT_EQ(run_people(again, plan, rules).world_hash, result.world_hash) << "one history";
  }
}

TEST(PeopleGroups, are_reached_member_by_member) {
  // 0 writes to 1, 2 and 3; 1 and 2 come by, 3 never does.
  const ContactTrace met =
      trace_of({{at(60s), at(90s), 0, 1}, {at(300s), at(330s), 0, 2}}, 4, at(1h));
  SocialGraph graph(4);
  graph[0] = {1, 2, 3};
  Rhythm rhythm;
  rhythm.until = at(10s);
  rhythm.interval_min = rhythm.interval_max = 10s;
  rhythm.size_min_bytes = rhythm.size_max_bytes = 200;
  base::SeededRandom random(1);
  const MessagePlan plan = to_groups(random, rhythm, graph);
  ASSERT_EQ(plan.size(), 3u);
  TraceSource source(met);
  const PeopleResult result = run_people(source, plan, wifi_rules(250'000));
  const auto outcomes = group_outcomes(result.run, plan);
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].members, 3u);
  EXPECT_EQ(outcomes[0].reached, 2u);
  EXPECT_GT(outcomes[0].half_after, 290s);
  EXPECT_LT(outcomes[0].half_after, 320s);
  EXPECT_FALSE(outcomes[0].all_after);
}

}  // namespace
}  // namespace chaski::sim
