// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <optional>
#include <unordered_set>
#include <variant>
#include <vector>

#include "node/node.hpp"

namespace chaski::node {

/// What the node's owner is told.
///
/// Rules: (1) events about links go out at once and before others. (2) events about people wait
/// until release(), which follows a successful commit: a person never sees what is not stored.
/// (3) a message, file or introduction that changed twice before a release is told once,
/// with its last state. (4) at most
/// kPeopleEventsMax wait for their reader; the oldest is lost, its content stays in the store.
class EventQueue {
 public:
  static constexpr std::size_t kPeopleEventsMax = 65'536;

  void link(NodeEvent event) { links_.push_back(std::move(event)); }
  void message_changed(MessageId id);
  void file_changed(MessageId id);
  void contact_changed(const ContactRecord& contact);
  void session_renewed(const ContactRecord& contact, bool by_us);
  void introduction_changed(std::uint32_t number);
  void release();
  /// The person is gone: their events with them.
  void forget_people();
  std::optional<NodeEvent> next();
  std::uint64_t lost() const { return lost_; }

 private:
  using PeopleEvent = std::variant<MessageChanged, FileChanged, ContactRecord, SessionRenewed,
                                   IntroductionChanged>;
  std::deque<NodeEvent> links_;
  std::vector<PeopleEvent> staged_;
  std::unordered_set<MessageId> staged_messages_;
  std::unordered_set<MessageId> staged_files_;
  std::unordered_set<std::uint32_t> staged_introductions_;
  std::deque<PeopleEvent> released_;
  std::uint64_t lost_ = 0;
};

}  // namespace chaski::node
