// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "healing_world.hpp"
#include "node/introduction.hpp"
#include "node/introduction_post.hpp"

namespace chaski::node {

/// People who introduce each other, in the world of healing_world.hpp.
struct IntroductionWorld : HealingWorld {
  using HealingWorld::HealingWorld;

  base::Expected<std::uint32_t, PersonError> bring(std::size_t who, std::size_t first,
                                                   std::size_t second,
                                                   std::string_view note = "") {
    auto number = people[who].node->introduce(people[first].name, people[second].name, note, now,
                                              wall(who));
    settle(who);
    return number;
  }
  std::vector<IntroductionInfo> list(std::size_t who) {
    return people[who].node->introductions(now);
  }
  /// The newest; the test has seen to it that there is one.
  IntroductionInfo last(std::size_t who) {
    const auto all = list(who);
    if (all.empty()) {
      ADD_FAILURE() << people[who].name << " has no introduction";
      return {};
    }
    return all.back();
  }
  IntroductionState state(std::size_t who) { return last(who).state; }
  base::Expected<void, PersonError> accept(std::size_t who, std::string_view name = "") {
    auto done = people[who].node->accept_introduction(last(who).number, name, now, wall(who));
    settle(who);
    return done;
  }
  base::Expected<void, PersonError> decline(std::size_t who) {
    auto done = people[who].node->decline_introduction(last(who).number, now, wall(who));
    settle(who);
    return done;
  }
  bool knows(std::size_t who, std::size_t other) {
    const auto identity = people[other].node->identity();
    for (const ContactRecord& contact : people[who].node->contacts())
      if (contact.identity == *identity) return true;
    return false;
  }
  /// Whether what is sealed for somebody, or kept by them in the open of this test's store, has the
  /// other's keys in it: asks the store, whose values are not sealed here.
  bool was_told_of(std::size_t who, std::size_t other) {
    const auto book = people[who].store->people().load_value(kIntroductionsValue);
    if (!book) return false;
    const auto identity = people[other].node->identity();
    const base::ByteView key = identity->agreement.view();
    return std::search(book->begin(), book->end(), key.begin(), key.end()) != book->end();
  }
  /// Everything that is due by itself has left.
  void let_it_leave() { pass(IntroductionPost::kDelayMax + 1min); }
};

}  // namespace chaski::node
