// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "transport-ble/ble_types.hpp"

namespace chaski::transport_ble {

/// First bytes of a keyed hash of what a node holds.
using Print = base::TaggedBytes<struct PrintOfHeld, 3>;

/// What an advertisement says beside the service (ble.md, 2.2).
struct Datum {
  Tag tag;
  Print print;
  bool dial_me = false;  ///< whatever you carry
  bool no_slot = false;  ///< to spare
  friend bool operator==(const Datum&, const Datum&) = default;
};

constexpr std::size_t kDatumSize = 8;

std::array<std::uint8_t, kDatumSize> encode(const Datum& datum);
/// Nothing when the size is another than kDatumSize or the version another than ours.
std::optional<Datum> parse_datum(base::ByteView bytes);

/// BLAKE2b of `held`, keyed with the tag, cut to its first bytes: equal for two nodes that hold the
/// same, and without relation between two tags.
Print print_of(const Digest& held, const Tag& tag);

}  // namespace chaski::transport_ble
