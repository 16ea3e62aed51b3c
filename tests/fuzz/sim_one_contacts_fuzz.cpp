// SPDX-License-Identifier: Apache-2.0
// A file of The ONE's connectivity events. What is taken is a well-formed trace, and is the same
// when it is written and read again; what is not has an error of one printable line.
#include <algorithm>

#include "base/assert.hpp"
#include "sim/contacts/one_contacts.hpp"

using namespace chaski;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto trace = sim::parse_one_contacts(text, "f");
  if (!trace) {
    const std::string message = trace.error().message();
    CHASKI_ASSERT(
        std::all_of(message.begin(), message.end(), [](char c) { return c >= 0x20 && c < 0x7f; }));
    return 0;
  }
  CHASKI_ASSERT(sim::is_well_formed(*trace));
  if (trace->changes.empty()) return 0;
  sim::OneContactsOptions options;
  options.end = trace->end;
  const auto again = sim::parse_one_contacts(sim::one_contacts_text(*trace), "f", options);
  CHASKI_ASSERT(again);
  CHASKI_ASSERT(again->changes.size() == trace->changes.size());
  // Hosts that met nobody are not in it, so that indices may differ and names may not.
  for (std::size_t i = 0; i < trace->changes.size(); ++i) {
    const sim::ContactChange& x = trace->changes[i];
    const sim::ContactChange& y = again->changes[i];
    CHASKI_ASSERT(x.at == y.at && x.up == y.up);
    CHASKI_ASSERT(trace->name(x.a) == again->name(y.a) && trace->name(x.b) == again->name(y.b));
  }
  return 0;
}
