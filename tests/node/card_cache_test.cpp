// SPDX-License-Identifier: Apache-2.0
// Cards of others that pass by: which are kept, and that none of them is anything to the person.
#include "node/card_cache.hpp"

#include "tests/node/card_owner.hpp"

namespace chaski::node {
namespace {

using mesh_router::Claim;

/// Little work, so that a test can make thousands; the bound itself is looked at once.
constexpr unsigned kBits = 4;

struct Cache : testing::Test {
  CardOwner ben{6};  // who listens
  base::SeededRandom random{60};
  e2ee::Identity ana = e2ee::Identity::generate(random);
  std::optional<CardCache> cache;

  Cache() { restart(); }
  void restart() {
    cache.emplace(ben.parts->context, ben.parts->meeting.owner(),
                  CardCacheLimits{.cards_max = 16, .stamp_bits_min = kBits});
  }
  static std::uint64_t wall() { return kCardWall; }
  e2ee::Card card(const e2ee::Identity& identity, std::uint64_t issued = wall(),
                  std::string_view name = "ana") {
    return e2ee::make_card(identity, name,
                           {.price_bits = 16, .issued_at = issued, .lifetime_s = 2'592'000},
                           random)
        .card;
  }
  base::Bytes body(base::ByteView bytes, unsigned bits = kBits) {
    wire::StampSearch search(e2ee::published_card_subject(bytes), bits, random.next_u64());
    EXPECT_TRUE(search.work(std::uint64_t{1} << 26));
    return e2ee::write_published_card(bytes, *search.nonce());
  }
  /// With time enough for a token.
  void hear(base::ByteView bytes, unsigned bits = kBits) {
    ben.pass(CardCache::kCheckEvery);
    EXPECT_FALSE(cache->hear(random.bytes<wire::EnvelopeId>(), body(bytes, bits), ben.now));
  }
  void hear(const e2ee::Card& one, unsigned bits = kBits) { hear(e2ee::card_bytes(one), bits); }
  bool has(const e2ee::Card& one) {
    const auto cards = cache->cards();
    return std::find(cards.begin(), cards.end(), one) != cards.end();
  }
};

TEST_F(Cache, keeps_what_is_good_over_a_restart) {
  const e2ee::Card one = card(ana);
  hear(one);
  EXPECT_TRUE(has(one));
  EXPECT_EQ(cache->counts().taken, 1u);
  ben.commit();
  ben.crash();
  restart();
  EXPECT_TRUE(has(one));
  EXPECT_EQ(ben.parts->contacts.size(), 0u) << "a card is no contact";
}

TEST_F(Cache, altered_at_any_byte_it_is_dropped_poison) {
  const base::Bytes good = e2ee::card_bytes(card(ana));
  for (std::size_t i = 0; i < good.size(); ++i) {
    base::Bytes altered = good;
    altered[i] ^= 0x01;
    hear(altered);
    EXPECT_TRUE(cache->cards().empty()) << i;
  }
  EXPECT_EQ(cache->counts().taken, 0u);
  EXPECT_GE(cache->counts().dropped, good.size() - 1) << "one made of another length is no body";
}

TEST_F(Cache, anothers_signing_key_beside_an_own_agreement_key_is_dropped_poison) {
  const e2ee::Identity eve = e2ee::Identity::generate(random);
  e2ee::Card mixed = card(ana);
  mixed.identity.agreement = eve.public_identity().agreement;
  hear(mixed);
  mixed.signature = card(eve).signature;
  hear(mixed);
  EXPECT_TRUE(cache->cards().empty());
}

TEST_F(Cache, an_older_card_does_not_replace_a_newer_poison) {
  const e2ee::Card old = card(ana, wall() - 1'000);
  const e2ee::Card now = card(ana, wall());
  hear(old);
  hear(now);
  EXPECT_TRUE(has(now));
  hear(old, kBits + 4);
  EXPECT_TRUE(has(now));
  EXPECT_EQ(cache->cards().size(), 1u);
  EXPECT_EQ(cache->counts().older, 1u);
}

TEST_F(Cache, a_card_of_the_future_is_no_card_when_the_clock_can_be_right_poison) {
  hear(card(ana, wall() + CardCache::kFutureMax_s + 3'600));
  EXPECT_TRUE(cache->cards().empty());
  hear(card(ana, wall() + 3'600));
  EXPECT_EQ(cache->cards().size(), 1u) << "another clock may be a little ahead";
  // A machine that does not know the day takes it, and forgets it once it does.
  const e2ee::Identity eve = e2ee::Identity::generate(random);
  ben.pass({});
  ben.parts->context.wall.unix_s = 7;
  EXPECT_FALSE(cache->hear(random.bytes<wire::EnvelopeId>(),
                           body(e2ee::card_bytes(card(eve, wall() + 864'000))),
                           ben.now + std::chrono::seconds(2)));
  EXPECT_EQ(cache->cards().size(), 2u);
  ben.pass({});
  EXPECT_EQ(cache->cards().size(), 1u);
  cache->expire();
  EXPECT_EQ(cache->cards().size(), 1u);
}

TEST_F(Cache, one_that_is_over_is_dropped_and_forgotten) {
  hear(card(ana, wall() - 2'678'400));
  EXPECT_TRUE(cache->cards().empty());
  hear(card(ana));
  ben.pass(std::chrono::hours(24 * 31));
  EXPECT_TRUE(cache->cards().empty());
  cache->expire();
  ben.commit();
  restart();
  ben.parts->context.wall.unix_s = kCardWall;
  EXPECT_TRUE(cache->cards().empty()) << "it is gone from the store too";
}

TEST_F(Cache, a_flood_of_self_made_cards_does_not_push_out_who_worked_more_poison) {
  const e2ee::Card good = card(ana);
  hear(good, kBits + 8);
  for (int i = 0; i < 400; ++i) {
    const e2ee::Identity flooder = e2ee::Identity::generate(random);
    const base::Bytes bytes = e2ee::card_bytes(card(flooder));
    base::Bytes junk = body(bytes);
    // As many bits as asked for and not by luck as many as the good one.
    while (e2ee::open_published_card(junk)->stamp_bits >= kBits + 8) junk = body(bytes);
    ben.pass(CardCache::kCheckEvery);
    (void)cache->hear(random.bytes<wire::EnvelopeId>(), junk, ben.now);
  }
  EXPECT_TRUE(has(good));
  EXPECT_EQ(cache->cards().size(), 16u);
  EXPECT_GE(cache->counts().pushed_out, 300u);
}

TEST_F(Cache, junk_without_work_costs_no_token_poison) {
  for (int i = 0; i < 1'000; ++i) {
    const e2ee::Identity flooder = e2ee::Identity::generate(random);
    const base::Bytes bytes = e2ee::card_bytes(card(flooder));
    std::uint64_t nonce = 0;
    while (wire::stamp_bits(e2ee::published_card_subject(bytes), nonce) >= kBits) ++nonce;
    EXPECT_FALSE(cache->hear(random.bytes<wire::EnvelopeId>(),
                             e2ee::write_published_card(bytes, nonce), ben.now));
  }
  EXPECT_EQ(cache->counts().dropped, 1'000u);
  // All tokens are there.
  const base::Bytes bad = e2ee::card_bytes(card(ana));
  for (std::int64_t i = 0; i < CardCache::kChecksBurst; ++i) {
    base::Bytes forged = bad;
    forged[2] ^= static_cast<std::uint8_t>(i + 1);
    EXPECT_FALSE(cache->hear(random.bytes<wire::EnvelopeId>(), body(forged), ben.now));
  }
  const auto id = random.bytes<wire::EnvelopeId>();
  const base::Bytes good = body(e2ee::card_bytes(card(ana)));
  const auto later = cache->hear(id, good, ben.now);
  ASSERT_TRUE(later) << "now they are used up";
  EXPECT_FALSE(cache->hear(id, good, *later));
  EXPECT_EQ(cache->cards().size(), 1u);
}

TEST_F(Cache, an_envelope_is_checked_once) {
  base::Bytes forged = e2ee::card_bytes(card(ana));
  forged.back() ^= 1;
  const auto id = random.bytes<wire::EnvelopeId>();
  const base::Bytes junk = body(forged);
  for (std::int64_t i = 0; i < 3 * CardCache::kChecksBurst; ++i)
    EXPECT_FALSE(cache->hear(id, junk, ben.now));
  EXPECT_EQ(cache->counts().dropped, 1u);
}

TEST_F(Cache, who_claims_a_contacts_name_or_identity_changes_nothing_about_them_poison) {
  // Ana is a verified contact of ben's.
  Stranger friendly(61, "ana");
  ASSERT_EQ(ben.hear(friendly.answer(ben.card()).answer), Claim::consumed);
  const std::uint32_t index = *ben.parts->contacts.find_name("ana");
  ben.parts->contacts.set_trust(index, Trust::verified);
  const ContactRecord before = *ben.find("ana");
  // Somebody else by that name; her identity with a new prekey that she did not sign; her own card.
  hear(card(e2ee::Identity::generate(random), wall(), "ana"));
  e2ee::Card claimed = card(friendly.identity);
  claimed.prekey = card(e2ee::Identity::generate(random)).prekey;
  hear(claimed);
  EXPECT_FALSE(has(claimed));
  hear(card(friendly.identity, wall() + 1));
  const ContactRecord after = *ben.find("ana");
  EXPECT_EQ(after.identity, before.identity);
  EXPECT_EQ(after.trust, Trust::verified);
  EXPECT_EQ(after.sessions, before.sessions);
  EXPECT_EQ(ben.parts->contacts.size(), 1u);
}

TEST_F(Cache, ones_own_card_is_not_heard) {
  hear(*e2ee::parse_card(ben.give({.price_bits = 16})->link));
  EXPECT_TRUE(cache->cards().empty());
}

TEST_F(Cache, of_a_node_asks_for_as_much_work_as_the_protocol_says) {
  CardCache real(ben.parts->context, ben.parts->meeting.owner());
  const base::Bytes bytes = e2ee::card_bytes(card(ana));
  base::Bytes cheap = body(bytes, 12);
  while (e2ee::open_published_card(cheap)->stamp_bits >= e2ee::kPublishedBitsMin)
    cheap = body(bytes, 12);
  EXPECT_FALSE(real.hear(random.bytes<wire::EnvelopeId>(), cheap, ben.now));
  EXPECT_TRUE(real.cards().empty());
  EXPECT_FALSE(real.hear(random.bytes<wire::EnvelopeId>(),
                         body(bytes, e2ee::kPublishedBitsMin), ben.now));
  EXPECT_EQ(real.cards().size(), 1u);
}

}  // namespace
}  // namespace chaski::node
