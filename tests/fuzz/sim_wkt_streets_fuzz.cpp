// SPDX-License-Identifier: Apache-2.0
// A map that is taken is one on which everybody can walk everywhere, inside its own extent; one
// that is not taken says where and why in one printable line.
#include <algorithm>
#include <memory>
#include <string_view>

#include "base/assert.hpp"
#include "sim/mobility/street_paths.hpp"
#include "sim/mobility/wkt_streets.hpp"

using namespace chaski;

namespace {

void check_error(const sim::ParseError& error, std::string_view text) {
  const auto lines = static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  CHASKI_ASSERT(error.line <= lines);
  for (const char c : error.message()) CHASKI_ASSERT(c >= ' ' && c <= '~');
}

void check_map(const sim::StreetGraph& map) {
  CHASKI_ASSERT(map.corners() >= 2 && !map.unreachable());
  const sim::Rectangle extent = map.extent();
  CHASKI_ASSERT(extent.x_m == 0 && extent.y_m == 0);
  for (sim::Corner corner = 0; corner < map.corners(); ++corner) {
    CHASKI_ASSERT(extent.contains(map.place(corner), 1e-6));
    for (const auto& street : map.streets_at(corner)) {
      CHASKI_ASSERT(street.to != corner && street.length_m >= 0);
      const auto back = map.streets_at(street.to);
      CHASKI_ASSERT(std::find(back.begin(), back.end(),
                              sim::StreetGraph::Street{corner, street.length_m}) != back.end());
    }
  }
  sim::StreetPaths paths(std::make_shared<const sim::StreetGraph>(map));
  const sim::Corner goal = map.corners() - 1;
  std::size_t steps = 0;
  for (sim::Corner at = 0; at != goal; at = paths.next(at, goal)) {
    CHASKI_ASSERT(++steps < map.corners());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto map = sim::parse_wkt_streets(text, "map.wkt");
  if (map) {
    check_map(*map);
  } else {
    check_error(map.error(), text);
  }
  return 0;
}
