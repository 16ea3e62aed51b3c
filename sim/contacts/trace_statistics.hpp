// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/time.hpp"
#include "sim/contacts/contact_trace.hpp"

namespace chaski::sim {

/// What a trace is like. Contacts that last beyond the end are counted up to it.
struct TraceStatistics {
  std::uint64_t contacts = 0;
  std::uint64_t pairs = 0;      ///< that ever met
  std::uint32_t nodes_met = 0;  ///< that ever met anybody
  base::Duration total{};       ///< of all contacts
  base::Duration median{};      ///< of a contact; of an even number the lower
  base::Duration longest{};
};

TraceStatistics statistics_of(const ContactTrace& trace);

}  // namespace chaski::sim
