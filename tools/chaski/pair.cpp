// SPDX-License-Identifier: Apache-2.0
// The command pair: two people who are near each other compare symbols and become contacts.
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <map>
#include <set>

#include "tools/chaski/command_error.hpp"
#include "tools/chaski/commands.hpp"
#include "tools/chaski/safe_text.hpp"

namespace chaski::tools {

using nlohmann::json;

namespace {

constexpr int kLookEvery_ms = 200;
/// To the beginning of the line, and erase it.
constexpr const char* kSameLine = "\r\x1b[K";

volatile std::sig_atomic_t interrupted = 0;
void on_interrupt(int) { interrupted = 1; }

/// While it lives Ctrl-C ends the pairing on the node as well.
class Interruptible {
 public:
  Interruptible() {
    struct sigaction action {};
    action.sa_handler = on_interrupt;
    action.sa_flags = SA_RESTART;  // a request goes on; poll() ends all the same
    ::sigaction(SIGINT, &action, &before_);
  }
  ~Interruptible() { ::sigaction(SIGINT, &before_, nullptr); }
  Interruptible(const Interruptible&) = delete;
  Interruptible& operator=(const Interruptible&) = delete;

 private:
  struct sigaction before_ {};
};

json look(const Context& context) {
  return parse_answer(context.client.request("GET", "/v1/pairing")).at("pairing");
}

json post(const Context& context, const char* path, const json& body) {
  return parse_answer(context.client.request("POST", path, body.dump())).at("pairing");
}

bool runs(const json& pairing) { return pairing.at("state") == "running"; }

bool you_confirmed(const json& pairing) {
  for (const json& peer : pairing.at("peers"))
    if (peer.at("you_confirmed").get<bool>()) return true;
  return false;
}

/// Those that may still be said yes to.
std::vector<unsigned> open_peers(const json& pairing) {
  std::vector<unsigned> out;
  for (const json& peer : pairing.at("peers"))
    if (peer.at("state") == "comparing") out.push_back(peer.at("peer").get<unsigned>());
  return out;
}

std::string time_left(const json& pairing) {
  const auto seconds = (pairing.at("left_ms").get<std::uint64_t>() + 999) / 1'000;
  return fmt::format("{}:{:02} left", seconds / 60, seconds % 60);
}

/// "  1  🦙 llama  🔥 fire …"
std::string peer_line(const Context& context, const json& peer) {
  std::string line =
      "  " + context.screen.paint(Colour::strong, std::to_string(peer.at("peer").get<unsigned>()));
  for (const json& symbol : peer.at("symbols")) {
    line += fmt::format("  {} {}", one_line(symbol.at("emoji").get<std::string>()),
                        one_line(symbol.at("word").get<std::string>()));
  }
  return line;
}

CommandError ended(const json& pairing) {
  static const std::map<std::string, std::pair<const char*, const char*>, std::less<>> words{
      {"time", {"two minutes are over", "type chaski pair again, both of you"}},
      {"cancelled", {"the pairing was stopped here", "type chaski pair again, both of you"}},
      {"they_ended",
       {"the other side stopped, or did not see the same",
        "type chaski pair again, both of you; if it fails again, use chaski invite"}},
      {"link_closed",
       {"the link to them closed",
        "see chaski contacts: if they are not there in a minute, type chaski pair again, both of "
        "you"}},
      {"refused",
       {"this node has no room for the contact, or has met them twice already",
        "see chaski status and chaski contacts; a contact is verified with chaski verify"}}};
  const auto why = pairing.value("why", std::string("cancelled"));
  const auto found = words.find(why);
  const auto& said = found == words.end() ? words.at("cancelled") : found->second;
  return {ExitCode::refused, "pairing_" + one_line(why), said.first, said.second};
}

void print_met(const Context& context, const json& pairing) {
  if (context.json) return;
  const json& contact = pairing.at("contact");
  const auto name = one_line(contact.at("name").get<std::string>());
  Screen::print(fmt::format("{} is a contact now, verified: nobody sits between you.\n",
                            context.screen.paint(Colour::strong, name)));
}

/// The conversation with a person at a terminal, from one look at the node to the next.
class Conversation {
 public:
  explicit Conversation(const Context& context) : context_(context) {}

  void show(const json& pairing) {
    bool fresh = false;
    for (const json& peer : pairing.at("peers")) {
      const auto number = peer.at("peer").get<unsigned>();
      auto& state = shown_[number];
      const auto now = peer.at("state").get<std::string>();
      const bool open = now == "comparing";
      if (state.empty() && open) say(peer_line(context_, peer));
      if (state == "comparing" && !open && now != "meeting" && !you_confirmed(pairing))
        say(fmt::format("  {} has stopped.", number));
      fresh = fresh || state != now;
      state = now;
    }
    if (fresh && !asked_ && !shown_.empty()) {
      asked_ = true;
      say("Look at the other screen, or ask a voice that you know. Does it show the same six?");
    }
    prompt(pairing);
  }

  /// What the person typed so far, if it is a line.
  std::optional<std::string> typed() {
    pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    const int count = ::poll(&input, 1, kLookEvery_ms);
    if (count <= 0) return std::nullopt;
    std::array<char, 256> buffer{};
    const auto size = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (size <= 0) return "no";  // end of input
    std::string line(buffer.data(), static_cast<std::size_t>(size));
    while (!line.empty() && (line.back() == '\n' || line.back() == ' ')) line.pop_back();
    return line;
  }
  void ask_again() { prompted_.clear(); }
  static void end_line() { Screen::print(kSameLine); }

 private:
  void say(const std::string& line) {
    Screen::print(kSameLine + line + "\n");
    prompted_.clear();
  }
  /// The last line. While it waits it counts the seconds; while it asks it stays as it is, or it
  /// would erase what is being typed.
  void prompt(const json& pairing) {
    const std::string left = time_left(pairing);
    std::string line = "Looking for somebody near who types chaski pair too … ";
    std::string key = line + left;
    if (you_confirmed(pairing)) {
      line = "Waiting for them to say yes … ";
      key = line + left;
    }
    const std::size_t open = open_peers(pairing).size();
    const bool asks = open > 0 && !you_confirmed(pairing);
    if (asks) {
      key = open == 1 ? "yes or no" : "its number, or no";
      line = key + ", ";
    }
    if (key == prompted_) return;
    prompted_ = key;
    Screen::print(kSameLine + line + context_.screen.paint(Colour::quiet, left) +
                  (asks ? ": " : ""));
  }

  const Context& context_;
  std::map<unsigned, std::string> shown_;
  std::string prompted_;
  bool asked_ = false;
};

/// A number, yes when there is one to choose, or the words themselves.
json choice(const json& pairing, const std::string& typed) {
  const auto open = open_peers(pairing);
  if (typed == "yes" && open.size() == 1) return {{"peer", open.front()}};
  if (!typed.empty() && typed.size() < 4 &&
      typed.find_first_not_of("0123456789") == std::string::npos) {
    return {{"peer", std::stoul(typed)}};
  }
  return {{"words", typed}};
}

json converse(const Context& context, json pairing) {
  Conversation conversation(context);
  while (runs(pairing)) {
    if (interrupted != 0) {
      pairing = post(context, "/v1/pairing/cancel", json::object());
      break;
    }
    conversation.show(pairing);
    const auto typed = conversation.typed();
    pairing = look(context);
    if (!typed || !runs(pairing) || pairing.at("peers").empty() || you_confirmed(pairing)) continue;
    if (*typed == "no" || *typed == "n") {
      pairing = post(context, "/v1/pairing/cancel", json::object());
      break;
    }
    conversation.ask_again();
    if (typed->empty() || *typed == "y") continue;  // a whole yes: it is worth three letters
    try {
      pairing = post(context, "/v1/pairing/confirm", choice(pairing, *typed));
    } catch (const CommandError& error) {
      if (error.exit != ExitCode::refused) throw;
      Conversation::end_line();
      Screen::print(error.what + ".\n");
    }
  }
  Conversation::end_line();
  return pairing;
}

/// For programs: each change a line of JSON or of words, until it ends.
json follow(const Context& context, json pairing) {
  json told;
  std::set<unsigned> printed;
  for (;;) {
    json compared = pairing;
    compared.erase("left_ms");
    if (compared != told) {
      if (context.json) Screen::print(json_line({{"pairing", pairing}}));
      for (const json& peer : pairing.at("peers")) {
        const bool fresh = printed.insert(peer.at("peer").get<unsigned>()).second;
        if (!context.json && fresh) Screen::print(peer_line(context, peer) + "\n");
      }
      told = std::move(compared);
    }
    if (!runs(pairing)) return pairing;
    if (interrupted != 0) {
      pairing = post(context, "/v1/pairing/cancel", json::object());
      continue;
    }
    ::poll(nullptr, 0, kLookEvery_ms);
    pairing = look(context);
  }
}

}  // namespace

void run_pair(const Context& context, const PairOptions& options) {
  if (options.cancel) {
    const json pairing = post(context, "/v1/pairing/cancel", json::object());
    Screen::print(context.json ? json_line({{"pairing", pairing}}) : "Nobody is looked for now.\n");
    return;
  }
  const Interruptible interruptible;
  json pairing;
  if (!options.yes_if.empty()) {
    std::string words;
    for (const std::string& word : options.yes_if) words += (words.empty() ? "" : " ") + word;
    pairing = follow(context, post(context, "/v1/pairing/confirm", {{"words", words}}));
  } else {
    json body = json::object();
    if (!options.name.empty()) body["name"] = options.name;
    pairing = post(context, "/v1/pairing", body);
    const bool person = !context.json && context.screen.terminal() && ::isatty(STDIN_FILENO) == 1;
    pairing = person ? converse(context, std::move(pairing)) : follow(context, std::move(pairing));
  }
  if (pairing.at("state") != "met") throw ended(pairing);
  print_met(context, pairing);
}

}  // namespace chaski::tools
