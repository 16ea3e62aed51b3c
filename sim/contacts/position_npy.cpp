// SPDX-License-Identifier: Apache-2.0
#include "sim/contacts/position_npy.hpp"

#include <bit>
#include <cmath>
#include <concepts>

#include "base/assert.hpp"
#include "sim/contacts/npy_header.hpp"

namespace chaski::sim {
namespace {

using Result = base::Expected<PositionTrace, ParseError>;

Result fail(std::string_view file, std::string expected, std::string found) {
  return base::unexpected(ParseError{std::string(file), 0, std::move(expected), std::move(found)});
}

/// A little-endian number at any address.
template <std::floating_point Real, std::unsigned_integral Bits>
double real_at(const std::uint8_t* bytes) {
  Bits bits = 0;
  for (std::size_t i = sizeof(Bits); i > 0; --i) bits = static_cast<Bits>(bits << 8 | bytes[i - 1]);
  return static_cast<double>(std::bit_cast<Real>(bits));
}

std::string shape_text(const std::vector<std::uint64_t>& shape) {
  std::string text = "(";
  for (const std::uint64_t size : shape) {
    if (text.size() > 1) text += ", ";
    text += std::to_string(size);
  }
  return text + ")";
}

}  // namespace

Result parse_position_npy(base::ByteView bytes, std::string_view file,
                          const PositionNpyOptions& options) {
  CHASKI_ASSERT(options.interval > base::Duration{});
  const auto header = parse_npy_header(bytes);
  if (!header) return fail(file, header.error().expected, header.error().found);
  const bool wide = header->descr == "<f8";
  if (!wide && header->descr != "<f4") {
    return fail(file, "elements of type <f4 or <f8", in_quotes(header->descr));
  }
  if (header->fortran_order) return fail(file, "an array in C order", "one in Fortran order");
  const auto& shape = header->shape;
  if (shape.size() != 3 || shape[0] == 0 || shape[1] == 0 || shape[2] != 2) {
    return fail(file, "an array of shape (samples, nodes, 2)", shape_text(shape));
  }
  const PositionLimits& limits = options.limits;
  if (shape[1] > limits.nodes_max || shape[0] > limits.positions_max / shape[1]) {
    return fail(file,
                "at most " + std::to_string(limits.nodes_max) + " nodes and " +
                    std::to_string(limits.positions_max) + " positions",
                shape_text(shape));
  }
  const std::uint64_t positions = shape[0] * shape[1];
  const std::size_t width = wide ? 8 : 4;
  const base::ByteView elements = bytes.subspan(header->size);
  if (elements.size() != positions * 2 * width) {
    return fail(file, std::to_string(positions * 2 * width) + " bytes after the header",
                std::to_string(elements.size()));
  }

  PositionTrace trace;
  trace.nodes = static_cast<std::uint32_t>(shape[1]);
  trace.interval = options.interval;
  trace.positions.resize(positions);
  for (std::uint64_t i = 0; i < 2 * positions; ++i) {
    const std::uint8_t* at = elements.data() + i * width;
    const double value =
        wide ? real_at<double, std::uint64_t>(at) : real_at<float, std::uint32_t>(at);
    // Says no to what is no number, too.
    if (!(std::abs(value) <= kCoordinateMax_m)) {
      return fail(file, "coordinates in metres, at most 2.01e7 from 0",
                  std::to_string(value) + " as element " +
                      shape_text({i / 2 / shape[1], i / 2 % shape[1], i % 2}));
    }
    Position& position = trace.positions[i / 2];
    (i % 2 == 0 ? position.x_m : position.y_m) = static_cast<float>(value);
  }
  return trace;
}

}  // namespace chaski::sim
