// SPDX-License-Identifier: Apache-2.0
// The body in which a card goes through the mesh: its bytes, its stamp, and what is none.
#include "e2ee/published_card.hpp"

#include "pair.hpp"
#include "wire/padding.hpp"

namespace chaski::e2ee::test {
namespace {

struct Published : testing::Test {
  base::SeededRandom random{31};
  Identity ana = Identity::generate(random);
  base::Bytes card(std::string_view name) {
    return card_bytes(make_card(ana, name, {.issued_at = 1'795'000'000}, random).card);
  }
};

TEST_F(Published, BodiesHaveOneSizeAndComeBack) {
  EXPECT_TRUE(wire::is_padding_class(kPublishedCardSize));
  EXPECT_FALSE(published_card_tag().is_zero());
  for (const std::string& name : {std::string(), std::string("Ana"), std::string(32, 'x')}) {
    const base::Bytes one = card(name);
    wire::StampSearch search(published_card_subject(one), 10, 7);
    ASSERT_TRUE(search.work(1u << 20));
    const base::Bytes body = write_published_card(one, *search.nonce());
    EXPECT_EQ(body.size(), kPublishedCardSize);
    const auto read = open_published_card(body);
    ASSERT_TRUE(read);
    EXPECT_TRUE(base::equal(read->card, one));
    EXPECT_GE(read->stamp_bits, 10u);
    EXPECT_EQ(read->stamp_bits, wire::stamp_bits(published_card_subject(one), *search.nonce()));
    EXPECT_TRUE(read_card(read->card));
  }
}

TEST_F(Published, AStampIsForOneCard) {
  const base::Bytes one = card("Ana");
  wire::StampSearch search(published_card_subject(one), 12, 0);
  ASSERT_TRUE(search.work(1u << 22));
  base::Bytes changed = one;
  changed.back() ^= 1;
  EXPECT_LT(open_published_card(write_published_card(changed, *search.nonce()))->stamp_bits, 12u);
}

TEST_F(Published, AnythingElseIsRefused) {
  const base::Bytes body = write_published_card(card("Ana"), 1);
  ASSERT_TRUE(open_published_card(body));
  for (const std::size_t size : {std::size_t{0}, std::size_t{160}, std::size_t{375}})
    EXPECT_FALSE(open_published_card(base::ByteView(body).first(size)));
  base::Bytes longer = body;
  longer.push_back(0);
  EXPECT_FALSE(open_published_card(longer));
  base::Bytes tail = body;
  tail.back() = 1;
  EXPECT_FALSE(open_published_card(tail));
  base::Bytes name = body;
  name[8 + 114] = 33;  // a name longer than any
  EXPECT_FALSE(open_published_card(name));
}

}  // namespace
}  // namespace chaski::e2ee::test
