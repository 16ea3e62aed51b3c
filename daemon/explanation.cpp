// SPDX-License-Identifier: Apache-2.0
#include "daemon/explanation.hpp"

#include <algorithm>
#include <set>

#include "base/hex.hpp"

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
    case MessageState::read:
      return "It was read: the recipient says so.";
    case MessageState::deleted:
      return "It was deleted: nothing of it is kept.";
    case MessageState::received:
      break;
  }
  return {};
}

using mesh_router::Withheld;

/// It answered no, and never took it.
bool refused_by(const MessageSituation& s, const std::string& neighbour) {
  bool refused = false;
  for (const auto& event : s.life) {
    if (event.neighbour != neighbour) continue;
    if (event.what == "custody") return false;
    refused = refused || event.what == "refused";
  }
  return refused;
}

std::string asked_again(const std::optional<base::Time>& until, base::Time now) {
  if (!until) return "asked again when it says that it has room";
  const auto wait = std::chrono::ceil<std::chrono::seconds>(*until - now).count();
  if (wait <= 0) return "asked again now";
  return "asked again in " + in_words(static_cast<std::uint64_t>(wait));
}

std::string turn(const std::optional<std::uint64_t>& ahead) {
  if (ahead.value_or(0) == 0) return "goes next";
  const std::string before = count(static_cast<std::size_t>(*ahead), "message goes", "messages go");
  return "waits for its turn: " + before + " before it";
}

}  // namespace

std::string explain_neighbour(const MessageSituation& situation,
                              const mesh_router::NeighbourExplanation& neighbour, base::Time now) {
  switch (neighbour.why) {
    case Withheld::has_it:
      return refused_by(situation, base::short_hex(neighbour.id.view())) ? "does not take it"
                                                                         : "has it";
    case Withheld::had_it: return "has it, and had it before the link came up";
    case Withheld::on_its_way: return "was sent it and has not answered yet";
    case Withheld::not_durable: return "gets it once it is safe on this node";
    case Withheld::expired: return "does not get it any more: its lifetime is over";
    case Withheld::no_hops: return "does not get it: it may travel no farther";
    case Withheld::policy: return "is not given a copy for now";
    case Withheld::shown: return "was shown it or had it; the last copy stays here";
    case Withheld::comparing: return "is being asked what it lacks";
    case Withheld::refused:
      return "said that its store is full, " + asked_again(neighbour.until, now);
    case Withheld::probing:
      return "had no room; gets one message at a time until it takes one";
    case Withheld::window_full: return "was sent as much as it may leave unanswered";
    case Withheld::told: return "was told of it, and asks for it if it lacks it";
    case Withheld::paced: return "is told of others first";
    case Withheld::transfer_place: return "gets another large message first";
    case Withheld::queued: return turn(neighbour.ahead);
    case Withheld::kCount: break;
  }
  return {};
}

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
    if (s.work_left_s) {
      text += " The recipient can read it once they have your answer to their invitation, which is "
              "being stamped: working, about " +
              in_words(std::max<std::uint64_t>(1, *s.work_left_s)) + ".";
    }
    return text;
  }
  const std::uint64_t age_s = s.message.age_ms / 1'000;
  return age_s == 0 ? "It came at once."
                    : "It came after travelling for " + in_words(age_s) + ".";
}

}  // namespace chaski::daemon
