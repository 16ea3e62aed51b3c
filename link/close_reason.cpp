// SPDX-License-Identifier: Apache-2.0
#include "link/link.hpp"

namespace chaski::link {

const char* to_string(CloseReason reason) {
  switch (reason) {
    case CloseReason::going_away: return "going away";
    case CloseReason::duplicate: return "duplicate link";
    case CloseReason::too_many_links: return "too many links";
    case CloseReason::protocol_error: return "protocol error";
    case CloseReason::handshake_failed: return "handshake failed";
    case CloseReason::handshake_timeout: return "handshake timed out";
    case CloseReason::silent: return "peer is silent";
    case CloseReason::self: return "connected to itself";
    case CloseReason::version: return "no protocol version in common";
    case CloseReason::transport: return "transport closed";
    case CloseReason::peer_closed: return "peer closed";
  }
  return "unknown reason";
}

}  // namespace chaski::link
