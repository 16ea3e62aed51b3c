// SPDX-License-Identifier: Apache-2.0
// What a relay, or all of them together, can make of 100,000 envelopes when they know the public
// keys of everybody: it must be nothing. And the same observer must see every leak that is planted.
#include <functional>

#include "observer.hpp"
#include "pair.hpp"

namespace chaski::e2ee::test {
namespace {

constexpr std::size_t kEnvelopes = 100'000;
constexpr std::size_t kPeople = 8;
constexpr std::size_t kConversations = 20;
/// Nobody is accused below this: about one in two million where it is a matter of chance.
constexpr double kSigmas = 5;

/// Eight people in twenty conversations who write alike: who they are shows in keys alone.
class Town {
 public:
  Town() {
    for (std::size_t i = 0; i < kPeople; ++i) people_.push_back(Identity::generate(random_));
    for (std::size_t a = 0; a < kPeople; ++a) {
      for (std::size_t b = a + 1; b < kPeople && pairs_.size() < kConversations; ++b) {
        pairs_.push_back({a, b, {}});
      }
    }
    seen_.reserve(kEnvelopes);
    for (std::size_t i = 0; i < pairs_.size(); ++i) meet_again(i);
    while (seen_.size() < kEnvelopes) {
      const std::size_t which = random_.below(pairs_.size());
      random_.below(500) == 0 ? meet_again(which) : write(which);
    }
  }
  const std::vector<Seen>& seen() const { return seen_; }
  std::vector<base::Bytes> public_keys() const {
    std::vector<base::Bytes> out;
    for (const Identity& person : people_) {
      const auto& identity = person.public_identity();
      base::Bytes both(identity.agreement.bytes.begin(), identity.agreement.bytes.end());
      out.push_back(both);
      both.insert(both.end(), identity.signing.bytes.begin(), identity.signing.bytes.end());
      out.push_back(std::move(both));
    }
    return out;
  }
  base::Random& random() { return random_; }

 private:
  struct Conversation {
    std::size_t person[2];
    std::vector<Session> side;
    Conversation(std::size_t a, std::size_t b, std::vector<Session> s)
        : person{a, b}, side(std::move(s)) {}
  };

  /// A fresh invitation between the two, with a price or without; its answer goes through the mesh.
  void meet_again(std::size_t which) {
    Conversation& pair = pairs_[which];
    const std::size_t inviter = random_.below(2);
    const Identity& us = people_[pair.person[inviter]];
    const auto price = static_cast<std::uint8_t>(random_.below(2) == 0 ? 0 : 8);
    const auto pending = make_invite(us, "", random_, price);
    auto accepted = accept_invite(people_[pair.person[1 - inviter]], "", pending.invite, random_);
    auto answered = open_answer(us, pending, accepted->answer.body);
    see(answer_envelope(accepted->answer, lifetime(), random_), which, 1 - inviter);
    pair.side.clear();
    pair.side.push_back(std::move(inviter == 0 ? answered->session : accepted->session));
    pair.side.push_back(std::move(inviter == 0 ? accepted->session : answered->session));
  }
  void write(std::size_t which) {
    Conversation& pair = pairs_[which];
    const std::size_t from = random_.below(2);
    Content content = text(std::string(random_.below(3) == 0 ? 200 : 20, 'a'));
    const auto sealed =
        pair.side[from].seal(content, lifetime(), wire::Priority::normal, random_).envelope;
    see(sealed, which, from);
    if (random_.below(10) == 0) return;  // lost
    TagChanges changes;
    pair.side[1 - from].open(*wire::decode_envelope(sealed), {}, changes);
  }
  std::uint32_t lifetime() { return random_.below(4) == 0 ? 3'600 : 86'400; }
  void see(const base::Bytes& envelope, std::size_t which, std::size_t from) {
    const auto fields = *wire::decode_envelope(envelope);
    Seen seen;
    seen.bytes.assign(fields.tag.bytes.begin(), fields.tag.bytes.end());
    seen.bytes.insert(seen.bytes.end(), fields.commitment.bytes.begin(),
                      fields.commitment.bytes.end());
    seen.bytes.insert(seen.bytes.end(), fields.body.begin(), fields.body.end());
    for (std::size_t i = 0; i < 4; ++i) {
      seen.open[i] = static_cast<std::uint8_t>(fields.lifetime_s >> (8 * i));
    }
    seen.open[4] = static_cast<std::uint8_t>(fields.priority);
    seen.open[5] = static_cast<std::uint8_t>(fields.kind);
    seen.conversation = static_cast<std::uint16_t>(which);
    seen.sender = static_cast<std::uint16_t>(pairs_[which].person[from]);
    seen.recipient = static_cast<std::uint16_t>(pairs_[which].person[1 - from]);
    seen_.push_back(std::move(seen));
  }

  base::SeededRandom random_{2026};
  std::vector<Identity> people_;
  std::vector<Conversation> pairs_;
  std::vector<Seen> seen_;
};

struct Unlinkable : testing::Test {
  static void SetUpTestSuite() { town_ = new Town; }
  static void TearDownTestSuite() {
    delete town_;
    town_ = nullptr;
  }
  /// What the observer finds when something gives people away.
  double found(const std::function<void(Seen&, base::Random&)>& plant,
               const std::function<Finding(const Observer&)>& look) {
    std::vector<Seen> seen = town_->seen();
    base::SeededRandom random(7);
    for (Seen& one : seen) plant(one, random);
    const auto keys = town_->public_keys();
    return look(Observer(seen, keys)).sigmas;
  }
  // What is planted, and must be seen.
  void a_bias_of_one_byte_in_twenty_is_seen();
  void sizes_and_lifetimes_of_somebodys_own_are_seen();
  void a_header_covered_twice_by_one_mask_is_seen();
  void too_many_bits_set_are_seen();
  void repeated_bytes_are_seen();
  void bare_keys_are_seen();
  void tags_made_of_public_keys_are_seen();
  void likeness_to_the_one_before_is_seen();

  inline static Town* town_ = nullptr;
};

TEST_F(Unlinkable, AHundredThousandEnvelopesTellNoSenderRecipientOrConversation) {
  const auto keys = town_->public_keys();
  for (const Finding& finding : Observer(town_->seen(), keys).findings()) {
    EXPECT_LT(finding.sigmas, kSigmas) << finding.what;
  }
}

void Unlinkable::a_bias_of_one_byte_in_twenty_is_seen() {
  const auto plant = [](std::uint64_t one_in) {
    return [one_in](Seen& seen, base::Random& random) {
      if (random.below(one_in) == 0) seen.bytes[30] = static_cast<std::uint8_t>(seen.sender);
    };
  };
  const auto depends = [](const Observer& o) { return o.dependence("sender", &Seen::sender); };
  const auto bayes = [](const Observer& o) { return o.bayes("sender", &Seen::sender); };
  EXPECT_GT(found(plant(200), depends), kSigmas);
  EXPECT_GT(found(plant(20), depends), kSigmas);
  EXPECT_GT(found(plant(20), bayes), kSigmas);
}

void Unlinkable::sizes_and_lifetimes_of_somebodys_own_are_seen() {
  EXPECT_GT(found(
                [](Seen& seen, base::Random& random) {
                  if (seen.sender == 3 && random.below(4) == 0) seen.bytes.resize(824);
                },
                [](const Observer& observer) { return observer.bayes("sender", &Seen::sender); }),
            kSigmas);
  EXPECT_GT(found(
                [](Seen& seen, base::Random& random) {
                  if (seen.recipient == 5 && random.below(4) == 0) seen.open[0] = 7;
                },
                [](const Observer& o) { return o.bayes("recipient", &Seen::recipient); }),
            kSigmas);
}

void Unlinkable::a_header_covered_twice_by_one_mask_is_seen() {
  // The mask of a conversation is the same for all: the bit that is clear in every key shows.
  EXPECT_GT(found(
                [](Seen& seen, base::Random&) {
                  const auto bit = static_cast<std::uint8_t>(seen.conversation % 2 == 0 ? 0 : 0x80);
                  seen.bytes[24 + 31] =
                      static_cast<std::uint8_t>((seen.bytes[24 + 31] & 0x7f) | bit);
                },
                [](const Observer& o) { return o.bayes("conversation", &Seen::conversation); }),
            kSigmas);
}

void Unlinkable::too_many_bits_set_are_seen() {
  EXPECT_GT(found(
                [](Seen& seen, base::Random& random) {
                  if (seen.conversation != 4) return;
                  for (int i = 0; i < 20; ++i) {
                    seen.bytes[random.below(seen.bytes.size())] |= 0x55;
                  }
                },
                [](const Observer& observer) { return observer.bits(&Seen::conversation); }),
            kSigmas);
}

void Unlinkable::repeated_bytes_are_seen() {
  const auto plant = [](std::size_t size) {
    return [size](Seen& seen, base::Random& random) {
      if (random.below(200) != 0) return;
      const std::size_t at = random.below(100);
      for (std::size_t i = 0; i < size; ++i) {
        seen.bytes[at + i] = static_cast<std::uint8_t>(seen.conversation * 37 + 11 * i);
      }
    };
  };
  EXPECT_GT(found(plant(4), [](const Observer& o) { return o.repeated_four(); }), kSigmas);
  EXPECT_GT(found(plant(8), [](const Observer& o) { return o.repeated_eight(); }), kSigmas);
}

void Unlinkable::bare_keys_are_seen() {
  // In every tenth: less than answers would be.
  const auto put = [](Seen& seen, std::size_t at, base::ByteView key) {
    std::copy(key.begin(), key.end(), seen.bytes.begin() + static_cast<std::ptrdiff_t>(at));
  };
  base::SeededRandom keys(3);
  std::vector<IdentityPublic> some;
  for (int i = 0; i < 500; ++i) some.push_back(Identity::generate(keys).public_identity());
  EXPECT_GT(found(
                [&](Seen& seen, base::Random& random) {
                  if (random.below(10) == 0)
                    put(seen, 24, some[random.below(some.size())].agreement.view());
                },
                [](const Observer& observer) { return observer.x25519_points(); }),
            kSigmas);
  EXPECT_GT(found(
                [&](Seen& seen, base::Random& random) {
                  put(seen, 24, some[random.below(some.size())].agreement.view());
                  // The bit that is always clear is covered, the point is not.
                  seen.bytes[24 + 31] |= static_cast<std::uint8_t>(random.below(2) << 7);
                },
                [](const Observer& observer) { return observer.x25519_points(); }),
            kSigmas);
  EXPECT_GT(found(
                [&](Seen& seen, base::Random& random) {
                  if (random.below(3) == 0)
                    put(seen, 61, some[random.below(some.size())].signing.view());
                },
                [](const Observer& observer) { return observer.ed25519_points(); }),
            kSigmas);
}

void Unlinkable::tags_made_of_public_keys_are_seen() {
  const auto keys = town_->public_keys();
  EXPECT_GT(found(
                [&](Seen& seen, base::Random&) {
                  if (seen.conversation != 0) return;
                  std::copy_n(keys[seen.recipient * 2].begin() + 4, 8, seen.bytes.begin());
                },
                [](const Observer& observer) { return observer.from_public_keys(); }),
            kSigmas);
}

void Unlinkable::likeness_to_the_one_before_is_seen() {
  std::array<std::uint8_t, kConversations> last{};
  EXPECT_GT(found(
                [&](Seen& seen, base::Random& random) {
                  if (random.below(20) == 0) seen.bytes[40] = last[seen.conversation];
                  last[seen.conversation] = seen.bytes[40];
                },
                [](const Observer& observer) { return observer.resembles_the_one_before(); }),
            kSigmas);
}

/// One test, because a town takes a while to build.
TEST_F(Unlinkable, EveryPlantedLeakIsSeen) {
  a_bias_of_one_byte_in_twenty_is_seen();
  sizes_and_lifetimes_of_somebodys_own_are_seen();
  a_header_covered_twice_by_one_mask_is_seen();
  too_many_bits_set_are_seen();
  repeated_bytes_are_seen();
  bare_keys_are_seen();
  tags_made_of_public_keys_are_seen();
  likeness_to_the_one_before_is_seen();
}

}  // namespace
}  // namespace chaski::e2ee::test
