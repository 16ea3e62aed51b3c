// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "node/file_desk.hpp"
#include "node/inbox.hpp"
#include "node/memory_node_store.hpp"

namespace chaski::node {

/// The person's side of a node, without links.
struct Person {
  explicit Person(std::uint64_t seed, const char* name)
      : store(1u << 24),
        random(seed),
        context{.store = store, .random = random, .events = {}, .wall = {}, .dirty = false},
        contacts(store.people()),
        files(context, contacts),
        messenger(context, contacts),
        conversation(context, contacts, messenger, files),
        meeting(context, contacts),
        introductions(context, contacts, messenger, meeting),
        inbox(context, contacts, messenger, conversation, meeting, files.receiver(),
              introductions),
        router({}, store.envelopes(), &inbox, random, base::from_us(1)) {
    EXPECT_TRUE(meeting.create_identity(name));
  }
  /// Seals a message and copies its envelope out of the store.
  base::Bytes write(const std::string& contact, const std::string& text, base::Time now) {
    const auto sent = conversation.send(contact, text, {}, router, now, {});
    EXPECT_TRUE(sent);
    return envelope_of(sent->envelope);
  }
  /// An envelope of the store.
  base::Bytes envelope_of(const wire::EnvelopeId& id) {
    base::Bytes out;
    store.envelopes().for_each([&](mesh_router::StoreKey key, const auto& record) {
      if (record.id != id) return;
      const base::ByteView bytes = store.envelopes().read(key);
      out.assign(bytes.begin(), bytes.end());
    });
    return out;
  }
  mesh_router::Claim hear(const base::Bytes& envelope, base::Time now) {
    return inbox.on_envelope(wire::envelope_id(envelope), *wire::decode_envelope(envelope), {},
                             now);
  }

  MemoryNodeStore store;
  base::SeededRandom random;
  Context context;
  ContactBook contacts;
  FileDesk files;
  Messenger messenger;
  Conversation conversation;
  Meeting meeting;
  IntroductionDesk introductions;
  Inbox inbox;
  mesh_router::Router router;
};

}  // namespace chaski::node
