// SPDX-License-Identifier: Apache-2.0
#include "node/held_back.hpp"

#include <algorithm>

namespace chaski::node {

base::Duration HeldBack::patience(const TagOwner& owner, const wire::EnvelopeId& id,
                                  const wire::EnvelopeFields& envelope,
                                  const wire::CarryState& state, base::Time now) const {
  if (const auto session = sessions_.find(number(owner)); session != sessions_.end()) {
    for (const Message& message : session->second.messages)
      if (message.id == id) return message.until - now;
  }
  const base::Duration life = std::chrono::seconds(envelope.lifetime_s);
  const std::uint64_t lived_ms =
      std::min<std::uint64_t>(state.age_ms, std::uint64_t{envelope.lifetime_s} * 1'000);
  return std::min<base::Duration>(kPatience, (life - std::chrono::milliseconds(lived_ms)) / 2);
}

void HeldBack::add(const TagOwner& owner, const wire::EnvelopeId& id, const wire::DeliveryTag& tag,
                   std::uint32_t opens, base::Time until) {
  Waiting& waiting = sessions_[number(owner)];
  const std::uint64_t after = waiting.opened + opens;
  for (Message& message : waiting.messages) {
    if (message.id != id) continue;
    message.after = after;
    return;
  }
  if (waiting.messages.size() >= kHeldBackMax) return;
  waiting.messages.push_back({id, tag, after, until});
  if (!next_end_ || until < *next_end_) next_end_ = until;
}

void HeldBack::opened(const TagOwner& owner, const wire::EnvelopeId& id,
                      std::vector<wire::DeliveryTag>& due) {
  const auto session = sessions_.find(number(owner));
  if (session == sessions_.end()) return;
  Waiting& waiting = session->second;
  std::uint64_t reached = ++waiting.opened;
  for (const Message& message : waiting.messages)
    if (message.id == id) reached = std::max(reached, message.after);  // so far it went by force
  for (const Message& message : waiting.messages) {
    const bool is_due = message.after == waiting.opened || message.after < reached;
    if (is_due && message.id != id) due.push_back(message.tag);
  }
  remove(session, id);
}

std::optional<HeldBack::Ended> HeldBack::first_ended(base::Time now) {
  next_end_.reset();
  for (const auto& [session, waiting] : sessions_) {
    const Message* first = nullptr;
    for (const Message& message : waiting.messages) {
      if (!next_end_ || message.until < *next_end_) next_end_ = message.until;
      if (message.until > now) continue;
      if (first == nullptr || message.after < first->after) first = &message;
    }
    if (first != nullptr) {
      next_end_ = now;
      return Ended{session, first->id, first->tag};
    }
  }
  return std::nullopt;
}

void HeldBack::forget(const Ended& ended) {
  if (const auto session = sessions_.find(ended.session); session != sessions_.end())
    remove(session, ended.id);
}

void HeldBack::remove(Sessions::iterator session, const wire::EnvelopeId& id) {
  std::vector<Message>& messages = session->second.messages;
  std::erase_if(messages, [&id](const Message& message) { return message.id == id; });
  if (messages.empty()) sessions_.erase(session);
}

std::size_t HeldBack::size() const {
  std::size_t size = 0;
  for (const auto& [session, waiting] : sessions_) size += waiting.messages.size();
  return size;
}

}  // namespace chaski::node
