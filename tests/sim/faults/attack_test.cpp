// SPDX-License-Identifier: Apache-2.0
// What colluders make of their notebook. Afraid of: a figure that flatters us, because an answer is
// not counted, or one that frightens, because guessing would do as well.
#include "sim/faults/attack.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "node/origin.hpp"

namespace chaski::sim {
namespace {

using namespace std::chrono_literals;

constexpr base::Time at(base::Duration since) {
  return base::Time{} + since;
}

/// Two colluders, 10 and 11, and people whose keys are their numbers.
class Attack : public ::testing::Test {
 protected:
  static link::NodePublicKey key(std::uint8_t number) {
    link::NodePublicKey out;
    out.bytes[0] = number;
    return out;
  }
  base::Bytes envelope(wire::EnvelopeKind kind, base::ByteView body) {
    wire::EnvelopeFields fields;
    fields.kind = kind;
    fields.lifetime_s = 3'600;
    fields.body = body;
    if (kind == wire::EnvelopeKind::sealed) {
      fields.tag = random_.bytes<wire::DeliveryTag>();
      fields.commitment = random_.bytes<wire::ReceiptCommitment>();
    }
    return wire::encode_envelope(fields);
  }
  base::Bytes message() {
    base::Bytes body(160);
    random_.fill(body);
    return envelope(wire::EnvelopeKind::sealed, body);
  }
  base::Bytes receipt(const base::Bytes& of) {
    const wire::ReceiptBody body{wire::envelope_id(of), random_.bytes<wire::ReceiptToken>()};
    return envelope(wire::EnvelopeKind::receipt, wire::encode_receipt_body(body));
  }
  void saw(NodeIndex colluder, NodeIndex bearer, const base::Bytes& bytes, base::Duration when,
           wire::CarryState state = {120'000, 40, 0}) {
    notebook.saw(colluder, bearer, {state, bytes}, at(when));
  }

  base::SeededRandom random_{1};
  Notebook notebook{[](const link::NodePublicKey& who) -> std::optional<NodeIndex> {
    if (who.bytes[0] >= 10) return std::nullopt;
    return who.bytes[0];
  }};
};

TEST_F(Attack, names_the_first_who_brought_it_and_is_told_what_guessing_is_worth) {
  for (std::uint8_t i = 0; i < 4; ++i) EXPECT_TRUE(notebook.met(key(i), at(1s)));
  EXPECT_FALSE(notebook.met(key(11), at(1s))) << "they know each other";
  notebook.met(key(4), at(1h));
  const base::Bytes one = message();
  const base::Bytes two = message();
  const base::Bytes unseen = message();
  // Of the first, the author is the one who brings it; of the second a carrier was, and both of the
  // colluders hear it from that one soon, but the author came last.
  saw(10, 0, one, 10s, {30'000, node::kInitialHopsMax - 1, 0});
  saw(11, 1, one, 12s);
  saw(10, 2, two, 20s, {59'000, 50, 0});
  saw(11, 2, two, 22s);
  saw(10, 3, two, 500s);
  const AttackReport report = attack(notebook, {{wire::envelope_id(one), 0, 9, false},
                                                {wire::envelope_id(two), 3, 9, false},
                                                {wire::envelope_id(unseen), 1, 9, false}});
  EXPECT_EQ(report.met, 5u);
  EXPECT_EQ(report.authors.all, 3u);
  EXPECT_EQ(report.authors.seen, 2u);
  EXPECT_EQ(report.authors.first.named, 2u);
  EXPECT_EQ(report.authors.first.right, 1u);
  EXPECT_DOUBLE_EQ(report.authors.first.precision(), .5);
  EXPECT_DOUBLE_EQ(report.authors.first.recall(report.authors.all), 1. / 3);
  EXPECT_EQ(report.authors.young.named, 2u) << "both were below a minute";
  EXPECT_EQ(report.authors.far.named, 1u);
  EXPECT_EQ(report.authors.far.right, 1u);
  EXPECT_EQ(report.authors.weighed.right, 1u);
  EXPECT_EQ(report.authors.bound, 2u) << "the author was among those who brought it";
  EXPECT_DOUBLE_EQ(report.authors.chance, .25) << "four were met by then, and the author was one";
  EXPECT_EQ(report.readers.all, 0u);
}

TEST_F(Attack, follows_receipts_to_the_reader) {
  for (std::uint8_t i = 0; i < 5; ++i) notebook.met(key(i), at(1s));
  const base::Bytes one = message();
  saw(10, 0, one, 10s);
  saw(10, 4, receipt(one), 100s);
  const AttackReport report = attack(notebook, {{wire::envelope_id(one), 0, 4, true}});
  EXPECT_EQ(report.readers.all, 1u);
  EXPECT_EQ(report.readers.first.right, 1u);
  EXPECT_DOUBLE_EQ(report.readers.chance, .2);
}

TEST_F(Attack, hears_announcements_and_weighs_who_many_heard_it_from) {
  for (std::uint8_t i = 0; i < 5; ++i) notebook.met(key(i), at(1s));
  const base::Bytes one = message();
  notebook.heard_of(10, 1, wire::envelope_id(one), at(5s));
  saw(11, 2, one, 6s);
  notebook.saw(12, 2, {{0, 40, 0}, one}, at(7s));
  const AttackReport report = attack(notebook, {{wire::envelope_id(one), 2, 3, false}});
  EXPECT_EQ(report.authors.first.right, 0u) << "1 was the first to announce it";
  EXPECT_EQ(report.authors.weighed.right, 1u);
  EXPECT_EQ(report.authors.young.named, 0u) << "no age stands beside an announcement";
}

TEST_F(Attack, links_messages_of_one_first_bearer_and_finds_equal_tags) {
  for (std::uint8_t i = 0; i < 5; ++i) notebook.met(key(i), at(1s));
  std::vector<WrittenMessage> written;
  for (int i = 0; i < 4; ++i) {
    const base::Bytes one = message();
    saw(10, i < 3 ? 0 : 1, one, 10s + i * 1s);
    written.push_back({wire::envelope_id(one), i < 2 ? NodeIndex{0} : NodeIndex{2}, 4, false});
  }
  const LinkingReport report = attack(notebook, written).linking;
  EXPECT_EQ(report.equal_tags, 0u);
  EXPECT_EQ(report.pairs.named, 3u);
  EXPECT_EQ(report.pairs.right, 1u);
  EXPECT_EQ(report.same_author, 2u);
  EXPECT_DOUBLE_EQ(report.chance, 2. / 6);

  wire::EnvelopeFields fields;
  fields.lifetime_s = 60;
  fields.tag.bytes[0] = 1;
  fields.commitment.bytes[0] = 1;
  for (std::uint8_t i = 0; i < 3; ++i) {
    const base::Bytes body(160, i);
    fields.body = body;
    saw(10, 0, wire::encode_envelope(fields), 100s);
  }
  EXPECT_EQ(attack(notebook, written).linking.equal_tags, 3u);
}

}  // namespace
}  // namespace chaski::sim
