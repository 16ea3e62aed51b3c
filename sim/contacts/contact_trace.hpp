// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "sim/contacts/contact.hpp"
#include "sim/node_index.hpp"

namespace chaski::sim {

/// Two nodes are in contact from `begin` until just before `end`. `a` < `b`.
struct Contact {
  base::Time begin{};
  base::Time end{};  ///< base::Time::max(): beyond the end of the trace
  NodeIndex a = 0;
  NodeIndex b = 0;
  friend bool operator==(const Contact&, const Contact&) = default;
};

/// Who met whom and when, whole in memory: 24 bytes a change.
struct ContactTrace {
  std::uint32_t nodes = 0;
  base::Time end{};
  std::vector<ContactChange> changes;  ///< as a ContactSource gives them
  std::vector<std::string> names;      ///< of the nodes outside; empty: they are their numbers
  base::Duration origin{};             ///< what the file called the time that is 0 here

  std::string name(NodeIndex node) const {
    return names.empty() ? std::to_string(node) : names[node];
  }
};
static_assert(sizeof(ContactChange) <= 24);

/// How much a file may make us hold: 24 bytes a change, some 100 a node.
struct TraceLimits {
  std::uint32_t nodes_max = 1'000'000;
  std::uint64_t changes_max = 100'000'000;
};

/// Whether the changes keep what ContactSource promises.
bool is_well_formed(const ContactTrace& trace);

/// Plays a trace, which it references.
class TraceSource final : public ContactSource {
 public:
  explicit TraceSource(const ContactTrace& trace) : trace_(trace) {}
  std::uint32_t nodes() const override { return trace_.nodes; }
  base::Time end() const override { return trace_.end; }
  std::optional<ContactChange> next() override {
    if (next_ == trace_.changes.size()) return {};
    return trace_.changes[next_++];
  }

 private:
  const ContactTrace& trace_;
  std::size_t next_ = 0;
};

/// Runs a source to its end and keeps what it said.
ContactTrace collect(ContactSource& source);

/// The contacts of a trace in the order in which they began.
std::vector<Contact> contacts_of(const ContactTrace& trace);

/// Makes one of those contacts of a pair that overlap or touch, or lie at most `gap` apart.
///
/// The result is ordered by begin, then by pair. Contacts that do not last are left out.
std::vector<Contact> merged(std::vector<Contact> contacts, base::Duration gap = {});

/// The trace of contacts of `nodes` nodes up to `end`; those of a pair must not overlap.
///
/// Changes of equal time are ordered: down before up, then by pair.
ContactTrace trace_of(const std::vector<Contact>& contacts, std::uint32_t nodes, base::Time end);

/// What happens from `from` to `until`, as a trace that begins at 0: a day of a week, say.
///
/// `from` is at most `until`, and that at most the end. Who is in contact at `from` meets then.
/// Nodes and names stay, whoever is left without a contact.
ContactTrace part_of(const ContactTrace& trace, base::Time from, base::Time until);

/// Puts down before up among changes of equal time, which otherwise stay as they were.
void put_down_first(std::vector<ContactChange>& changes);

}  // namespace chaski::sim
