// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <unordered_map>

#include "mesh-router/router.hpp"
#include "node/contact_book.hpp"
#include "node/context.hpp"
#include "node/ended_unseen.hpp"

namespace chaski::node {

/// What a consumed message asks the node to publish once the router is done with the frame.
struct PendingReceipt {
  wire::ReceiptBody receipt;
  std::uint32_t lifetime_s = 0;
  std::uint64_t age_ms = 0;
};

/// A message that opened, and the receipt that is due for it.
struct OpenedMessage {
  e2ee::Content content;
  PendingReceipt receipt;
};

/// Envelopes of a person's sessions out and in, and what becomes of the messages in those that went
/// out. What they say is Conversation's.
class Messenger {
 public:
  /// Messages written here whose envelope is remembered without asking the store.
  static constexpr std::size_t kOutgoingCacheMax = 65'536;
  /// Custody and refusals told in the life of one message; its end is always told.
  static constexpr std::uint8_t kHopEventsMax = 32;

  Messenger(Context& context, ContactBook& contacts) : context_(context), contacts_(contacts) {}

  /// Seals any content for a contact and gives it to the router. Errors: those of
  /// ContactBook::refuses_writing(), bad_lifetime, store_full. Whether it is a message of the
  /// person's is for the caller to say: follow().
  base::Expected<wire::EnvelopeId, PersonError> seal_and_submit(
      std::uint32_t contact, const e2ee::Content& content, std::uint32_t lifetime_s,
      wire::Priority priority, mesh_router::Router& router, base::Time now);
  /// What was sealed in this envelope is a message: from here on its life is followed.
  void follow(MessageId message, const wire::EnvelopeId& envelope, base::Time now);
  /// A message that went out was read, or is erased: the router has no say any more.
  void closed(const wire::EnvelopeId& envelope, MessageState state);

  /// Opens what bears a tag of a contact's session, with so much patience. Tags that became known
  /// are appended to `fresh`.
  base::Expected<OpenedMessage, e2ee::OpenFailed> open(const TagOwner& owner,
                                                       const wire::EnvelopeId& id,
                                                       const wire::EnvelopeFields& envelope,
                                                       const wire::CarryState& state,
                                                       base::Time now, base::Duration patience,
                                                       std::vector<wire::DeliveryTag>& fresh);
  /// Adds a line to the life of a message.
  void life(MessageId id, const char* what, std::string neighbour, base::Time now);

  /// Envelopes of messages that were written here and have no known end.
  std::vector<wire::EnvelopeId> undelivered();
  /// Takes over what became of them meanwhile. What is not carried any more and left no word has
  /// expired once its lifetime is over; before that others may still carry it.
  void take_ends(const EndedUnseen& ended, const mesh_router::Router& router, base::Time now);

  /// Turns what the router learnt about envelopes written here into states of messages.
  void on_router_event(const mesh_router::RouterEvent& event, base::Time now);

 private:
  struct Outgoing {
    MessageId id = 0;
    MessageState state = MessageState::accepted;
    std::uint8_t hop_events = 0;
  };
  Outgoing* find_outgoing(const wire::EnvelopeId& envelope);
  Outgoing& remember(const wire::EnvelopeId& envelope, const Outgoing& outgoing);
  void set_state(Outgoing& outgoing, MessageState state, base::Time now);
  void hop_event(Outgoing& outgoing, const char* what, const mesh_router::NeighbourId& neighbour,
                 base::Time now);
  bool took_custody_before(const Outgoing& outgoing,
                           const mesh_router::NeighbourId& neighbour) const;
  /// Whether an envelope of any size would be taken with certainty.
  bool has_ample_room() const;

  Context& context_;
  ContactBook& contacts_;
  std::unordered_map<wire::EnvelopeId, Outgoing, EnvelopeIdHash> outgoing_;
  std::deque<wire::EnvelopeId> outgoing_order_;
};

}  // namespace chaski::node
