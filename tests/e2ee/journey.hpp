// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <queue>
#include <set>
#include <tuple>
#include <vector>

#include "pair.hpp"

namespace chaski::e2ee::test {

/// Some people, each with a disk, and a mesh between them that loses, repeats, and takes days.
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
    for (auto& person : people_) person.commit();
  }

  /// Somebody writes to somebody, on a session of theirs, and time goes on.
  void write_some(int count) {
    for (int i = 0; i < count; ++i) {
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
  void check_tables() const {
    for (const auto& person : people_) {
      std::size_t count = 0;
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
  };
  struct Disk {
    std::vector<base::Bytes> sessions;
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

    void commit() {
      disk.sessions.clear();
      for (const auto& session : sessions) disk.sessions.push_back(session.save());
      disk.store = store;
      disk.shown = shown;
    }
    void restart() {
      for (std::size_t i = 0; i < sessions.size(); ++i) {
        auto loaded = Session::load(disk.sessions[i]);
        ASSERT_TRUE(loaded.has_value());
        sessions[i] = std::move(*loaded);
      }
      store = disk.store;
      shown = disk.shown;
      table.clear();
      for (std::size_t i = 0; i < sessions.size(); ++i) learn(sessions[i].expected_tags(), i);
    }
    void learn(const std::vector<wire::DeliveryTag>& tags, std::size_t session) {
      for (const auto& tag : tags) EXPECT_TRUE(table.emplace(tag, session).second);
    }
  };
  struct InAir {
    base::Time at;
    std::size_t order = 0;
    std::size_t to = 0;
    bool is_for_them = false;
    Stored what;
    bool operator<(const InAir& other) const {
      return std::tie(other.at, other.order) < std::tie(at, order);
    }
  };

  void introduce(std::size_t inviter, std::size_t acceptor) {
    const auto pending = make_invite(people_[inviter].identity, "", random_);
    auto accepted = accept_invite(people_[acceptor].identity, "", pending.invite, random_);
    auto answered = open_answer(people_[inviter].identity, pending, accepted->answer.body);
    const auto add = [this](std::size_t who, std::size_t whom, Session session) {
      Someone& person = people_[who];
      person.learn(session.expected_tags(), person.sessions.size());
      person.sessions.push_back(std::move(session));
      person.contacts.push_back(whom);
    };
    add(inviter, acceptor, std::move(answered->session));
    add(acceptor, inviter, std::move(accepted->session));
  }
  void write() {
    const std::size_t from = random_.below(people_.size());
    Someone& person = people_[from];
    const std::size_t session = random_.below(person.sessions.size());
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
      const Stored stored{sealed.envelope, number, now_ + std::chrono::seconds(lifetime_s)};
      for (std::size_t to = 0; to < people_.size(); ++to) {
        if (to != from) send(stored, to, to == person.contacts[session]);
      }
    }
  }
  void send(const Stored& stored, std::size_t to, bool is_for_them) {
    do {
      if (random_.below(100) < habits_.loss_percent) continue;
      // Mostly soon, sometimes after days.
      const std::uint64_t delay_s =
          random_.below(4) == 0 ? random_.below(habits_.delay_max_s) : random_.below(7'200);
      air_.push({now_ + std::chrono::seconds(delay_s), order_++, to, is_for_them, stored});
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
    if (next.is_for_them) arrived_.insert(next.what.number);
    Someone& person = people_[next.to];
    const base::Time now = now_ + person.clock_offset;
    for (std::size_t i = 0; i < person.sessions.size(); ++i) {
      TagChanges changes;
      person.sessions[i].expire(now, changes);
      for (const auto& tag : changes.removed) EXPECT_EQ(person.table.erase(tag), 1u);
    }
    std::erase_if(person.store, [this](const Stored& s) { return s.dies <= now_; });
    person.store.push_back(next.what);
    look(person, now);
    if (power_fails(person)) {  // custody was not acknowledged: it is sent again
      next.at = now_ + std::chrono::seconds(60);
      next.order = order_++;
      air_.push(std::move(next));
      return;
    }
    person.commit();
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
  std::set<int> arrived_;
  std::set<int> shown_;
};

}  // namespace chaski::e2ee::test
