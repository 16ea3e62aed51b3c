// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/random.hpp"
#include "wire/envelope.hpp"

namespace chaski::node {

/// Lifetimes that leave a node: few, so that one's habit does not name its sender.
inline constexpr std::array<std::uint32_t, 6> kLifetimeClasses_s = {
    3600, 6 * 3600, 24 * 3600, 3 * 24 * 3600, 7 * 24 * 3600, 14 * 24 * 3600};

/// The smallest class that is at least `lifetime_s`; nothing for 0 or above the longest.
std::optional<std::uint32_t> lifetime_class(std::uint32_t lifetime_s);

inline constexpr std::uint64_t kInitialAgeMax_ms = 60'000;  ///< exclusive
/// Long ways are common where links are few: with half as many hops, one message in 2,000 of the
/// scale world (1,000 nodes, 20 islands in a row) ended with nobody who might hand it on.
inline constexpr std::uint8_t kInitialHopsMin = 48;
inline constexpr std::uint8_t kInitialHopsMax = 64;

/// The state in which an envelope leaves its author: age and hops are random, so that a neighbour
/// cannot tell a message written here from one carried here. Neither has an edge at which many
/// begin, since who sees a value at the edge knows that nobody carried it before: the age is a sum
/// of two draws, hops are mesh_router::initial_hops().
wire::CarryState initial_carry_state(base::Random& random);

}  // namespace chaski::node
