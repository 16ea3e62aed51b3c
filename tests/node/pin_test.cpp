// SPDX-License-Identifier: Apache-2.0
// An identity is a pin: whatever links come, in whatever order, none is replaced or forgotten, and
// nobody becomes verified, or takes a name, without the person saying so.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/node/parties.hpp"

namespace chaski::node {
namespace {

/// What the person did and saw, kept beside the node.
struct Believed {
  e2ee::IdentityPublic identity;
  std::string name;
  bool verified = false;
  bool must_decide = false;
};

struct Pins {
  base::SeededRandom random;
  base::Time now = base::from_us(1'000'000);
  Party ana;
  std::vector<std::unique_ptr<Party>> others;
  std::map<e2ee::PersonId, Believed> believed;
  std::vector<std::string> links;  ///< seen before: they come again
  std::size_t added = 0;
  std::size_t replaced = 0;

  explicit Pins(std::uint64_t seed) : random(seed), ana(seed * 10 + 1) {
    EXPECT_TRUE(ana.node->create_identity("ana"));
    // Three of them call themselves the same.
    for (std::size_t i = 0; i < 5; ++i) {
      others.push_back(std::make_unique<Party>(seed * 10 + 2 + i));
      EXPECT_TRUE(others.back()->node->create_identity(i < 3 ? "ben" : "eva"));
    }
  }

  Party& somebody() { return *others[random.below(others.size())]; }
  std::string some_name() {
    static constexpr std::array<const char*, 5> kNames{"", "ben", "eva", "ben-2", "mother"};
    return kNames[random.below(kNames.size())];
  }
  std::string a_known_name() {
    if (believed.empty()) return "nobody";
    auto at = believed.begin();
    std::advance(at, random.below(believed.size()));
    return at->second.name;
  }

  std::string a_link() {
    const auto choice = random.below(4);
    if (choice == 0 && !links.empty()) return links[random.below(links.size())];
    std::string link;
    if (choice <= 2) {
      link = *somebody().node->invite(now);
    } else {
      const auto answered = somebody().node->add(*ana.node->invite(now), "", now, {});
      if (!answered || !answered->answer_link) return "chaski:answer/none";
      link = *answered->answer_link;
    }
    links.push_back(link);
    if (random.below(8) == 0) link[link.size() / 2] = link[link.size() / 2] == 'a' ? 'b' : 'a';
    return link;
  }

  void add() {
    const bool replace = random.below(3) == 0;
    const std::string name = replace ? a_known_name() : some_name();
    const auto holder = ana.node->find_contact(name);
    const auto done = ana.node->add(a_link(), name, now, {}, replace);
    if (!done) return;
    ++added;
    const ContactRecord& contact = done->contact;
    const auto known = believed.find(contact.id);
    if (known == believed.end()) {
      believed[contact.id] = {contact.identity, contact.name};
    } else {
      known->second.name = contact.name;
    }
    if (!replace || !holder || holder->id == contact.id || contact.name != name) return;
    ++replaced;
    believed[contact.id].must_decide = true;
    believed[contact.id].verified = false;
    for (const ContactRecord& other : ana.node->contacts()) {
      if (other.id == holder->id) believed[holder->id].name = other.name;
    }
  }

  void verify() {
    const std::string name = a_known_name();
    const auto contact = ana.node->find_contact(name);
    if (!contact) return;
    const bool right = random.below(2) == 0;
    const auto& with = right ? contact->identity : *somebody().node->identity();
    const auto number = e2ee::safety_number(*ana.node->identity(), with);
    const bool done = ana.node->verify(name, number).has_value();
    EXPECT_EQ(done, with == contact->identity);
    if (!done) return;
    believed[contact->id].verified = true;
    believed[contact->id].must_decide = false;
  }

  void decide() {
    const std::string name = a_known_name();
    const auto contact = ana.node->find_contact(name);
    if (!contact) return;
    if (random.below(2) == 0) {
      EXPECT_TRUE(ana.node->unverify(name));
      believed[contact->id].verified = false;
    } else {
      EXPECT_TRUE(ana.node->accept_change(name));
      believed[contact->id].must_decide = false;
    }
  }

  void crash() {
    ana.settle(now);
    ana.crash(now);
  }

  void step() {
    switch (random.below(8)) {
      case 0:
        return verify();
      case 1:
        return decide();
      case 2:
        return crash();
      default:
        return add();
    }
  }

  void check() {
    std::set<std::string> names;
    std::map<e2ee::PersonId, ContactRecord> seen;
    for (const ContactRecord& contact : ana.node->contacts()) {
      EXPECT_TRUE(names.insert(contact.name).second) << contact.name << " is two";
      EXPECT_EQ(contact.id, e2ee::person_id(contact.identity));
      seen[contact.id] = contact;
    }
    EXPECT_EQ(seen.size(), believed.size());
    for (const auto& [id, pin] : believed) {
      ASSERT_TRUE(seen.contains(id)) << pin.name << " is gone";
      EXPECT_EQ(seen[id].identity, pin.identity);
      EXPECT_EQ(seen[id].name, pin.name);
      EXPECT_EQ(seen[id].trust == Trust::verified, pin.verified) << pin.name;
      EXPECT_EQ(seen[id].trust == Trust::changed, pin.must_decide) << pin.name;
      if (pin.must_decide) {
        EXPECT_FALSE(ana.node->send(pin.name, "x", {}, now, {})) << pin.name;
      }
    }
  }
};

TEST(Pin, NoSequenceOfLinksReplacesAnIdentityOrANameByItself) {
  std::size_t added = 0;
  std::size_t replaced = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Pins pins(seed);
    for (int i = 0; i < 60; ++i) {
      pins.step();
      pins.check();
      ASSERT_FALSE(testing::Test::HasFailure());
    }
    added += pins.added;
    replaced += pins.replaced;
  }
  // The stories have something to say.
  EXPECT_GT(added, 200u);
  EXPECT_GT(replaced, 20u);
}

}  // namespace
}  // namespace chaski::node
