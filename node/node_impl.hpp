// SPDX-License-Identifier: Apache-2.0
// What a node is made of; for node.cpp and the other node_*.cpp alone.
#pragma once

#include <memory>

#include "node/context.hpp"
#include "node/conversation.hpp"
#include "node/ended_unseen.hpp"
#include "node/file_desk.hpp"
#include "node/inbox.hpp"
#include "node/keeping.hpp"
#include "node/link_table.hpp"
#include "node/meeting.hpp"
#include "node/messenger.hpp"
#include "node/node.hpp"
#include "node/origin.hpp"
#include "node/pairing_meeting.hpp"
#include "node/text.hpp"

namespace chaski::node {

/// How often sessions forget what is too old.
inline constexpr base::Duration kExpireSessionsEvery = std::chrono::hours(1);

/// The person of a node: what it is beside a relay; gone while it is locked.
struct Resident {
  Resident(Context& context, PairingTable& pairings)
      : contacts(context.people()),
        files(context, contacts),
        messenger(context, contacts),
        conversation(context, contacts, messenger, files),
        meeting(context, contacts),
        introductions(context, contacts, messenger, meeting),
        inbox(context, contacts, messenger, conversation, meeting, files.receiver(),
              introductions),
        pairing(context, contacts, meeting, pairings) {}

  ContactBook contacts;
  FileDesk files;
  Messenger messenger;
  Conversation conversation;
  Meeting meeting;
  IntroductionDesk introductions;
  Inbox inbox;
  PairingMeeting pairing;
};

/// Where the router asks whether an envelope is for somebody here.
class FrontDoor final : public mesh_router::Recipient {
 public:
  explicit FrontDoor(const std::unique_ptr<Resident>& person) : person_(person) {}
  mesh_router::Claim on_envelope(const wire::EnvelopeId& id, const wire::EnvelopeFields& envelope,
                                 const wire::CarryState& state, base::Time now) override {
    if (!person_) return mesh_router::Claim::not_ours;
    return person_->inbox.on_envelope(id, envelope, state, now);
  }

 private:
  const std::unique_ptr<Resident>& person_;
};

struct Node::Impl {
  NodeConfig config;
  Context context;
  link::NodeKey node_key;
  PairingTable pairings;
  std::unique_ptr<Resident> person;  ///< null while locked
  FrontDoor front_door;
  mesh_router::Router router;
  LinkTable links;
  EndedUnseen ended;
  base::Time expire_sessions_at;

  Impl(const NodeConfig& configuration, NodeStore& store, base::Random& random, base::Time now)
      : config(configuration),
        context{.store = store, .random = random, .events = {}, .wall = {}, .dirty = false},
        node_key(node_key_for_run(config.fixed_node_key, store, random, context.dirty)),
        pairings(random),
        person(config.locked ? nullptr : std::make_unique<Resident>(context, pairings)),
        front_door(person),
        router(config.router, store.envelopes(), &front_door, random, now),
        links(config, node_key, random, router, context.events, pairings),
        expire_sessions_at(now + kExpireSessionsEvery) {
    if (person) welcome(now);
  }

  /// The person's tags, and what is theirs of what is carried. Whatever was left unopened before a
  /// crash is asked about once more.
  void welcome(base::Time now);
  /// What follows every input: receipts and late tags, then what the router has learnt.
  void settle(base::Time now);
  void drain_router(base::Time now);
  bool dirty() const {
    return context.dirty || (person && person->contacts.dirty()) || router.dirty();
  }
  /// Why the person cannot be asked, if they cannot.
  std::optional<PersonError> absent() const {
    if (!person) return PersonError::locked;
    return std::nullopt;
  }
};

}  // namespace chaski::node
