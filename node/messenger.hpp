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

/// Messages out and in, and what becomes of those that went out.
class Messenger {
 public:
  /// Messages written here whose envelope is remembered without asking the store.
  static constexpr std::size_t kOutgoingCacheMax = 65'536;
  /// Custody and refusals told in the life of one message; its end is always told.
  static constexpr std::uint8_t kHopEventsMax = 32;

  Messenger(Context& context, ContactBook& contacts) : context_(context), contacts_(contacts) {}

  base::Expected<MessageRecord, PersonError> send(const e2ee::PersonId& us,
                                                  std::string_view contact, std::string_view text,
                                                  const SendOptions& options,
                                                  mesh_router::Router& router, base::Time now,
                                                  WallTime wall);

  /// Opens what bears a tag of a contact's session, with so much patience, and stores the message.
  /// Tags that became known are appended to `fresh`.
  base::Expected<PendingReceipt, e2ee::OpenFailed> open(const TagOwner& owner,
                                                        const wire::EnvelopeId& id,
                                                        const wire::EnvelopeFields& envelope,
                                                        const wire::CarryState& state,
                                                        base::Time now, base::Duration patience,
                                                        std::vector<wire::DeliveryTag>& fresh);

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
  void life(MessageId id, const char* what, std::string neighbour, base::Time now);
  /// Whether an envelope of any size would be taken with certainty.
  bool has_ample_room() const;

  Context& context_;
  ContactBook& contacts_;
  std::unordered_map<wire::EnvelopeId, Outgoing, EnvelopeIdHash> outgoing_;
  std::deque<wire::EnvelopeId> outgoing_order_;
};

}  // namespace chaski::node
