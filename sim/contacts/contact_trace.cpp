// SPDX-License-Identifier: Apache-2.0
#include "sim/contacts/contact_trace.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "base/assert.hpp"

namespace chaski::sim {
namespace {

std::uint64_t pair_of(NodeIndex a, NodeIndex b) {
  return std::uint64_t{a} << 32 | b;
}

}  // namespace

bool is_well_formed(const ContactTrace& trace) {
  if (!trace.names.empty() && trace.names.size() != trace.nodes) return false;
  std::unordered_set<std::uint64_t> up;
  const ContactChange* before = nullptr;
  for (const ContactChange& change : trace.changes) {
    if (change.a >= change.b || change.b >= trace.nodes) return false;
    if (change.at < base::Time{} || change.at > trace.end) return false;
    if (before != nullptr && change.at < before->at) return false;
    if (before != nullptr && change.at == before->at && before->up && !change.up) return false;
    const std::uint64_t pair = pair_of(change.a, change.b);
    if (change.up ? !up.insert(pair).second : up.erase(pair) == 0) return false;
    before = &change;
  }
  return true;
}

ContactTrace collect(ContactSource& source) {
  ContactTrace trace;
  trace.nodes = source.nodes();
  trace.end = source.end();
  while (const auto change = source.next()) trace.changes.push_back(*change);
  return trace;
}

std::vector<Contact> contacts_of(const ContactTrace& trace) {
  std::vector<Contact> contacts;
  contacts.reserve((trace.changes.size() + 1) / 2);
  std::unordered_map<std::uint64_t, std::size_t> open;
  for (const ContactChange& change : trace.changes) {
    const std::uint64_t pair = pair_of(change.a, change.b);
    if (change.up) {
      open[pair] = contacts.size();
      contacts.push_back({change.at, base::Time::max(), change.a, change.b});
    } else {
      const auto contact = open.find(pair);
      CHASKI_ASSERT(contact != open.end());
      contacts[contact->second].end = change.at;
      open.erase(contact);
    }
  }
  return contacts;
}

std::vector<Contact> merged(std::vector<Contact> contacts, base::Duration gap) {
  const auto by_pair = [](const Contact& contact) {
    return std::tie(contact.a, contact.b, contact.begin, contact.end);
  };
  std::erase_if(contacts, [](const Contact& contact) { return contact.begin >= contact.end; });
  std::sort(contacts.begin(), contacts.end(),
            [&](const auto& x, const auto& y) { return by_pair(x) < by_pair(y); });
  std::size_t kept = 0;
  for (const Contact& next : contacts) {
    if (kept > 0) {
      Contact& last = contacts[kept - 1];
      const bool same = last.a == next.a && last.b == next.b;
      // Subtracted, for an end may be Time::max().
      if (same && (next.begin <= last.end || next.begin - last.end <= gap)) {
        last.end = std::max(last.end, next.end);
        continue;
      }
    }
    contacts[kept++] = next;
  }
  contacts.resize(kept);
  const auto by_time = [](const Contact& contact) {
    return std::tie(contact.begin, contact.a, contact.b);
  };
  std::sort(contacts.begin(), contacts.end(),
            [&](const auto& x, const auto& y) { return by_time(x) < by_time(y); });
  return contacts;
}

void put_down_first(std::vector<ContactChange>& changes) {
  std::vector<ContactChange> ups;
  for (std::size_t begin = 0, end = 0; begin < changes.size(); begin = end) {
    ups.clear();
    std::size_t down = begin;
    for (end = begin; end < changes.size() && changes[end].at == changes[begin].at; ++end) {
      if (changes[end].up) {
        ups.push_back(changes[end]);
      } else {
        changes[down++] = changes[end];
      }
    }
    std::copy(ups.begin(), ups.end(), changes.begin() + static_cast<std::ptrdiff_t>(down));
  }
}

ContactTrace trace_of(const std::vector<Contact>& contacts, std::uint32_t nodes, base::Time end) {
  ContactTrace trace;
  trace.nodes = nodes;
  trace.end = end;
  trace.changes.reserve(2 * contacts.size());
  for (const Contact& contact : contacts) {
    if (contact.begin > end) continue;
    trace.changes.push_back({contact.begin, contact.a, contact.b, true});
    if (contact.end <= end) {
      trace.changes.push_back({contact.end, contact.a, contact.b, false});
    }
  }
  std::sort(trace.changes.begin(), trace.changes.end(), [](const auto& x, const auto& y) {
    return std::tie(x.at, x.up, x.a, x.b) < std::tie(y.at, y.up, y.a, y.b);
  });
  return trace;
}

ContactTrace part_of(const ContactTrace& trace, base::Time from, base::Time until) {
  CHASKI_ASSERT(from <= until && until <= trace.end);
  const base::Duration shift = from - base::Time{};
  std::vector<Contact> contacts = contacts_of(trace);
  std::erase_if(contacts, [&](const Contact& contact) {
    return contact.end <= from || contact.begin > until;
  });
  for (Contact& contact : contacts) {
    contact.begin = std::max(contact.begin, from) - shift;
    if (contact.end != base::Time::max()) contact.end -= shift;
  }
  ContactTrace part = trace_of(contacts, trace.nodes, until - shift);
  part.names = trace.names;
  part.origin = trace.origin + shift;
  return part;
}

}  // namespace chaski::sim
