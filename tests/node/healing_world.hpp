// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "node/contact_book.hpp"
#include "node/keeping.hpp"
#include "node/memory_node_store.hpp"
#include "node/node.hpp"

namespace chaski::node {

using namespace std::chrono_literals;
constexpr base::Duration kDay = std::chrono::hours(24);

/// Nodes that meet now and then, in virtual days; any of them may lose its disk, get a backup back,
/// or an old copy of the whole disk.
struct HealingWorld {
  /// What daemon/backup_source puts into a file.
  struct Backup {
    base::Bytes identity;
    base::Bytes name;
    std::vector<ContactRecord> contacts;
    std::map<std::string, base::Bytes> standing;
  };
  /// A whole disk, as a snapshot of a virtual machine keeps one.
  struct Disk {
    JournaledPeople people;
    std::vector<std::pair<mesh_router::EnvelopeRecord, base::Bytes>> envelopes;
    std::vector<std::pair<wire::EnvelopeId, base::Time>> tombstones;
  };
  struct Someone {
    explicit Someone(std::uint64_t seed) : random(seed) {}
    std::string name;
    std::unique_ptr<MemoryNodeStore> store = std::make_unique<MemoryNodeStore>(1u << 24);
    base::SeededRandom random;
    std::unique_ptr<Node> node;
    std::int64_t clock_error_s = 0;
    std::vector<std::string> read;  ///< everything that was ever shown, over all lives
    std::size_t renewed = 0;
    std::size_t renewed_by_them = 0;
  };

  explicit HealingWorld(std::uint64_t seed, std::vector<std::string> names) : random(seed) {
    for (const std::string& name : names) {
      people.emplace_back(seed * 64 + people.size());
      people.back().name = name;
      start(people.size() - 1);
      EXPECT_TRUE(people.back().node->create_identity(name));
      settle(people.size() - 1);
    }
  }
  void start(std::size_t i) {
    Someone& one = people[i];
    one.node = std::make_unique<Node>(NodeConfig{}, *one.store, one.random, now);
    tell_time(i);
  }
  WallTime wall(std::size_t i) const {
    return {1'800'000'000 + base::to_us(now) / 1'000'000 + people[i].clock_error_s};
  }
  void tell_time(std::size_t i) { people[i].node->set_wall_time(wall(i)); }
  /// What a daemon does after each input.
  void settle(std::size_t i) {
    Someone& one = people[i];
    if (one.node->dirty()) {
      ASSERT_TRUE(one.node->flush(now));
    }
    while (auto event = one.node->next_event()) {
      if (const auto* changed = std::get_if<MessageChanged>(&*event)) {
        const auto message = one.store->people().find_message(changed->message);
        if (message && message->direction == Direction::incoming) one.read.push_back(message->text);
      }
      if (const auto* renewed = std::get_if<SessionRenewed>(&*event))
        ++(renewed->by_us ? one.renewed : one.renewed_by_them);
    }
  }
  void introduce(std::size_t i, std::size_t j) {
    const auto link = people[i].node->invite(now);
    ASSERT_TRUE(link);
    const auto accepted = people[j].node->add(*link, people[i].name, now, wall(j));
    ASSERT_TRUE(accepted);
    ASSERT_TRUE(people[i].node->add(*accepted->answer_link, people[j].name, now, wall(i)));
    settle(i);
    settle(j);
  }
  /// Whether the node took it.
  bool write(std::size_t from, std::size_t to, const std::string& text,
             std::uint32_t lifetime_s = 14 * 86'400) {
    tell_time(from);
    const auto sent = people[from].node->send(people[to].name, text, {.lifetime_s = lifetime_s},
                                              now, wall(from));
    settle(from);
    return sent.has_value();
  }
  bool was_read(std::size_t who, const std::string& text) const {
    return times_read(who, text) != 0;
  }
  std::ptrdiff_t times_read(std::size_t who, const std::string& text) const {
    return std::count(people[who].read.begin(), people[who].read.end(), text);
  }

  /// Virtual time goes by; everybody wakes when they want to, nobody is near anybody.
  void pass(base::Duration duration) {
    const base::Time end = now + duration;
    while (now < end) {
      base::Time next = end;
      for (const Someone& one : people)
        if (const auto at = one.node->next_wakeup()) next = std::min(next, *at);
      now = std::max(next, now + 1ms);
      for (std::size_t i = 0; i < people.size(); ++i) {
        tell_time(i);
        if (const auto at = people[i].node->next_wakeup(); at && *at <= now)
          people[i].node->wake(now);
        settle(i);
      }
    }
  }
  /// Two come near each other until all is exchanged, or so many frames have come, then part: what
  /// is on its way then is lost.
  void meet(std::size_t i, std::size_t j, std::size_t frames_max = SIZE_MAX) {
    constexpr std::size_t kFrame = 4'096;
    const base::LinkId id{next_link++};
    const std::array<std::size_t, 2> who{i, j};
    std::array<std::deque<base::Bytes>, 2> to;
    std::size_t frames = 0;
    for (const std::size_t k : {0u, 1u}) {
      const auto role = k == 0 ? base::LinkRole::initiator : base::LinkRole::responder;
      Node& node = *people[who[k]].node;
      ASSERT_TRUE(node.link_opened(id, base::TransportKind::lan, role, kFrame, now));
    }
    for (int rounds = 0; rounds < 200; ++rounds) {
      bool moved = true;
      while (moved) {
        moved = false;
        for (const std::size_t k : {0u, 1u}) {
          settle(who[k]);
          (void)people[who[k]].node->ready_links();
          for (;;) {
            base::Bytes frame(kFrame);
            const std::size_t size = people[who[k]].node->next_frame(id, frame, now);
            if (size == 0) break;
            frame.resize(size);
            to[1 - k].push_back(std::move(frame));
          }
        }
        for (const std::size_t k : {0u, 1u}) {
          while (!to[k].empty()) {
            moved = true;
            if (frames != frames_max) {
              ++frames;
              people[who[k]].node->receive(id, to[k].front(), now);
            }
            to[k].pop_front();
          }
        }
      }
      now += 20ms;
      for (const std::size_t k : {0u, 1u}) people[who[k]].node->wake(now);
    }
    for (const std::size_t k : {0u, 1u}) {
      people[who[k]].node->link_closed(id, now);
      settle(who[k]);
    }
  }
  /// They spend a day with each other, so that lists and receipts go round.
  void live(std::size_t i, std::size_t j, int days = 1) {
    for (int hour = 0; hour < 8 * days; ++hour) {
      pass(3h);
      meet(i, j);
    }
  }

  Backup back_up(std::size_t i) {
    JournaledPeople& from = people[i].store->people();
    Backup out{*from.load_value(kIdentityValue), *from.load_value(kOwnNameValue), {}, {}};
    from.for_each_contact([&](const ContactRecord& contact, base::ByteView) {
      out.contacts.push_back(contact);
      const std::string name = standing_name(contact.id.view());
      if (const auto bytes = from.load_value(name))
        out.standing[name] = Standing::load(*bytes)->for_backup().save();
    });
    return out;
  }
  void restore(std::size_t i, const Backup& backup) {
    Someone& one = people[i];
    one.node.reset();
    one.store = std::make_unique<MemoryNodeStore>(1u << 24);
    JournaledPeople& to = one.store->people();
    to.save_value(kIdentityValue, backup.identity);
    to.save_value(kOwnNameValue, backup.name);
    for (const ContactRecord& contact : backup.contacts) to.save_contact(contact);
    for (const auto& [name, bytes] : backup.standing) to.save_value(name, bytes);
    ASSERT_TRUE(one.store->commit());
    start(i);
    settle(i);
  }
  Disk copy_disk(std::size_t i) {
    MemoryNodeStore& store = *people[i].store;
    EXPECT_FALSE(store.people().changed());
    Disk out{store.people(), {}, {}};
    store.envelopes().for_each([&](mesh_router::StoreKey key, const auto& record) {
      const base::ByteView bytes = store.envelopes().read(key);
      out.envelopes.emplace_back(record, base::Bytes(bytes.begin(), bytes.end()));
    });
    store.envelopes().for_each_tombstone([&](const wire::EnvelopeId& id, base::Time until) {
      out.tombstones.emplace_back(id, until);
    });
    return out;
  }
  void roll_back(std::size_t i, const Disk& disk) {
    Someone& one = people[i];
    one.node.reset();
    one.store = std::make_unique<MemoryNodeStore>(1u << 24);
    one.store->people() = disk.people;
    for (const auto& [record, bytes] : disk.envelopes)
      ASSERT_TRUE(one.store->envelopes().put(record, bytes));
    for (const auto& [id, until] : disk.tombstones)
      one.store->envelopes().put_tombstone(id, until);
    ASSERT_TRUE(one.store->commit());
    start(i);
    settle(i);
  }
  /// An envelope comes into somebody's store as if a stranger had brought it.
  void carry(std::size_t i, const base::Bytes& bytes) {
    Someone& one = people[i];
    const auto fields = *wire::decode_envelope(bytes);
    one.node.reset();
    ASSERT_TRUE(one.store->envelopes().put({.id = wire::envelope_id(bytes),
                                            .kind = fields.kind,
                                            .priority = fields.priority,
                                            .tag = fields.tag,
                                            .commitment = fields.commitment,
                                            .lifetime_s = fields.lifetime_s,
                                            .size = static_cast<std::uint32_t>(bytes.size()),
                                            .arrived = now,
                                            .hops_left = 60,
                                            .depositor = 1},
                                           bytes));
    ASSERT_TRUE(one.store->commit());
    start(i);
    settle(i);
  }
  void restart(std::size_t i) {
    people[i].node.reset();
    people[i].store->crash();
    start(i);
    settle(i);
  }

  Standing standing(std::size_t i, std::size_t of) {
    const auto id = people[i].node->find_contact(people[of].name)->id;
    const auto bytes = people[i].store->people().load_value(standing_name(id.view()));
    return bytes ? *Standing::load(*bytes) : Standing{};
  }
  std::vector<HeldSession> sessions(std::size_t i, std::size_t with) {
    std::vector<HeldSession> out;
    people[i].store->people().for_each_contact(
        [&](const ContactRecord& contact, base::ByteView bytes) {
          if (contact.name != people[with].name) return;
          if (auto list = load_sessions(bytes)) out = std::move(list->sessions);
        });
    return out;
  }
  /// The answer tag of the session in which one writes to the other: names it at both ends.
  wire::DeliveryTag writes_in(std::size_t i, std::size_t to) {
    const auto all = sessions(i, to);
    const auto at = writing_index(all);
    return at ? all[*at].answer_tag : wire::DeliveryTag{};
  }
  std::size_t carried(std::size_t i) { return people[i].store->envelopes().usage().envelopes; }

  base::SeededRandom random;
  base::Time now = base::from_us(1'000'000);
  std::deque<Someone> people;
  std::uint64_t next_link = 1;
};

}  // namespace chaski::node
