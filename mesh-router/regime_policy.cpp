// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/regime_policy.hpp"

#include <algorithm>
#include <bit>

namespace chaski::mesh_router {

namespace {

std::uint64_t mask(unsigned bit) { return std::uint64_t{1} << bit; }

/// It goes, and is as limited there as here.
Decision copy_of(const HeldEnvelope& held) {
  const std::uint16_t limit = held.copies == 0 ? 0 : RegimePolicy::kLimited;
  return {Offer::push, limit, limit};
}

}  // namespace

unsigned RegimePolicy::degree() const { return static_cast<unsigned>(std::popcount(up_)); }

void RegimePolicy::contact_up(const Contact& contact) {
  if (links_[contact.bit]++ > 0) return;
  up_ |= mask(contact.bit);
  pace_.met(contact.since);
  if (kChooses) usefulness_.forget(contact.bit);
  crowd_ = crowd_ || degree() >= kCrowdFrom;
}

void RegimePolicy::contact_down(const Contact& contact, base::Time now) {
  if (--links_[contact.bit] > 0) return;
  up_ &= ~mask(contact.bit);
  if (degree() + 1 == kCrowdKeeps) few_since_ = now;
}

void RegimePolicy::look_around(base::Time now) {
  if (crowd_ && degree() < kCrowdKeeps && now - few_since_ >= kCrowdEnds) crowd_ = false;
}

std::optional<base::Time> RegimePolicy::offers_again_at(const Contact& contact) const {
  return contact.since + kStandingAfter;
}

void RegimePolicy::adopt(HeldEnvelope& held) {
  if (held.local && !held.is_receipt && held.copies == 0) held.set_copies(kLimited);
}

void RegimePolicy::committed(SlotRef ref, const HeldEnvelope& held) {
  if (!crowd_ || pushes_to_all() || held.size > kSmallEnvelopeMax) return;
  RunningFloods::Flood& flood = floods_.begin(ref);
  const std::uint64_t known = held.known_by & up_;
  flood.from = known == 0 ? Usefulness::kOwn : static_cast<unsigned>(std::countr_zero(known));
  choose_eager(flood, up_ & ~known);
}

/// The most useful ones, with a little chance in it, so that neighbours of equal use share the work
/// and do not all choose the same.
void RegimePolicy::choose_eager(RunningFloods::Flood& flood, std::uint64_t candidates) {
  constexpr unsigned kChance = 64;
  struct Rated {
    unsigned rating = 0;
    unsigned bit = 0;
  };
  std::array<Rated, kNeighboursMax> rated;
  std::size_t count = 0;
  for (std::uint64_t bits = candidates; bits != 0; bits &= bits - 1) {
    const auto bit = static_cast<unsigned>(std::countr_zero(bits));
    const auto chance = static_cast<unsigned>(random_.below(kChance));
    rated[count++] = {usefulness_.of(flood.from, bit) + chance, bit};
    usefulness_.was_told(flood.from, bit);
  }
  const std::size_t share = std::max(kFloodAllUpTo, (degree() * kPushShare + 50) / 100);
  const std::size_t pushed = std::min(count, share);
  std::partial_sort(rated.begin(), rated.begin() + static_cast<std::ptrdiff_t>(pushed),
                    rated.begin() + static_cast<std::ptrdiff_t>(count),
                    [](const Rated& a, const Rated& b) { return a.rating > b.rating; });
  flood.told = candidates;
  for (std::size_t i = 0; i < pushed; ++i) flood.eager |= mask(rated[i].bit);
}

void RegimePolicy::heard(SlotRef ref, unsigned bit) {
  RunningFloods::Flood* flood = kChooses ? floods_.find(ref) : nullptr;
  if (flood == nullptr || (flood->told & mask(bit)) == 0) return;
  flood->told &= ~mask(bit);
  usefulness_.had_it(flood->from, bit);
}

Decision RegimePolicy::offer(SlotRef ref, const HeldEnvelope& held, const Contact& to,
                             base::Time now) {
  look_around(now);
  if (crowd_) return offer_in_crowd(ref, held, to);
  const base::Duration age = std::chrono::milliseconds(held.age_ms(now));
  const bool limited = !held.is_receipt && held.copies != 0;
  const bool chance = now - to.since < kStandingAfter;
  if (!limited) return copy_of(held);
  const base::Duration gap = pace_.mean_gap(now);
  if (age > kOldGaps * gap) return {Offer::push, 0, 0};
  if (chance && age > kYoungGaps * gap) return {Offer::show, kLimited, kLimited};
  return copy_of(held);
}

Decision RegimePolicy::offer_in_crowd(SlotRef ref, const HeldEnvelope& held, const Contact& to) {
  Decision decision = copy_of(held);
  if (pushes_to_all()) return decision;
  const RunningFloods::Flood* flood = floods_.find(ref);
  const bool elsewhere = std::popcount(held.known_by & up_) >= kElsewhere;
  if (flood != nullptr ? (flood->eager & mask(to.bit)) == 0
                       : elsewhere || held.size > kSmallEnvelopeMax) {
    decision.offer = Offer::announce;
  }
  return decision;
}

void RegimePolicy::shown(HeldEnvelope& held) {
  held.shown = (held.shown + 1u) & 0xFu;
  if (held.shown < kPatience) return;
  held.shown = 0;
  held.set_copies(0);
}

std::unique_ptr<ForwardingPolicy> make_regimes(base::Random& random, void*) {
  return std::make_unique<RegimePolicy>(random);
}

}  // namespace chaski::mesh_router
