// SPDX-License-Identifier: Apache-2.0
// A process that writes and commits is killed at random moments; what it had reported as committed
// must be there, whole, and nothing else half.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <map>
#include <memory>
#include <set>

#include "base/random.hpp"
#include "daemon/sqlite_store.hpp"
#include "tests/daemon/open_store.hpp"
#include "tests/daemon/store_samples.hpp"
#include "tests/daemon/temporary_folder.hpp"

namespace chaski::daemon {
namespace {

using mesh_router::EnvelopeRecord;
using mesh_router::StoreKey;

/// What the writer does and the checker knows: numbers put, numbers erased, commits.
struct Report {
  enum Kind : std::uint64_t { put = 1, erased = 2, committed = 3 };
  std::uint64_t kind;
  std::uint64_t number;
};

std::size_t size_of(std::uint64_t number) {
  return number % 5 == 0 ? 9'000 + number % 50'000 : 50 + number % 700;
}

/// Every fourth has a text that lies in a segment file.
node::MessageRecord large_message(std::uint64_t number) {
  node::MessageRecord message = message_of(number, node::Direction::incoming);
  const char letter = static_cast<char>('a' + number % 26);
  if (number % 4 == 0) message.text.resize(9'000 + number % 50'000, letter);
  return message;
}

void tell(int pipe, Report report) {
  if (::write(pipe, &report, sizeof report) != sizeof report) ::_exit(3);
}

/// Runs until it is killed. Each message goes with an envelope, so that both halves can be
/// compared.
[[noreturn]] void write_forever(const std::string& folder, std::uint64_t seed, int pipe) {
  SqliteStore store({folder, 1u << 30, 0});
  open_test_vault(store);
  base::SeededRandom random(seed);
  std::map<std::uint64_t, StoreKey> held;
  std::uint64_t number = store.people().message_count();
  store.envelopes().for_each([&](StoreKey key, const EnvelopeRecord& r) {
    held[static_cast<std::uint64_t>(base::to_us(r.arrived)) / 1'000'003] = key;
  });
  for (;;) {
    const std::uint64_t changes = 1 + random.below(60);
    for (std::uint64_t i = 0; i < changes; ++i) {
      if (!held.empty() && random.below(3) == 0) {
        tell(pipe, {Report::erased, held.begin()->first});
        store.envelopes().erase(held.begin()->second);
        held.erase(held.begin());
        continue;
      }
      ++number;
      tell(pipe, {Report::put, number});
      const auto key = store.envelopes().put(record_of(number, size_of(number)),
                                             body_of(number, size_of(number)));
      if (!key) ::_exit(4);
      held[number] = *key;
      if (store.people().add_message(large_message(number)) != number) {
        ::_exit(5);
      }
    }
    if (!store.commit()) ::_exit(6);
    tell(pipe, {Report::committed, number});
  }
}

/// What must be there, and what may be: a commit may have held whose report was cut off.
struct Expected {
  std::set<std::uint64_t> durable;
  std::set<std::uint64_t> next;     ///< if the last, unreported commit held
  std::uint64_t messages = 0;
  std::uint64_t messages_next = 0;

  void take(Report r) {
    if (r.kind == Report::put) next.insert(r.number), ++messages_next;
    if (r.kind == Report::erased) next.erase(r.number);
    if (r.kind == Report::committed) durable = next, messages = messages_next;
  }
};

void run_and_kill(const std::string& folder, std::uint64_t seed, useconds_t after,
                  Expected& expected) {
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(pipe[0]);
    write_forever(folder, seed, pipe[1]);
  }
  ::close(pipe[1]);
  // Killed by the child's own progress, not by the clock alone: after so many reports.
  Report report{};
  useconds_t seen = 0;
  while (seen < after && ::read(pipe[0], &report, sizeof report) == sizeof report) {
    expected.take(report);
    ++seen;
  }
  ::kill(child, SIGKILL);
  while (::read(pipe[0], &report, sizeof report) == sizeof report) expected.take(report);
  ::close(pipe[0]);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself: " << WEXITSTATUS(status);
}

void check(const std::string& folder, Expected& expected) {
  SqliteStore store({folder, 1u << 30, 0});
  open_test_vault(store);
  std::set<std::uint64_t> found;
  store.envelopes().for_each([&](StoreKey key, const EnvelopeRecord& r) {
    const auto number = static_cast<std::uint64_t>(base::to_us(r.arrived)) / 1'000'003;
    EXPECT_TRUE(found.insert(number).second) << "twice: " << number;
    EXPECT_TRUE(same(r, record_of(number, size_of(number)))) << number;
    EXPECT_TRUE(base::equal(store.envelopes().read(key), body_of(number, size_of(number))))
        << "torn: " << number;
  });
  const std::uint64_t messages = store.people().message_count();
  for (std::uint64_t number = 1; number <= messages; ++number) {
    const auto message = store.people().find_message(number);
    ASSERT_TRUE(message) << number;
    EXPECT_EQ(message->text, large_message(number).text) << "torn: " << number;
  }
  if (messages == expected.messages && found == expected.durable) {
    expected.next = expected.durable;
    expected.messages_next = expected.messages;
  } else {
    // Both halves of the store or neither.
    EXPECT_EQ(found, expected.next);
    EXPECT_EQ(messages, expected.messages_next);
    expected.durable = expected.next;
    expected.messages = expected.messages_next;
  }
}

TEST(Crash, WhatWasCommittedSurvivesKillMinusNineAtAnyMoment) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    TemporaryFolder folder;
    base::SeededRandom random(seed);
    Expected expected;
    for (int round = 0; round < 6; ++round) {
      SCOPED_TRACE("round " + std::to_string(round));
      run_and_kill(folder.path(), random.next_u64(),
                   static_cast<useconds_t>(20 + random.below(2'500)), expected);
      check(folder.path(), expected);
      if (HasFailure()) return;
    }
    EXPECT_FALSE(expected.durable.empty());
  }
}

}  // namespace
}  // namespace chaski::daemon
