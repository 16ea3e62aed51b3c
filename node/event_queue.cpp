// SPDX-License-Identifier: Apache-2.0
#include "node/event_queue.hpp"

namespace chaski::node {

void EventQueue::message_changed(MessageId id) {
  if (staged_messages_.insert(id).second) staged_.emplace_back(MessageChanged{id});
}

void EventQueue::file_changed(MessageId id) {
  if (staged_files_.insert(id).second) staged_.emplace_back(FileChanged{id});
}

void EventQueue::contact_changed(const ContactRecord& contact) {
  staged_.emplace_back(contact);
}

void EventQueue::session_renewed(const ContactRecord& contact, bool by_us) {
  staged_.emplace_back(SessionRenewed{contact, by_us});
}

void EventQueue::introduction_changed(std::uint32_t number) {
  if (staged_introductions_.insert(number).second)
    staged_.emplace_back(IntroductionChanged{number});
}

void EventQueue::release() {
  for (PeopleEvent& event : staged_) released_.push_back(std::move(event));
  staged_.clear();
  staged_messages_.clear();
  staged_files_.clear();
  staged_introductions_.clear();
  while (released_.size() > kPeopleEventsMax) {
    released_.pop_front();
    ++lost_;
  }
}

void EventQueue::forget_people() {
  staged_ = {};
  staged_messages_ = {};
  staged_files_ = {};
  staged_introductions_ = {};
  released_ = {};
}

std::optional<NodeEvent> EventQueue::next() {
  if (!links_.empty()) {
    NodeEvent event = std::move(links_.front());
    links_.pop_front();
    return event;
  }
  if (released_.empty()) return std::nullopt;
  const PeopleEvent event = std::move(released_.front());
  released_.pop_front();
  if (const auto* contact = std::get_if<ContactRecord>(&event)) return ContactChanged{*contact};
  if (const auto* renewed = std::get_if<SessionRenewed>(&event)) return *renewed;
  if (const auto* file = std::get_if<FileChanged>(&event)) return *file;
  if (const auto* introduction = std::get_if<IntroductionChanged>(&event)) return *introduction;
  return std::get<MessageChanged>(event);
}

}  // namespace chaski::node
