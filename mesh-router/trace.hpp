// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>

#include "base/small.hpp"
#include "mesh-router/explanation.hpp"
#include "mesh-router/ring.hpp"
#include "wire/envelope.hpp"

namespace chaski::mesh_router {

/// An envelope went into a frame: to whom, out of which queue, and what stood beside it.
struct SentEvent {
  enum class Part : std::uint8_t {
    whole,
    begun,  ///< its pieces go from now on, and end with `last`
    last,
  };
  wire::EnvelopeId id;
  NeighbourId neighbour;
  base::LinkId link;
  std::uint64_t sequence = 0;  ///< its number on this link; 0 while only begun
  Lane lane = Lane::receipts;
  Part part = Part::whole;
  bool backlog = false;        ///< held at link-up or refused, else fresh; not of `last`
  std::uint8_t hops_left = 0;  ///< as sent; not of `last`
  std::uint16_t copies = 0;    ///< as sent; not of `last`
};

/// An envelope's turn came and it did not go.
struct WithheldEvent {
  wire::EnvelopeId id;
  NeighbourId neighbour;
  base::LinkId link;
  Lane lane = Lane::receipts;
  Withheld why = Withheld::queued;
};

using TraceEvent = std::variant<SentEvent, WithheldEvent>;

/// The decisions of one router until the owner asks for them; of a limit of 0, nothing is kept and
/// nothing is computed. When full, the oldest goes and is counted.
class DecisionTrace {
 public:
  explicit DecisionTrace(std::size_t limit) : limit_(limit) {}
  bool on() const { return !base::kSmall && limit_ > 0; }
  void push(const TraceEvent& event);
  std::optional<TraceEvent> pop();
  std::uint64_t lost() const { return lost_; }

 private:
  std::size_t limit_;
  std::uint64_t lost_ = 0;
  Ring<TraceEvent> events_;
};

}  // namespace chaski::mesh_router
