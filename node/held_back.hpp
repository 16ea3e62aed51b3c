// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "node/tag_table.hpp"
#include "wire/envelope.hpp"

namespace chaski::node {

/// Messages that came so far ahead of others of their session that keys would have to go for them.
///
/// Rules: (1) each is held by the router, carried like any other; here is only when to look again.
/// (2) that is when so many others of its session have opened, or when its patience ends: an hour
/// after it was first held back, and half of the life it had left then at most. From then on it
/// opens at the cost of the oldest keys: one at a time, the nearest first, so that what waits in
/// between is found before anything is passed over for it. (3) only what is authentic is held back;
/// at most kHeldBackMax for each session, as many as it expects tags, and what is above is carried
/// only.
class HeldBack {
 public:
  static constexpr base::Duration kPatience = std::chrono::hours(1);
  static constexpr std::size_t kHeldBackMax = 256;

  /// How long keys are kept from this message; not above zero when it has waited long enough.
  base::Duration patience(const TagOwner& owner, const wire::EnvelopeId& id,
                          const wire::EnvelopeFields& envelope, const wire::CarryState& state,
                          base::Time now) const;
  /// One was held back: it opens after `opens` others. `until` counts the first time.
  void add(const TagOwner& owner, const wire::EnvelopeId& id, const wire::DeliveryTag& tag,
           std::uint32_t opens, base::Time until);
  /// One opened; the tags of those that it makes room for are appended to `due`.
  void opened(const TagOwner& owner, const wire::EnvelopeId& id,
              std::vector<wire::DeliveryTag>& due);

  /// When the first patience ends, or before.
  std::optional<base::Time> next_end() const { return next_end_; }
  struct Ended {
    std::uint64_t session;
    wire::EnvelopeId id;
    wire::DeliveryTag tag;
  };
  /// Of one session the nearest whose patience has ended: to be offered again, then forgotten.
  std::optional<Ended> first_ended(base::Time now);
  void forget(const Ended& ended);
  std::size_t size() const;

 private:
  struct Message {
    wire::EnvelopeId id;
    wire::DeliveryTag tag;
    std::uint64_t after;  ///< due when so many of its session have opened
    base::Time until;
  };
  struct Waiting {
    std::uint64_t opened = 0;
    std::vector<Message> messages;
  };
  /// Contact and session in one number.
  static std::uint64_t number(const TagOwner& owner) {
    return (std::uint64_t{owner.contact} << 8) | owner.session;
  }

  using Sessions = std::map<std::uint64_t, Waiting>;
  void remove(Sessions::iterator session, const wire::EnvelopeId& id);

  Sessions sessions_;  ///< with one that waits at least
  std::optional<base::Time> next_end_;
};

}  // namespace chaski::node
