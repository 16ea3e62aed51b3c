// SPDX-License-Identifier: Apache-2.0
#include "sim/contacts/one_contacts.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "sim/text/numbers.hpp"
#include "sim/text/one_event.hpp"
#include "sim/text/one_hosts.hpp"

namespace chaski::sim {
namespace {

/// The state of reading one file.
class Reading {
 public:
  Reading(std::string_view text, std::string_view file, const OneContactsOptions& options)
      : line_(text, file), file_(file), options_(options) {}

  base::Expected<ContactTrace, ParseError> run() {
    while (!error_ && line_.next()) event();
    if (!error_ && !connected_) {
      error_ = ParseError{std::string(file_), 0, "lines `<time> CONN <a> <b> up|down`", "none"};
    }
    if (error_) return base::unexpected(std::move(*error_));
    return finished();
  }

 private:
  void fail(std::string expected, std::string found) {
    if (!error_) error_ = line_.wrong(std::move(expected), std::move(found));
  }

  void event() {
    const auto event = parse_one_event(line_);
    if (!event) {
      error_ = event.error();
      return;
    }
    if (event->at < last_) {
      fail("no time before that of an event above, " + seconds_text(last_.time_since_epoch()),
           in_quotes(line_.word(0)));
    }
    last_ = event->at;
    const std::uint32_t a = host(event->a);
    if (event->kind == OneEvent::Kind::removal) return;
    const std::uint32_t b = host(event->b);
    if (event->kind != OneEvent::Kind::connection || error_) return;
    connected_ = true;
    change(*event, a, b);
  }

  std::uint32_t host(const OneHost& host) {
    if (options_.hosts != 0 && host.address >= options_.hosts) {
      fail("a host from 0 to " + std::to_string(options_.hosts - 1), in_quotes(host.name));
    }
    const auto place = hosts_.add(host);
    if (!place) {
      fail("one name for host " + std::to_string(host.address), in_quotes(host.name) + " too");
    }
    if (hosts_.size() > options_.limits.nodes_max) {
      fail("at most " + std::to_string(options_.limits.nodes_max) + " hosts", "more");
    }
    return place.value_or(0);
  }

  /// Hosts are in the changes as they came until all are known.
  void change(const OneEvent& event, std::uint32_t a, std::uint32_t b) {
    const std::uint64_t pair = std::uint64_t{std::min(a, b)} << 32 | std::max(a, b);
    const auto open = open_.find(pair);
    if (event.up != (open == open_.end())) {
      fail(event.up ? "up of two hosts that are not in contact" : "down of two hosts in contact",
           in_quotes(line_.word(4)) + " of " + in_quotes(event.a.name) + " and " +
               in_quotes(event.b.name));
      return;
    }
    if (changes_.size() >= options_.limits.changes_max) {
      fail("at most " + std::to_string(options_.limits.changes_max) + " changes", "more");
      return;
    }
    if (event.up) {
      open_.emplace(pair, changes_.size());
    } else {
      ContactChange& began = changes_[open->second];
      const bool lasted = began.at < event.at;
      if (!lasted) began.a = began.b;
      open_.erase(open);
      if (!lasted) return;
    }
    changes_.push_back({event.at, a, b, event.up});
  }

  ContactTrace finished() {
    ContactTrace trace;
    std::erase_if(changes_, [](const ContactChange& change) { return change.a == change.b; });
    OneHosts::Order order = hosts_.order();
    trace.nodes = hosts_.size();
    trace.names = std::move(order.names);
    if (options_.hosts != 0) number(order, trace);
    for (ContactChange& change : changes_) {
      const NodeIndex a = order.node_of[change.a];
      const NodeIndex b = order.node_of[change.b];
      change.a = std::min(a, b);
      change.b = std::max(a, b);
    }
    trace.end = options_.end.value_or(last_);
    std::erase_if(changes_, [&](const ContactChange& change) { return change.at > trace.end; });
    put_down_first(changes_);
    trace.changes = std::move(changes_);
    return trace;
  }

  /// Gives each host the index that is its number, and those that did not come their names.
  void number(OneHosts::Order& order, ContactTrace& trace) {
    std::vector<std::string> names(options_.hosts);
    for (NodeIndex node = 0; node < options_.hosts; ++node) names[node] = std::to_string(node);
    std::vector<NodeIndex> address_of(trace.nodes);
    for (NodeIndex node = 0; node < trace.nodes; ++node) {
      address_of[node] = one_host_in(trace.names[node])->address;
      names[address_of[node]] = std::move(trace.names[node]);
    }
    for (NodeIndex& node : order.node_of) node = address_of[node];
    trace.nodes = options_.hosts;
    trace.names = std::move(names);
  }

  LineReader line_;
  std::string_view file_;
  const OneContactsOptions& options_;
  std::optional<ParseError> error_;
  OneHosts hosts_;
  std::unordered_map<std::uint64_t, std::size_t> open_;  ///< pair, and where it went up
  std::vector<ContactChange> changes_;
  base::Time last_{};
  bool connected_ = false;
};

}  // namespace

base::Expected<ContactTrace, ParseError> parse_one_contacts(std::string_view text,
                                                            std::string_view file,
                                                            const OneContactsOptions& options) {
  return Reading(text, file, options).run();
}

std::string one_contacts_text(const ContactTrace& trace) {
  std::string text;
  for (const ContactChange& change : trace.changes) {
    text += seconds_text(change.at.time_since_epoch()) + " CONN " + trace.name(change.a) + ' ' +
            trace.name(change.b) + (change.up ? " up\n" : " down\n");
  }
  return text;
}

}  // namespace chaski::sim
