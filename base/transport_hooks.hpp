// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "base/bytes.hpp"
#include "base/link_id.hpp"

namespace chaski::base {

/// What a transport needs of its owner. All are called from the one io_context thread, none from
/// within a call to the transport but log, and none after its destruction.
struct TransportHooks {
  std::function<LinkId()> new_link_id;
  /// False: refuse the connection. `frame_size_max`: what it takes in one frame. `origin`: what the
  /// transport knows links of one place by; 0: it cannot tell.
  std::function<bool(LinkId, LinkRole, std::size_t frame_size_max, std::uint64_t origin)> opened;
  std::function<void(LinkId, MutableByteView frame)> received;
  /// Pulls one frame into `out`; 0 when nothing wants to go.
  std::function<std::size_t(LinkId, MutableByteView out)> next_frame;
  /// Once for each link whose opened() returned true, whoever ended it.
  std::function<void(LinkId)> closed;
  /// Called once after a batch of received() calls: the owner commits and pulls here.
  std::function<void()> batch_done;
  std::function<void(int level, std::string message)> log;  ///< syslog level
};

}  // namespace chaski::base
