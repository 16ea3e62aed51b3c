// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "base/time.hpp"
#include "wire/reassembler.hpp"

namespace chaski::mesh_router {

/// When the transfers began whose pieces come over one link, so that their time on the way counts.
class TransferTimes {
 public:
  /// Tell of each piece before `reassembler` gets it: when the first one of its transfer came.
  base::Time piece_came(std::uint32_t transfer, const wire::Reassembler& reassembler,
                        base::Time now) {
    const bool goes_on = reassembler.is_open(transfer);
    for (const Begun& begun : begun_) {
      if (goes_on && begun.transfer == transfer) return begun.at;
    }
    for (Begun& begun : begun_) {
      if (reassembler.is_open(begun.transfer)) continue;
      begun = {transfer, now};  // in place of one that ended
      break;
    }
    return now;
  }

 private:
  struct Begun {
    std::uint32_t transfer = 0;
    base::Time at{};
  };
  std::array<Begun, wire::Reassembler::kTransfersMax> begun_;
};

}  // namespace chaski::mesh_router
