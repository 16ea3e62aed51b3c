// SPDX-License-Identifier: Apache-2.0
// Keys set from outside a scenario's file. Afraid of: a change that goes nowhere and is passed over
// in silence, a value that is parted at the wrong comma, an error that does not name the change.
#include "sim/scenario/changes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chaski::sim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kHall = R"(
duration_s = 1800
[area]
width_m = 60
height_m = 40
range_m = 12
[[people]]
number = 10
model = "random-waypoint"
[[people]]
number = 3
model = "stationary"
[traffic]
interval_min_s = 30
)";

Scenario hall_with(const std::vector<ScenarioChange>& changes) {
  auto scenario = parse_scenario(kHall, "hall.toml", changes);
  EXPECT_TRUE(scenario) << (scenario ? "" : scenario.error());
  return scenario ? *scenario : Scenario{};
}

std::string error_of(const std::string& key, const std::string& value) {
  const auto scenario = parse_scenario(kHall, "hall.toml", {{key, value}});
  return scenario ? "" : scenario.error();
}

TEST(Changes, TakeThePlaceOfWhatTheFileSays) {
  const Scenario scenario = hall_with({{"area.range_m", "7.5"},
                                       {"people.1.number", "40"},
                                       {"store_bytes_max", "8_000_000"},
                                       {"ble.connections_max", "2"},
                                       {"people.1.rectangle_m", "[1, 2, 3, 4]"},
                                       {"title", "\"a, b\""}});
  const auto& people = std::get<WalkingPeople>(scenario.contacts);
  EXPECT_EQ(people.range_m, 7.5);
  EXPECT_EQ(people.groups[0].people, 10);
  EXPECT_EQ(people.groups[1].people, 40);
  EXPECT_EQ(std::get<Stationary>(people.groups[1].model).area.width_m, 3);
  EXPECT_EQ(scenario.store_bytes_max, 8'000'000);
  EXPECT_EQ(std::get<BleParameters>(scenario.links).connections_max, 2);
  EXPECT_EQ(scenario.title, "a, b");
}

TEST(Changes, WordsNeedNoQuotationMarks) {
  EXPECT_EQ(hall_with({{"traffic.pattern", "contacts"}}).traffic.at(0).pattern,
            Traffic::Pattern::contacts);
  EXPECT_EQ(hall_with({{"traffic.pattern", "\"contacts\""}}).traffic.at(0).pattern,
            Traffic::Pattern::contacts);
  EXPECT_TRUE(std::get<WalkingPeople>(hall_with({{"area.torus", "false"}}).contacts).range_m > 0);
}

TEST(Changes, WhatIsWrongIsSaidWithTheChangeAndTheMend) {
  EXPECT_THAT(error_of("area.rang_m", "3"),
              StartsWith("hall.toml with area.rang_m=3: unknown key area.rang_m; known here: "));
  EXPECT_THAT(error_of("beds.number", "3"), HasSubstr("unknown section beds"));
  EXPECT_THAT(error_of("ble.slots", "99"),
              StartsWith("hall.toml with ble.slots=99: ble.slots is 99; write a number from 1"));
  EXPECT_THAT(error_of("area.range_m", "wide"), HasSubstr("area.range_m is no number"));
  EXPECT_THAT(error_of("area.range_m", "3 4"), HasSubstr("3 4 is no value; write"));
  EXPECT_THAT(error_of("area.range_m", "3\narea2 = 4"), HasSubstr("is no value; write"));
  EXPECT_THAT(error_of("people.2.number", "3"),
              HasSubstr("the file has 2 of [[people]]; the first is people.0"));
  EXPECT_THAT(error_of("people.x.number", "3"), HasSubstr("is a list of sections; write people.0"));
  EXPECT_THAT(error_of("people.number", "3"), HasSubstr("write people.0"));
  EXPECT_THAT(error_of("people.0", "3"), HasSubstr("write people.0"));
  EXPECT_THAT(error_of("area.range_m.x", "3"), HasSubstr("range_m has a value"));
  EXPECT_THAT(error_of("area..range_m", "3"), HasSubstr("this is no key"));
  EXPECT_THAT(error_of("duration_s", "0"), HasSubstr("duration_s is 0"));
  EXPECT_THAT(error_of("area.torus", "true"), HasSubstr("hall.toml with area.torus=true:6: "))
      << "what stands in the file keeps its line";
}

TEST(Changes, ChoicesArePartedAtTheirOwnCommasAlone) {
  const auto values = [](const char* text) {
    const auto choices = parse_choices(text);
    EXPECT_TRUE(choices) << (choices ? "" : choices.error());
    return choices ? choices->values : std::vector<std::string>{};
  };
  EXPECT_THAT(values("a.b= 1, 2 ,3"), ElementsAre("1", "2", "3"));
  EXPECT_THAT(values("a=[1,2],[3,[4,5]]"), ElementsAre("[1,2]", "[3,[4,5]]"));
  EXPECT_THAT(values(R"(a="x,\",y",'z,")"), ElementsAre(R"("x,\",y")", R"('z,")"));
  EXPECT_THAT(values("a=b=c"), ElementsAre("b=c"));
  EXPECT_EQ(parse_choices(" a.b =1")->key, "a.b");
  for (const char* wrong : {"a", "=1", "a=", "a=1,,2", "a=1,", "a=1,1", ""}) {
    const auto choices = parse_choices(wrong);
    ASSERT_FALSE(choices) << wrong;
    EXPECT_THAT(choices.error(), StartsWith("cannot set ")) << wrong;
    EXPECT_THAT(choices.error(), HasSubstr("; ")) << wrong;
  }
}

}  // namespace
}  // namespace chaski::sim
