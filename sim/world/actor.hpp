// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "base/link_id.hpp"
#include "base/time.hpp"
#include "node/node.hpp"

namespace chaski::sim {

/// Something that stands in the world and has links: an honest node (NodeHost) or a liar.
///
/// Order of polling: inputs; settle(); closed_links(); then next_frame() for each of ready_links()
/// while there is room; then next_wakeup().
class Actor {
 public:
  using EventSink = std::function<void(const node::NodeEvent&)>;

  virtual ~Actor() = default;
  /// Where it tells what happens. Of a liar: when the handshake of a link proved who is there.
  virtual void set_sink(EventSink /*sink*/) {}
  /// What its radio tells of what it holds: equal as long as that is the same.
  virtual std::array<std::uint64_t, 2> held_sum() const { return {}; }
  /// False: the connection is closed at once.
  virtual bool link_opened(base::LinkId link, base::TransportKind kind, base::LinkRole role,
                           std::size_t frame_size_max, base::Time now) = 0;
  virtual void link_closed(base::LinkId link, base::Time now) = 0;
  virtual void receive(base::LinkId link, base::MutableByteView frame, base::Time now) = 0;
  virtual std::size_t next_frame(base::LinkId link, base::MutableByteView out, base::Time now) = 0;
  virtual std::vector<base::LinkId> ready_links() = 0;
  /// Links that the actor wants closed; each call empties the list.
  virtual std::vector<base::LinkId> closed_links() = 0;
  /// Makes durable what must be. False: it has to be restarted from its store.
  virtual bool settle(base::Time now) = 0;
  virtual std::optional<base::Time> next_wakeup() const = 0;
  virtual void wake(base::Time now) = 0;
  /// Whether nothing is queued, on its way or unsaved here.
  virtual bool idle() const = 0;
};

}  // namespace chaski::sim
