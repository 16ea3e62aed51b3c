// SPDX-License-Identifier: Apache-2.0
#include "sim/contacts/sociopatterns.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include "base/assert.hpp"
#include "sim/text/line_reader.hpp"
#include "sim/text/numbers.hpp"

namespace chaski::sim {
namespace {

/// A line; who is seen still has the number of the file.
base::Expected<Contact, ParseError> sighting_in(const LineReader& line, base::Duration resolution) {
  constexpr std::uint32_t kIdMax = std::numeric_limits<std::uint32_t>::max();
  const auto t = seconds_in(line.word(0));
  if (!t) return base::unexpected(line.wrong_word(0, "a time in seconds from 0 to 4e9"));
  const auto i = whole_in(line.word(1), kIdMax);
  if (!i) return base::unexpected(line.wrong_word(1, "the number of a person"));
  const auto j = whole_in(line.word(2), kIdMax);
  if (!j) return base::unexpected(line.wrong_word(2, "the number of a person"));
  if (*i == *j)
    return base::unexpected(line.wrong("two people", in_quotes(line.word(1)) + " twice"));
  const base::Time until = base::Time{} + *t;
  return Contact{until - resolution, until, std::min(*i, *j), std::max(*i, *j)};
}

/// The numbers that occur, each once, ascending.
std::vector<std::uint32_t> ids_of(const std::vector<Contact>& contacts) {
  std::vector<std::uint32_t> ids;
  ids.reserve(2 * contacts.size());
  for (const Contact& contact : contacts) {
    ids.push_back(contact.a);
    ids.push_back(contact.b);
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

}  // namespace

base::Expected<ContactTrace, ParseError> parse_sociopatterns(std::string_view text,
                                                             std::string_view file,
                                                             const SociopatternsOptions& options) {
  CHASKI_ASSERT(options.resolution > base::Duration{});
  LineReader line(text, file);
  std::vector<Contact> contacts;
  while (line.next()) {
    const auto sighting = sighting_in(line, options.resolution);
    if (!sighting) return base::unexpected(sighting.error());
    if (!contacts.empty() && sighting->end < contacts.back().end) {
      const auto before = contacts.back().end.time_since_epoch();
      return base::unexpected(
          line.wrong("no time before that of the line above, " + seconds_text(before),
                     in_quotes(line.word(0))));
    }
    if (contacts.size() >= options.limits.changes_max / 2) {
      return base::unexpected(line.wrong(
          "at most " + std::to_string(options.limits.changes_max / 2) + " sightings", "more"));
    }
    contacts.push_back(*sighting);
  }
  if (contacts.empty()) {
    return base::unexpected(ParseError{std::string(file), 0, "lines `t i j`", "none"});
  }
  const std::vector<std::uint32_t> ids = ids_of(contacts);
  if (ids.size() > options.limits.nodes_max) {
    return base::unexpected(ParseError{
        std::string(file), 0, "at most " + std::to_string(options.limits.nodes_max) + " people",
        std::to_string(ids.size())});
  }
  const auto node_of = [&](std::uint32_t id) {
    return static_cast<NodeIndex>(std::lower_bound(ids.begin(), ids.end(), id) - ids.begin());
  };
  // The first line has the first begin, for all are seen equally long.
  const base::Duration origin = contacts.front().begin.time_since_epoch();
  const base::Time end = contacts.back().end - origin;
  for (Contact& contact : contacts) {
    contact = {contact.begin - origin, contact.end - origin, node_of(contact.a),
               node_of(contact.b)};
  }
  ContactTrace trace =
      trace_of(merged(std::move(contacts)), static_cast<std::uint32_t>(ids.size()), end);
  for (const std::uint32_t id : ids) trace.names.push_back(std::to_string(id));
  trace.origin = origin;
  return trace;
}

}  // namespace chaski::sim
