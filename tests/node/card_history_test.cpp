// SPDX-License-Identifier: Apache-2.0
// Months of somebody who gives out cards: many answer, over a mesh that loses, repeats and delays,
// a node that crashes, and cards that are renewed and withdrawn. CHASKI_SEED=n replays one.
#include <cstdlib>
#include <map>
#include <set>

#include "tests/node/card_owner.hpp"

namespace chaski::node {
namespace {

using mesh_router::Claim;
constexpr auto kHour = std::chrono::hours(1);

struct History {
  /// An answer on its way, and what the owner should make of it.
  struct Sent {
    std::size_t who = 0;
    e2ee::Card card;
    e2ee::Accepted accepted;
    bool opened = false;  ///< and committed
  };

  explicit History(std::uint64_t seed) : owner(seed), random(seed * 97 + 5) {
    for (std::size_t i = 0; i < 5; ++i)
      people.emplace_back(seed * 100 + i, "p" + std::to_string(i));
  }

  bool is_alive(const e2ee::Card& card) {
    for (const OwnCardInfo& own : owner.cards().list())
      if (own.link == e2ee::to_link(card)) return true;
    return false;
  }
  std::uint64_t below(std::size_t end) { return random.below(end); }

  void give() {
    const auto given = owner.give({.fresh = below(3) == 0, .days = 1 + below(4), .price_bits = 16});
    if (!given) {
      EXPECT_EQ(given.error(), PersonError::too_many_cards);
      return;
    }
    owner.commit();
    known.push_back(*e2ee::parse_card(given->link));
  }
  void answer() {
    if (known.empty()) return;
    const std::size_t who = below(people.size());
    const e2ee::Card& card = below(3) == 0 ? known[below(known.size())] : known.back();
    sent.push_back({who, card, people[who].answer(card, ++generation)});
  }
  /// One comes, for the first time or once more, with its stamp or another.
  void deliver() {
    if (sent.empty()) return;
    // Mostly one of the last, as a mesh does.
    const std::size_t last = below(3) == 0 ? sent.size() : std::min<std::size_t>(sent.size(), 3);
    const std::size_t back = below(last);
    Sent& one = sent[sent.size() - 1 - back];
    e2ee::Answer answer = one.accepted.answer;
    if (below(4) == 0) answer = people[one.who].paid(*one.accepted.unpaid);
    const bool should_open = is_alive(one.card) && !one.opened;
    const std::size_t contacts = owner.parts->contacts.size();
    const Claim claim = owner.hear(answer);
    ASSERT_EQ(claim, should_open ? Claim::consumed : Claim::not_ours);
    if (!should_open) {
      ASSERT_EQ(owner.parts->contacts.size(), contacts);
      ++refused;
      return;
    }
    if (below(4) == 0) return owner.crash();  // before the commit: as if it had not come
    owner.commit();
    one.opened = true;
    met.insert(one.who);
    newest[one.who] = &one - sent.data();
    ++opened;
  }
  /// Whoever was answered writes, and what they write opens once: no replay has set the session
  /// back, and no message opens again.
  void write() {
    const std::size_t who = below(people.size());
    if (!newest.contains(who)) return;
    Sent& one = sent[static_cast<std::size_t>(newest[who])];
    const base::Bytes envelope =
        Stranger::write(one.accepted.session, "x", people[who].random);
    ASSERT_EQ(owner.hear(envelope), Claim::consumed) << who;
    owner.commit();
    if (below(2) == 0) owner.crash();
    if (is_alive(one.card)) {
      ASSERT_EQ(owner.hear(one.accepted.answer), Claim::not_ours);
    }
    ASSERT_EQ(owner.hear(envelope), Claim::not_ours);
    ++written;
  }
  void step() {
    const std::uint64_t what = below(100);
    if (what < 12) {
      give();
    } else if (what < 35) {
      answer();
    } else if (what < 65) {
      deliver();
    } else if (what < 80) {
      write();
    } else if (what < 92) {
      owner.pass(kHour * static_cast<int>(1 + below(40)));
      owner.commit();
    } else if (what < 98) {
      owner.crash();
    } else {
      owner.cards().withdraw();
      owner.commit();
    }
    check();
  }
  void check() {
    ASSERT_EQ(owner.parts->contacts.size(), met.size());
    for (std::uint32_t index = 0; index < met.size(); ++index) {
      const ContactRecord& record = owner.parts->contacts.at(index).record;
      ASSERT_EQ(record.met, Met::card);
      ASSERT_EQ(record.trust, Trust::unverified);
    }
    ASSERT_LE(owner.cards().list().size(), CardDesk::kCardsMax);
  }

  CardOwner owner;
  base::SeededRandom random;
  std::vector<Stranger> people;
  std::vector<e2ee::Card> known;
  std::vector<Sent> sent;
  std::set<std::size_t> met;
  std::map<std::size_t, std::ptrdiff_t> newest;  ///< the last of theirs that opened
  std::uint64_t generation = 0;
  std::size_t opened = 0;
  std::size_t refused = 0;
  std::size_t written = 0;
};

TEST(CardHistory, every_answer_opens_once_and_nothing_sets_a_session_back) {
  const char* replay = std::getenv("CHASKI_SEED");
  const std::uint64_t first = replay == nullptr ? 1 : std::strtoull(replay, nullptr, 10);
  std::size_t opened = 0;
  std::size_t refused = 0;
  std::size_t written = 0;
  for (std::uint64_t seed = first; seed < first + (replay == nullptr ? 4 : 1); ++seed) {
    SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
    History history(seed);
    for (int i = 0; i < 250; ++i) {
      history.step();
      if (testing::Test::HasFatalFailure()) return;
    }
    opened += history.opened;
    refused += history.refused;
    written += history.written;
  }
  if (replay != nullptr) return;
  // It did happen.
  EXPECT_GT(opened, 40u);
  EXPECT_GT(refused, 40u);
  EXPECT_GT(written, 40u);
}

}  // namespace
}  // namespace chaski::node
