// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <signal/signal_protocol.h>

#include <cstdint>
#include <vector>

namespace chaski::bench {

/// What one person of libsignal-protocol-c remembers, in memory, about one contact: the least that
/// its callbacks can cost is one copy each.
struct SignalStores {
  using Bytes = std::vector<std::uint8_t>;
  Bytes session;
  Bytes prekey;
  Bytes signed_prekey;
  Bytes identity_public;
  Bytes identity_private;

  /// Ties these to a store context of the library; `this` must outlive it.
  void attach(signal_protocol_store_context* context);
};

}  // namespace chaski::bench
