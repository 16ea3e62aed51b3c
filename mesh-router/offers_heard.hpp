// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "mesh-router/ring.hpp"
#include "wire/offer.hpp"
#include "wire/reassembler.hpp"
#include "wire/records.hpp"

namespace chaski::mesh_router {

/// The large envelopes that one neighbour has offered and not yet sent to the end, and our answers.
///
/// As many as there may be transfers, since each is one, and as many answers that were not sent; a
/// neighbour that offers more is broken.
class OffersHeard {
 public:
  static constexpr std::size_t kMax = wire::Reassembler::kTransfersMax;

  struct Heard {
    wire::Offer offer;
    base::Bytes beginning;  ///< what we had of it when it was offered
    base::Time at{};
  };

  /// Answers that `beginning` is here, and waits for the rest. False when it cannot be: the number
  /// is taken, or there are kMax.
  bool expect(const wire::Offer& offer, base::ByteView beginning, base::Time now);
  /// Answers that the whole of it is here. False when it cannot be.
  bool decline(const wire::Offer& offer);

  const Heard* find(std::uint32_t transfer) const;
  /// Takes it out.
  std::optional<Heard> take(std::uint32_t transfer);
  const std::optional<Heard>& operator[](std::size_t index) const { return heard_[index]; }

  bool wants_to_send() const { return !answers_.empty(); }
  void write(wire::RecordWriter& frame);

 private:
  std::array<std::optional<Heard>, kMax> heard_;
  Ring<wire::Resume> answers_;
};

}  // namespace chaski::mesh_router
