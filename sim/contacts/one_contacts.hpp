// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/expected.hpp"
#include "sim/contacts/contact_trace.hpp"
#include "sim/text/parse_error.hpp"

namespace chaski::sim {

/// How a file of The ONE's events becomes a trace.
struct OneContactsOptions {
  /// Hosts are 0 to hosts - 1, as The ONE numbers them, and any other is an error. 0: the hosts
  /// that the file names, in the order of their numbers.
  std::uint32_t hosts = 0;
  /// When the world ends: what comes later is read for its form and left out. Without: at the last
  /// event.
  std::optional<base::Time> end;
  TraceLimits limits;
};

/// Reads contacts from The ONE's connectivity events: `<time> CONN <a> <b> up|down`.
///
/// Other events of the same file are read for their hosts and their form alone. A contact that
/// begins and ends at one time is left out; two of a pair that touch stay two. Changes of
/// equal time stay in the order of the file, but for down before up. Errors are a line
/// that is not as in one_event.hpp, a time before that of the line above, `up` of who are in
/// contact, `down` of who are not, one host number with two groups' names, no connectivity event at
/// all, and the limits.
base::Expected<ContactTrace, ParseError> parse_one_contacts(std::string_view text,
                                                            std::string_view file,
                                                            const OneContactsOptions& options = {});

/// A trace as The ONE reads it; parse_one_contacts() makes the same trace of it, if `hosts` and
/// `end` are given. The names of the nodes must be host ids.
std::string one_contacts_text(const ContactTrace& trace);

}  // namespace chaski::sim
