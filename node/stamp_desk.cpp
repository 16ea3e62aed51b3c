// SPDX-License-Identifier: Apache-2.0
#include "node/stamp_desk.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "e2ee/session.hpp"
#include "node/origin.hpp"

namespace chaski::node {
namespace {

/// Under this name the store keeps the answers: each the person's id, the size of what follows (2
/// bytes, little-endian), and UnpaidAnswer::save().
constexpr std::string_view kKey = "unpaid-answers";
constexpr std::size_t kHeadSize = e2ee::PersonId::kSize + 2;

}  // namespace

StampDesk::StampDesk(Context& context) : context_(context) {
  const auto bytes = context_.people().load_value(kKey);
  if (!bytes) return;
  base::ByteView rest = *bytes;
  while (rest.size() >= kHeadSize && !full()) {
    const auto contact = e2ee::PersonId::from(rest.first(e2ee::PersonId::kSize));
    const std::size_t size = rest[kHeadSize - 2] | std::size_t{rest[kHeadSize - 1]} << 8;
    rest = rest.subspan(kHeadSize);
    if (size > rest.size()) break;
    auto unpaid = e2ee::UnpaidAnswer::load(rest.first(size));
    if (contact && unpaid) waiting_.push_back({std::move(*unpaid), *contact});
    rest = rest.subspan(size);
  }
}

void StampDesk::save() {
  base::Bytes bytes;
  for (const Waiting& one : waiting_) {
    const base::Bytes saved = one.unpaid.save();
    bytes.insert(bytes.end(), one.contact.bytes.begin(), one.contact.bytes.end());
    bytes.push_back(static_cast<std::uint8_t>(saved.size()));
    bytes.push_back(static_cast<std::uint8_t>(saved.size() >> 8));
    bytes.insert(bytes.end(), saved.begin(), saved.end());
  }
  context_.people().save_value(kKey, bytes);
  context_.dirty = true;
}

void StampDesk::add(const e2ee::UnpaidAnswer& answer, const e2ee::PersonId& contact) {
  CHASKI_ASSERT(!full());
  waiting_.push_back({answer, contact});
  save();
}

bool StampDesk::cancel(const e2ee::PersonId& contact) {
  const auto found = std::find_if(waiting_.begin(), waiting_.end(),
                                  [&](const Waiting& one) { return one.contact == contact; });
  if (found == waiting_.end()) return false;
  if (found == waiting_.begin()) search_.reset();
  waiting_.erase(found);
  save();
  return true;
}

std::optional<base::Time> StampDesk::next_wakeup() const {
  if (waiting_.empty()) return std::nullopt;
  return due_;
}

void StampDesk::wake(mesh_router::Router& router, base::Time now) {
  if (waiting_.empty() || due_ > now) return;
  if (!search_) {
    search_.emplace(waiting_.front().unpaid.search(context_.random));
    began_ = now;
  }
  worked_at_ = now;
  due_ = now + kPause;
  if (!search_->work(kHashesPerSlice)) return;
  if (!try_submit(router, now)) {
    due_ = now + kRetry;
    return;
  }
  search_.reset();
  waiting_.pop_front();
  save();
}

bool StampDesk::try_submit(mesh_router::Router& router, base::Time now) {
  Waiting& first = waiting_.front();
  first.unpaid.pay(*search_->nonce());
  const base::Bytes envelope =
      e2ee::answer_envelope(first.unpaid.answer, kAnswerLifetime_s, context_.random);
  return router.submit(envelope, initial_carry_state(context_.random), now).has_value();
}

/// What was measured since this search began; before that, what a slice and its pause allow.
std::uint64_t StampDesk::hashes_per_second() const {
  using Microseconds = std::chrono::microseconds;
  constexpr std::uint64_t kSecond = Microseconds(std::chrono::seconds(1)).count();
  constexpr std::uint64_t kSlice = 2 * Microseconds(kPause).count();
  const auto passed = std::chrono::duration_cast<Microseconds>(worked_at_ - began_).count();
  if (!search_ || passed <= 0) return kHashesPerSlice * kSecond / kSlice;
  const auto done = search_->hashes_done() - std::min(search_->hashes_done(), kHashesPerSlice);
  return std::max<std::uint64_t>(1, done * kSecond / static_cast<std::uint64_t>(passed));
}

std::vector<StampWork> StampDesk::work() const {
  std::vector<StampWork> out;
  const std::uint64_t rate = hashes_per_second();
  std::uint64_t ahead = 0;
  for (const Waiting& one : waiting_) {
    const unsigned bits = one.unpaid.price_bits;
    const bool first = out.empty();
    // A search has no memory: what is left does not grow less by what was done in vain.
    const bool found = first && search_ && search_->nonce();
    if (!found) ahead += wire::stamp_hashes(bits);
    out.push_back({.contact = one.contact,
                   .price_bits = bits,
                   .hashes_done = first && search_ ? search_->hashes_done() : 0,
                   .hashes_expected = wire::stamp_hashes(bits),
                   .left = std::chrono::seconds(ahead / rate)});
  }
  return out;
}

}  // namespace chaski::node
