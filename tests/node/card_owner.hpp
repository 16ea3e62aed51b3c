// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "e2ee/card.hpp"
#include "node/file_desk.hpp"
#include "node/inbox.hpp"
#include "node/memory_node_store.hpp"

namespace chaski::node {

inline constexpr std::int64_t kCardWall = 1'795'000'000;

/// The person's side of a node that gives out cards, over a store that may lose what was not
/// committed.
struct CardOwner {
  struct Parts {
    Parts(NodeStore& store, base::Random& random)
        : context{.store = store, .random = random, .events = {}, .wall = {}, .dirty = false},
          contacts(store.people()),
          files(context, contacts),
          messenger(context, contacts),
          conversation(context, contacts, messenger, files),
          meeting(context, contacts),
          introductions(context, contacts, messenger, meeting),
          inbox(context, contacts, messenger, conversation, meeting, files.receiver(),
                introductions) {}
    Context context;
    ContactBook contacts;
    FileDesk files;
    Messenger messenger;
    Conversation conversation;
    Meeting meeting;
    IntroductionDesk introductions;
    Inbox inbox;
  };

  explicit CardOwner(std::uint64_t seed) : random(seed) {
    start();
    EXPECT_TRUE(parts->meeting.create_identity("ana"));
    commit();
  }
  void start() {
    parts = std::make_unique<Parts>(store, random);
    (void)parts->contacts.load();
    std::vector<wire::DeliveryTag> fresh;
    parts->meeting.healing().load(now, fresh);
    parts->meeting.cards().load(now, fresh);
    pass({});
  }
  void commit() {
    parts->contacts.save_dirty();
    EXPECT_TRUE(store.commit());
  }
  /// What was not committed is lost.
  void crash() {
    parts.reset();
    store.crash();
    start();
  }
  void pass(base::Duration duration) {
    now += duration;
    parts->context.wall.unix_s =
        kCardWall + std::chrono::duration_cast<std::chrono::seconds>(now - begin).count();
    parts->meeting.cards().expire(now);
  }
  std::int64_t wall() const { return parts->context.wall.unix_s; }
  CardDesk& cards() { return parts->meeting.cards(); }

  base::Expected<OwnCardInfo, PersonError> give(const CardRequest& request) {
    std::vector<wire::DeliveryTag> fresh;
    return cards().give(request, now, wall(), fresh);
  }
  e2ee::Card card(const CardRequest& request = {.price_bits = 16}) {
    const auto given = give(request);
    EXPECT_TRUE(given) << (given ? "" : to_string(given.error()));
    return *e2ee::parse_card(given->link);
  }
  mesh_router::Claim hear(const base::Bytes& envelope) {
    return parts->inbox.on_envelope(wire::envelope_id(envelope), *wire::decode_envelope(envelope),
                                    {}, now);
  }
  /// The answer in an envelope of its own.
  mesh_router::Claim hear(const e2ee::Answer& answer) {
    return hear(e2ee::answer_envelope(answer, 3'600, random));
  }
  std::optional<ContactRecord> find(const std::string& name) {
    const auto index = parts->contacts.find_name(name);
    if (!index) return std::nullopt;
    return parts->contacts.shown(*index);
  }

  base::Time begin = base::from_us(1'000'000);
  base::Time now = begin;
  MemoryNodeStore store{1u << 24};
  base::SeededRandom random;
  std::unique_ptr<Parts> parts;
};

/// Somebody who has a card, by end-to-end encryption alone.
struct Stranger {
  Stranger(std::uint64_t seed, std::string called)
      : random(seed), name(std::move(called)), identity(e2ee::Identity::generate(random)) {}

  e2ee::Accepted answer(const e2ee::Card& card, std::uint64_t generation = 0) {
    auto accepted =
        e2ee::accept_invite(identity, name, e2ee::card_invite(card), random, generation);
    EXPECT_TRUE(accepted);
    accepted->answer = paid(*accepted->unpaid);
    return std::move(*accepted);
  }
  /// The answer with a stamp: another one each time.
  e2ee::Answer paid(e2ee::UnpaidAnswer unpaid) {
    auto search = unpaid.search(random);
    EXPECT_TRUE(search.work(std::uint64_t{1} << 26));
    unpaid.pay(*search.nonce());
    return unpaid.answer;
  }
  static base::Bytes write(e2ee::Session& session, std::string_view text, base::Random& random) {
    const e2ee::Content content{.kind = e2ee::ContentKind::text,
                                .token = {},
                                .sent_at_unix_s = kCardWall,
                                .payload = base::Bytes(text.begin(), text.end())};
    return session.seal(content, 3'600, wire::Priority::normal, random).envelope;
  }

  base::SeededRandom random;
  std::string name;
  e2ee::Identity identity;
};

}  // namespace chaski::node
