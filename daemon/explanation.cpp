// SPDX-License-Identifier: Apache-2.0
#include "daemon/explanation.hpp"

#include <algorithm>
#include <set>

namespace chaski::daemon {
namespace {

using node::MessageState;

std::string count(std::size_t n, const char* one, const char* many) {
  return n == 1 ? std::string("one ") + one : std::to_string(n) + " " + many;
}

std::size_t carriers(const MessageSituation& s) {
  std::set<std::string> names;
  for (const auto& event : s.life) {
    if (event.what == "custody") names.insert(event.neighbour);
  }
  return names.size();
}

bool was_refused(const MessageSituation& s) {
  return std::any_of(s.life.begin(), s.life.end(),
                     [](const node::LifeEvent& event) { return event.what == "refused"; });
}

std::string remaining(const MessageSituation& s) {
  if (!s.age_ms) return {};
  const std::uint64_t age_s = *s.age_ms / 1'000;
  if (age_s >= s.message.lifetime_s) return " Its lifetime is over.";
  return " It is still carried here for at most " + in_words(s.message.lifetime_s - age_s) + ".";
}

std::string explain_waiting(const MessageSituation& s) {
  std::string text = "It is written and safe on this node, but no neighbour has taken it yet. ";
  if (s.neighbours == 0) {
    text += "No neighbour is at hand: it goes out when one comes.";
  } else if (was_refused(s)) {
    text += "A neighbour refused it (its store may be full) and will be asked again.";
  } else {
    text += "It is on its way to " + count(s.neighbours, "neighbour", "neighbours") + ".";
  }
  return text + remaining(s);
}

std::string explain_outgoing(const MessageSituation& s) {
  switch (s.message.state) {
    case MessageState::accepted:
      return explain_waiting(s);
    case MessageState::custody:
      return count(std::max<std::size_t>(1, carriers(s)),
                   "neighbour has taken it and carries it on",
                   "neighbours have taken it and carry it on") +
             ". No receipt of the recipient came back yet." + remaining(s);
    case MessageState::delivered:
      return "It was delivered: the recipient's receipt came back.";
    case MessageState::expired:
      return carriers(s) == 0
                 ? "It grew too old before any neighbour took it, and was given up."
                 : "It grew too old before a receipt came back; the recipient may have it all the "
                   "same.";
    case MessageState::received:
      break;
  }
  return {};
}

}  // namespace

std::string in_words(std::uint64_t seconds) {
  struct Unit {
    std::uint64_t size;
    const char* one;
    const char* many;
  };
  for (const Unit& unit : {Unit{86'400, "day", "days"}, Unit{3'600, "hour", "hours"},
                           Unit{60, "minute", "minutes"}}) {
    if (seconds >= unit.size) return count(seconds / unit.size, unit.one, unit.many);
  }
  return count(seconds, "second", "seconds");
}

std::string explain(const MessageSituation& s) {
  if (s.message.direction == node::Direction::outgoing) {
    std::string text = explain_outgoing(s);
    if (!text.empty() && text.front() == 'o') text.front() = 'O';  // "one neighbour has ..."
    return text;
  }
  const std::uint64_t age_s = s.message.age_ms / 1'000;
  return age_s == 0 ? "It came at once."
                    : "It came after travelling for " + in_words(age_s) + ".";
}

}  // namespace chaski::daemon
