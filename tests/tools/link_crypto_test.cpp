// SPDX-License-Identifier: Apache-2.0
// Stand-ins for what links compute. Afraid of: a world that goes another way because of them, ends
// that do not agree, a changed frame that opens, a real run that is not real.
#include "tools/sim/crypto/link_crypto.hpp"

#include <gtest/gtest.h>
#include <sodium.h>

#include "sim/contacts/contact_trace.hpp"
#include "sim/people/people.hpp"
#include "sim/traffic/generators.hpp"
#include "tests/seeds.hpp"

namespace chaski::tools {
namespace {

using namespace std::chrono_literals;
using Key = std::array<std::uint8_t, 32>;

struct LinkCryptoOf : testing::TestWithParam<LinkCrypto> {
  LinkCryptoOf() { set_link_crypto(GetParam()); }
  ~LinkCryptoOf() override { set_link_crypto(LinkCrypto::real); }
};

TEST_P(LinkCryptoOf, both_ends_agree_and_nobody_else_does) {
  base::SeededRandom random(5);
  std::vector<Key> secrets(3);
  std::vector<Key> keys(3);
  for (std::size_t i = 0; i < 3; ++i) {
    random.fill(secrets[i]);
    ASSERT_EQ(crypto_scalarmult_base(keys[i].data(), secrets[i].data()), 0);
    Key real{};
    ASSERT_EQ(crypto_scalarmult_curve25519_base(real.data(), secrets[i].data()), 0);
    EXPECT_EQ(keys[i], real) << "public keys are real";
  }
  const auto shared = [&](std::size_t mine, std::size_t theirs) {
    Key out{};
    EXPECT_EQ(crypto_scalarmult(out.data(), secrets[mine].data(), keys[theirs].data()), 0);
    return out;
  };
  EXPECT_EQ(shared(0, 1), shared(1, 0));
  EXPECT_NE(shared(0, 1), shared(0, 2));
  EXPECT_NE(shared(0, 1), shared(1, 2));
  const Key zero{};
  Key out{};
  EXPECT_NE(crypto_scalarmult(out.data(), secrets[0].data(), zero.data()), 0);
}

TEST_P(LinkCryptoOf, what_was_changed_does_not_open) {
  base::SeededRandom random(6);
  for (const std::size_t size : {0u, 1u, 7u, 8u, 9u, 300u}) {
    SCOPED_TRACE(size);
    Key key{};
    random.fill(key);
    std::array<std::uint8_t, 12> nonce{};
    nonce[4] = 9;
    base::Bytes text(size);
    random.fill(text);
    base::Bytes frame = text;
    frame.resize(size + 16);
    ASSERT_EQ(
        crypto_aead_chacha20poly1305_ietf_encrypt(frame.data(), nullptr, frame.data(), size,
                                                  nullptr, 0, nullptr, nonce.data(), key.data()),
        0);
    const auto opens = [&](base::Bytes changed, auto number) {
      const bool ok = crypto_aead_chacha20poly1305_ietf_decrypt(
                          changed.data(), nullptr, nullptr, changed.data(), changed.size(), nullptr,
                          0, number.data(), key.data()) == 0;
      changed.resize(size);
      return ok && changed == text;
    };
    EXPECT_TRUE(opens(frame, nonce));
    for (std::size_t at = 0; at < frame.size(); ++at) {
      base::Bytes changed = frame;
      changed[at] ^= 1;
      EXPECT_FALSE(opens(changed, nonce)) << "byte " << at;
    }
    auto later = nonce;
    ++later[4];
    EXPECT_FALSE(opens(frame, later));
    key[31] ^= 1;
    EXPECT_FALSE(opens(frame, nonce));
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, LinkCryptoOf,
                         testing::Values(LinkCrypto::real, LinkCrypto::stand_in));

struct Played {
  sim::PeopleResult result;
  LinkCryptoCharge charge;
};

/// People who meet at random, over these links.
Played play(std::uint64_t seed, const decltype(sim::PeopleRules::links)& links, LinkCrypto kind) {
  base::SeededRandom random(seed);
  std::vector<sim::Contact> contacts;
  for (int i = 0; i < 300; ++i) {
    const auto a = static_cast<sim::NodeIndex>(random.below(20));
    const auto b = static_cast<sim::NodeIndex>(random.below(20));
    const base::Time begin = base::Time{} + std::chrono::seconds(random.below(3'000));
    if (a != b) contacts.push_back({begin, begin + 40s, std::min(a, b), std::max(a, b)});
  }
  const sim::ContactTrace met = sim::trace_of(sim::merged(contacts), 20, base::Time{} + 1h);
  sim::Rhythm rhythm;
  rhythm.until = base::Time{} + 30min;
  rhythm.interval_min = rhythm.interval_max = 10s;
  rhythm.size_min_bytes = rhythm.size_max_bytes = 300;
  const sim::MessagePlan plan = sim::one_to_one(random, rhythm, 20);
  sim::PeopleRules rules;
  rules.seed = seed;
  rules.links = links;
  sim::TraceSource source(met);
  set_link_crypto(kind);
  (void)take_link_crypto_charge();
  Played played{sim::run_people(source, plan, rules), {}};
  played.charge = take_link_crypto_charge();
  set_link_crypto(LinkCrypto::real);
  return played;
}

void expect_same_history(const decltype(sim::PeopleRules::links)& links) {
  for (const auto seed : test::seeds(3)) {
    SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
    const Played real = play(seed, links, LinkCrypto::real);
    const Played stand_in = play(seed, links, LinkCrypto::stand_in);
    EXPECT_GT(real.result.run.totals.message_bytes, 0u);
    EXPECT_EQ(real.result.run.event_hash, stand_in.result.run.event_hash);
    EXPECT_NE(real.result.world_hash, stand_in.result.world_hash) << "nothing was replaced";
    EXPECT_EQ(real.charge.agreements, stand_in.charge.agreements);
    EXPECT_EQ(real.charge.cortex_m4_cycles(), stand_in.charge.cortex_m4_cycles());
    EXPECT_GT(real.charge.agreements, 0u);
    EXPECT_EQ(real.result.seen_twice + stand_in.result.seen_twice, 0u);
  }
}

TEST(LinkCryptoWorld, the_same_is_delivered_at_the_same_time_over_wifi) {
  sim::ContactLinkParameters links;
  links.model.bytes_per_s = 250'000;
  expect_same_history(links);
}

TEST(LinkCryptoWorld, the_same_is_delivered_at_the_same_time_over_bluetooth) {
  expect_same_history(sim::BleParameters{});
}

}  // namespace
}  // namespace chaski::tools
