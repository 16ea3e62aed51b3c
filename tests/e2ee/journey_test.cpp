// SPDX-License-Identifier: Apache-2.0
// Days on the way, power cuts at any moment, everybody hears everything: whatever arrives alive is
// read by whom it was for, once, and by nobody else.
#include "journey.hpp"

#include <cstdlib>
#include <functional>

namespace chaski::e2ee::test {
namespace {

void travel(const std::function<Journey::Habits(base::Random&)>& habits, int journeys,
            int messages, bool with_losses = false) {
  // CHASKI_SEED=n replays one.
  const char* replay = std::getenv("CHASKI_SEED");
  const std::uint64_t first = replay != nullptr ? std::strtoull(replay, nullptr, 10) : 1;
  const std::uint64_t end = replay != nullptr ? first + 1 : first + static_cast<unsigned>(journeys);
  std::size_t crashes = 0;
  std::size_t arrived = 0;
  std::size_t lost = 0;
  std::size_t renewed = 0;
  for (std::uint64_t seed = first; seed < end; ++seed) {
    SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
    base::SeededRandom random(seed);
    Journey journey(seed, habits(random));
    journey.write_some(messages);
    journey.settle();
    journey.check_tables();
    for (const int number : journey.arrived()) {
      EXPECT_TRUE(journey.shown().contains(number)) << number << " arrived and was never read";
    }
    for (const int number : journey.shown()) {
      EXPECT_TRUE(journey.arrived().contains(number)) << number << " was read and never arrived";
    }
    if (testing::Test::HasFailure()) return;
    crashes += journey.crashes();
    lost += journey.disks_lost();
    renewed += journey.renewed();
    arrived += journey.arrived().size();
  }
  if (replay == nullptr) {
    if (with_losses) {
      EXPECT_GT(lost, static_cast<std::size_t>(journeys));
      EXPECT_GT(renewed, 3 * lost / 2);
    }
    EXPECT_GT(arrived, static_cast<std::size_t>(journeys * messages) / 4);
    EXPECT_GT(crashes, static_cast<std::size_t>(journeys));
  }
}

TEST(Journey, OfTwoWithLossRepeatsDaysAndPowerCuts) {
  travel(
      [](base::Random& random) {
        return Journey::Habits{.people = 2,
                               .loss_percent = random.below(50),
                               .repeat_percent = random.below(40),
                               .crash_percent = 3 + random.below(15)};
      },
      30, 120);
}

TEST(Journey, OfThreeWhoAllHearEverything) {
  travel(
      [](base::Random& random) {
        return Journey::Habits{.people = 3,
                               .loss_percent = random.below(40),
                               .repeat_percent = random.below(30),
                               .crash_percent = 3 + random.below(10)};
      },
      8, 150);
}

TEST(Journey, OfTwoWhoInvitedEachOtherAtOnce) {
  // Both showed an invitation and both answered: two sessions between them, and each writes on
  // whichever it likes.
  travel(
      [](base::Random& random) {
        return Journey::Habits{.people = 2, .loss_percent = random.below(30), .sessions = 2};
      },
      20, 120);
}

TEST(Journey, OfTwoWhoseDisksDieAndWhoBeginAnew) {
  travel(
      [](base::Random& random) {
        return Journey::Habits{.people = 2,
                               .loss_percent = random.below(30),
                               .repeat_percent = random.below(40),
                               .crash_percent = 3 + random.below(10),
                               .loss_of_disk_percent = 3,
                               .heals_percent = 4,
                               .standing = 8};
      },
      12, 120, true);
}

TEST(Journey, OfThreeWhoseDisksDieAndWhoBeginAnew) {
  travel(
      [](base::Random& random) {
        return Journey::Habits{.people = 3,
                               .loss_percent = random.below(30),
                               .repeat_percent = random.below(30),
                               .crash_percent = 3 + random.below(10),
                               .loss_of_disk_percent = 3,
                               .heals_percent = 6,
                               .standing = 8};
      },
      5, 150, true);
}

}  // namespace
}  // namespace chaski::e2ee::test
