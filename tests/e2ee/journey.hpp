// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <map>
#include <queue>
#include <set>
#include <tuple>
#include <vector>

#include "e2ee/standing.hpp"
#include "pair.hpp"

namespace chaski::e2ee::test {

/// Some people, each with a disk, and a mesh between them that loses, repeats, and takes days.
///
/// With `loss_of_disk_percent` some disks die: who gets a backup back has the standing invitations
/// of the others and no session, and begins anew by answering one. With `heals_percent` people do
/// that without need, and both of two may at once. What is written to somebody in a session that
/// they lost afterwards is lost with it.
///
/// Everything that goes out is heard by everybody, as in a mesh; a tag tells whose it is. A person
/// keeps what nobody recognised yet and looks again when tags are added, as a node does. What was
/// not committed when the power went is as if it had never been; what was committed is there again.
class Journey {
 public:
  struct Habits {
    std::size_t people = 3;
    std::uint64_t loss_percent = 10;
    std::uint64_t repeat_percent = 10;
    std::uint64_t crash_percent = 5;
    std::uint64_t delay_max_s = 13 * 86'400;
    int sessions = 1;  ///< between each two: two when both invited the other at once
    std::uint64_t loss_of_disk_percent = 0;
    std::uint64_t heals_percent = 0;
    std::size_t standing = 0;  ///< invitations that each gives each at the beginning
  };

  Journey(std::uint64_t seed, const Habits& habits) : random_(seed), habits_(habits) {
    for (std::size_t i = 0; i < habits.people; ++i) {
      people_.push_back({Identity::generate(random_), {}, {}, {}, {}, {}});
      people_.back().clock_offset =
          base::Duration(static_cast<std::int64_t>(random_.below(1'000'000'000'000)));
    }
    for (std::size_t a = 0; a < habits.people; ++a) {
      for (std::size_t b = a + 1; b < habits.people; ++b) {
        for (int i = 0; i < habits.sessions; ++i) i % 2 == 0 ? introduce(a, b) : introduce(b, a);
      }
    }
    for (auto& person : people_) {
      person.held.resize(people_.size());
      for (std::size_t to = 0; to < habits.people; ++to) {
        for (std::size_t i = 0; &people_[to] != &person && i < habits.standing; ++i)
          give(person, to);
      }
    }
    for (auto& person : people_) {
      person.backup = person.held;
      person.commit();
    }
  }

  /// Somebody writes to somebody, on a session of theirs, and time goes on.
  void write_some(int count) {
    for (int i = 0; i < count; ++i) {
      if (Someone& one = people_[random_.below(people_.size())]; random_.below(8) == 0)
        one.backup = one.held;
      if (random_.below(100) < habits_.loss_of_disk_percent) lose_disk();
      if (random_.below(100) < habits_.heals_percent) heal(random_.below(people_.size()));
      write();
      let_time_pass(random_.below(6 * 3'600));
    }
  }
  /// Delivers all that is still on its way.
  void settle() {
    while (!air_.empty()) arrive();
  }
  /// What arrived alive at whom it was for.
  const std::set<int>& arrived() const { return arrived_; }
  /// What was read, by whomever: that nothing was read twice is checked on the way.
  const std::set<int>& shown() const { return shown_; }
  std::size_t crashes() const { return crashes_; }
  int written() const { return written_; }
  std::size_t renewed() const { return renewed_; }
  std::size_t disks_lost() const { return disks_lost_; }
  void check_tables() const {
    for (const auto& person : people_) {
      std::size_t count = person.given.size();
      for (const auto& session : person.sessions) {
        for (const auto& tag : session.expected_tags()) {
          ++count;
          ASSERT_TRUE(person.table.contains(tag));
        }
      }
      ASSERT_EQ(count, person.table.size());
    }
  }

 private:
  struct Stored {
    base::Bytes bytes;
    int number = 0;
    base::Time dies;
    std::uint64_t session = 0;  ///< which one sealed it; 0: it is an answer
  };
  /// Given to one contact; the tag is known as that of a session is.
  struct Given {
    StandingInvite invite;
    std::size_t to = 0;
  };
  static constexpr std::size_t kAnswers = 1'000'000;  ///< in the table: not a session
  struct Disk {
    std::vector<base::Bytes> sessions;
    std::vector<std::size_t> contacts;
    std::vector<std::uint64_t> numbers;
    std::map<wire::DeliveryTag, Given> given;
    std::vector<std::vector<StandingPublic>> held;
    std::vector<Stored> store;
    std::set<int> shown;
  };
  struct Someone {
    Identity identity;
    std::vector<Session> sessions;
    std::map<wire::DeliveryTag, std::size_t> table;
    std::vector<Stored> store;
    std::set<int> shown;
    Disk disk;
    base::Duration clock_offset{};
    std::vector<std::size_t> contacts{};  ///< with whom session i is
    std::vector<std::uint64_t> numbers{};  ///< of session i, the same at both ends
    std::map<wire::DeliveryTag, Given> given{};
    std::vector<std::vector<StandingPublic>> held{};    ///< of each contact's, for us to answer
    std::vector<std::vector<StandingPublic>> backup{};  ///< the same, of some time ago

    bool has(std::uint64_t session) const {
      return std::find(numbers.begin(), numbers.end(), session) != numbers.end();
    }
    void add(Session session, std::size_t whom, std::uint64_t number) {
      learn(session.expected_tags(), sessions.size());
      sessions.push_back(std::move(session));
      contacts.push_back(whom);
      numbers.push_back(number);
    }

    void commit() {
      disk.contacts = contacts;
      disk.numbers = numbers;
      disk.given = given;
      disk.held = held;
      disk.sessions.clear();
      for (const auto& session : sessions) disk.sessions.push_back(session.save());
      disk.store = store;
      disk.shown = shown;
    }
    void restart() {
      sessions.clear();
      for (const auto& saved : disk.sessions) {
        auto loaded = Session::load(saved);
        ASSERT_TRUE(loaded.has_value());
        sessions.push_back(std::move(*loaded));
      }
      contacts = disk.contacts;
      numbers = disk.numbers;
      given = disk.given;
      held = disk.held;
      store = disk.store;
      shown = disk.shown;
      table.clear();
      for (std::size_t i = 0; i < sessions.size(); ++i) learn(sessions[i].expected_tags(), i);
      for (const auto& [tag, one] : given) learn({tag}, kAnswers);
    }
    void learn(const std::vector<wire::DeliveryTag>& tags, std::size_t session) {
      for (const auto& tag : tags) EXPECT_TRUE(table.emplace(tag, session).second);
    }
  };
  struct InAir {
    base::Time at;
    std::size_t order = 0;
    std::size_t to = 0;
    Stored what;
    bool operator<(const InAir& other) const {
      return std::tie(other.at, other.order) < std::tie(at, order);
    }
  };

  void introduce(std::size_t inviter, std::size_t acceptor) {
    const auto pending = make_invite(people_[inviter].identity, "", random_);
    auto accepted = accept_invite(people_[acceptor].identity, "", pending.invite, random_,
                                  ++sessions_made_);
    auto answered = open_answer(people_[inviter].identity, pending, accepted->answer.body);
    people_[inviter].add(std::move(answered->session), acceptor, answered->generation);
    people_[acceptor].add(std::move(accepted->session), inviter, sessions_made_);
  }
  void write() {
    const std::size_t from = random_.below(people_.size());
    Someone& person = people_[from];
    if (person.sessions.empty()) return;
    // As nodes do in the newest, and in any other, which must do no harm.
    const std::size_t session = random_.below(3) != 0 ? person.sessions.size() - 1
                                                      : random_.below(person.sessions.size());
    const int burst = random_.below(12) == 0 ? 90 : 1;
    for (int i = 0; i < burst; ++i) {
      const int number = written_++;
      const auto lifetime_s =
          static_cast<std::uint32_t>(random_.below(3) == 0 ? 86'400 : wire::kLifetimeMax_s);
      Content content = text(std::to_string(number));
      const auto sealed =
          person.sessions[session].seal(content, lifetime_s, wire::Priority::normal, random_);
      if (power_fails(person)) continue;  // it never left, and its keys are used again for another
      person.commit();
      const Stored stored{sealed.envelope, number, now_ + std::chrono::seconds(lifetime_s),
                          person.numbers[session]};
      for (std::size_t to = 0; to < people_.size(); ++to) {
        if (to != from) send(stored, to);
      }
    }
  }
  void send(const Stored& stored, std::size_t to) {
    do {
      if (random_.below(100) < habits_.loss_percent) continue;
      // Mostly soon, sometimes after days.
      const std::uint64_t delay_s =
          random_.below(4) == 0 ? random_.below(habits_.delay_max_s) : random_.below(7'200);
      air_.push({now_ + std::chrono::seconds(delay_s), order_++, to, stored});
    } while (random_.below(100) < habits_.repeat_percent);
  }
  void let_time_pass(std::uint64_t seconds) {
    const base::Time until = now_ + std::chrono::seconds(seconds);
    while (!air_.empty() && air_.top().at <= until) arrive();
    now_ = until;
  }
  void arrive() {
    InAir next = air_.top();
    air_.pop();
    now_ = std::max(now_, next.at);
    if (next.what.dies <= now_) return;
    Someone& person = people_[next.to];
    const base::Time now = now_ + person.clock_offset;
    for (std::size_t i = 0; i < person.sessions.size(); ++i) {
      TagChanges changes;
      person.sessions[i].expire(now, changes);
      for (const auto& tag : changes.removed) EXPECT_EQ(person.table.erase(tag), 1u);
    }
    std::erase_if(person.store, [this](const Stored& s) { return s.dies <= now_; });
    person.store.push_back(next.what);
    // Whatever of it is of a session that they have in the end must have been read.
    std::vector<std::pair<int, std::uint64_t>> here;
    for (const Stored& stored : person.store) here.emplace_back(stored.number, stored.session);
    look(person, now);
    if (power_fails(person)) {  // custody was not acknowledged: it is sent again
      next.at = now_ + std::chrono::seconds(60);
      next.order = order_++;
      air_.push(std::move(next));
      return;
    }
    person.commit();
    for (const auto& [number, session] : here)
      if (person.has(session)) arrived_.insert(number);
    shown_.insert(person.shown.begin(), person.shown.end());
    if (random_.below(30) == 0) person.restart();
  }
  /// Opens of what is carried all that has become recognisable.
  void look(Someone& person, base::Time now) {
    for (bool more = true; more;) {
      more = false;
      for (std::size_t i = 0; i < person.store.size(); ++i) {
        const auto envelope = *wire::decode_envelope(person.store[i].bytes);
        const auto owner = person.table.find(envelope.tag);
        if (owner == person.table.end()) continue;
        const std::size_t session = owner->second;
        if (session == kAnswers) {
          if (!take_answer(person, envelope)) continue;
          person.store.erase(person.store.begin() + static_cast<std::ptrdiff_t>(i));
          more = true;
          break;
        }
        TagChanges changes;
        const auto content = person.sessions[session].open(envelope, now, changes);
        if (!content) continue;
        EXPECT_EQ(base::as_text(content->payload), std::to_string(person.store[i].number));
        EXPECT_TRUE(person.shown.insert(person.store[i].number).second) << "opened twice";
        person.learn(changes.added, session);
        for (const auto& tag : changes.removed) EXPECT_EQ(person.table.erase(tag), 1u);
        person.store.erase(person.store.begin() + static_cast<std::ptrdiff_t>(i));
        more = true;
        break;
      }
    }
  }
  void give(Someone& from, std::size_t to) {
    const auto giver = static_cast<std::size_t>(&from - people_.data());
    const Given one{make_standing(random_), to};
    const auto tag = one.invite.given.answer_tag();
    from.given.emplace(tag, one);
    from.learn({tag}, kAnswers);
    people_[to].held.resize(people_.size());
    people_[to].held[giver].push_back(one.invite.given);
  }
  /// Answers one of the invitations of somebody, drawn by lot, and has a new session at once.
  void heal(std::size_t who) {
    Someone& person = people_[who];
    const std::size_t whom = (who + 1 + random_.below(people_.size() - 1)) % people_.size();
    auto& held = person.held[whom];
    if (held.empty()) return;
    const auto at = static_cast<std::ptrdiff_t>(random_.below(held.size()));
    const auto invite = standing_invite(held[static_cast<std::size_t>(at)],
                                        people_[whom].identity.public_identity(),
                                        person.identity.public_identity());
    held.erase(held.begin() + at);
    auto accepted = accept_invite(person.identity, "", invite, random_, ++sessions_made_);
    ASSERT_TRUE(accepted.has_value());
    person.add(std::move(accepted->session), whom, sessions_made_);
    if (power_fails(person)) return;
    person.commit();
    const Stored stored{answer_envelope(accepted->answer, wire::kLifetimeMax_s, random_), -1,
                        now_ + std::chrono::seconds(wire::kLifetimeMax_s), 0};
    for (std::size_t to = 0; to < people_.size(); ++to)
      if (to != who) send(stored, to);
    ++renewed_;
  }
  bool take_answer(Someone& person, const wire::EnvelopeFields& envelope) {
    const Given one = person.given.at(envelope.tag);
    const auto pending = standing_pending(one.invite, person.identity.public_identity(),
                                          people_[one.to].identity.public_identity());
    auto answered = open_answer(person.identity, pending, envelope.body);
    EXPECT_TRUE(answered.has_value()) << "nobody else knows that tag";
    if (!answered) return false;
    person.given.erase(envelope.tag);
    EXPECT_EQ(person.table.erase(envelope.tag), 1u);
    person.add(std::move(answered->session), one.to, answered->generation);
    return true;
  }
  /// The disk dies; a backup of some time ago has what others gave, and no session and no secret.
  void lose_disk() {
    const std::size_t who = random_.below(people_.size());
    Someone& person = people_[who];
    ++disks_lost_;
    person.sessions.clear();
    person.contacts.clear();
    person.numbers.clear();
    person.given.clear();
    person.store.clear();
    person.table.clear();
    person.held = person.backup;
    for (std::size_t to = 0; to < people_.size(); ++to)
      if (to != who) give(person, to);
    person.commit();
    heal(who);
  }
  bool power_fails(Someone& person) {
    if (random_.below(100) >= habits_.crash_percent) return false;
    person.restart();
    ++crashes_;
    return true;
  }

  base::SeededRandom random_;
  Habits habits_;
  std::vector<Someone> people_;
  std::priority_queue<InAir> air_;
  base::Time now_{};
  std::size_t order_ = 0;
  std::size_t crashes_ = 0;
  int written_ = 0;
  std::uint64_t sessions_made_ = 0;
  std::size_t renewed_ = 0;
  std::size_t disks_lost_ = 0;
  std::set<int> arrived_;
  std::set<int> shown_;
};

}  // namespace chaski::e2ee::test
