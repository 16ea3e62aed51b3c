// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tools/bench/bench.hpp"

namespace chaski::bench {

/// Files as sets of chunks.
Command attachment_command();
/// The simulator's contacts, and the oracle over them.
Command contacts_command();
/// Sessions between people, beside other libraries and beside bare libsodium.
Command e2ee_command();
/// Forwarding strategies over ideal links, contacts found meanwhile.
Command ideal_command();
/// People who walk: what finding their contacts takes, and how often they meet.
Command mobility_command();
/// Two exchanges and nothing else, on one core.
Command reconcile_command();
/// Three real daemons, A -> B -> C over loopback, durable at each.
Command relay_command();
/// Forwarding strategies in worlds of routers: a crowd, and nodes that meet by chance.
Command regimes_command();
/// The router alone, in memory, on one core.
Command router_command();
/// Sketches of short ids, and nothing around them.
Command sketch_command();
/// Proof of work: what a stamp costs its maker and its reader.
Command stamp_command();

}  // namespace chaski::bench
