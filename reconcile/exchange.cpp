// SPDX-License-Identifier: Apache-2.0
#include "reconcile/exchange.hpp"

#include <algorithm>
#include <vector>

#include "base/assert.hpp"

namespace chaski::reconcile {

namespace {

constexpr std::size_t kIdSize = 6;
constexpr std::size_t kSlice = 16'384;  // ids looked at in one piece of work

struct Own {
  ShortId id;
  std::uint32_t index;
  bool shared;  // the other side has it
};

}  // namespace

/// Each side lists its count and its ids; whoever heard all of the other's knows.
struct Exchange::Impl {
  Role role;
  std::vector<Own> own;
  std::vector<std::uint32_t> missing;
  base::Bytes outbox;
  base::Bytes inbox;
  std::size_t scanned = 0;
  std::uint32_t left = 0;  // ids of theirs that have not come
  bool started = false, sorted = false, counted = false, heard = false, failed = false;
  ExchangeCounts counts;

  void put(std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
      outbox.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    }
  }
  std::uint64_t take(std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i) value |= std::uint64_t{inbox[i]} << (8 * i);
    inbox.erase(inbox.begin(), inbox.begin() + static_cast<std::ptrdiff_t>(size));
    return value;
  }
  void sort() {
    std::sort(own.begin(), own.end(), [](const Own& a, const Own& b) { return a.id < b.id; });
    put(own.size(), 3);
    for (const Own& one : own) put(one.id, kIdSize);
    sorted = true;
  }
  void hear() {
    std::size_t at = 0;
    if (!counted && inbox.size() >= 3) {
      counts.theirs = left = static_cast<std::uint32_t>(take(3));
      counted = true;
    }
    if (!counted) return;
    for (; left > 0 && at + kIdSize <= inbox.size(); at += kIdSize, --left) {
      ShortId id = 0;
      for (std::size_t i = 0; i < kIdSize; ++i) id |= ShortId{inbox[at + i]} << (8 * i);
      const auto found = std::lower_bound(own.begin(), own.end(), id,
                                          [](const Own& o, ShortId x) { return o.id < x; });
      if (found != own.end() && found->id == id) found->shared = true;
      else ++counts.we_lack;
    }
    inbox.erase(inbox.begin(), inbox.begin() + static_cast<std::ptrdiff_t>(at));
    heard = left == 0;
  }
  bool scan() {
    const std::size_t end = std::min(own.size(), scanned + kSlice);
    for (; scanned < end; ++scanned) {
      if (!own[scanned].shared) missing.push_back(own[scanned].index);
    }
    counts.they_lack = static_cast<std::uint32_t>(missing.size());
    return scanned < own.size();
  }
};

Exchange::Exchange(Role role) : impl_(std::make_unique<Impl>()) { impl_->role = role; }
Exchange::~Exchange() = default;
Exchange::Exchange(Exchange&&) noexcept = default;
Exchange& Exchange::operator=(Exchange&&) noexcept = default;

void Exchange::reserve(std::size_t count) { impl_->own.reserve(count); }

void Exchange::add(ShortId id) {
  CHASKI_ASSERT(!impl_->started && id != 0 && id <= kFieldMask && impl_->own.size() < kIdsMax);
  impl_->own.push_back({id, impl_->counts.ours++, false});
}

void Exchange::start() { impl_->started = true; }

bool Exchange::work() {
  Impl& me = *impl_;
  if (!me.started || me.failed) return false;
  if (!me.sorted) {
    me.sort();
    return true;
  }
  if (!me.heard) me.hear();
  return me.heard && me.scan();
}

bool Exchange::wants_to_send() const { return !impl_->failed && !impl_->outbox.empty(); }

std::size_t Exchange::write(base::MutableByteView out) {
  Impl& me = *impl_;
  const std::size_t size = me.failed ? 0 : std::min(out.size(), me.outbox.size());
  const auto end = me.outbox.begin() + static_cast<std::ptrdiff_t>(size);
  std::copy(me.outbox.begin(), end, out.begin());
  me.outbox.erase(me.outbox.begin(), end);
  me.counts.bytes_sent += size;
  return size;
}

bool Exchange::receive(base::ByteView payload) {
  Impl& me = *impl_;
  if (me.failed || payload.empty()) return false;
  me.counts.bytes_received += payload.size();
  me.inbox.insert(me.inbox.end(), payload.begin(), payload.end());
  return true;
}

bool Exchange::finished() const { return impl_->heard && impl_->scanned == impl_->own.size(); }
bool Exchange::failed() const { return impl_->failed; }
std::span<const std::uint32_t> Exchange::missing() const { return impl_->missing; }
const ExchangeCounts& Exchange::counts() const { return impl_->counts; }
std::size_t Exchange::memory_used() const {
  return impl_->own.capacity() * sizeof(Own) + impl_->missing.capacity() * 4 +
         impl_->outbox.capacity() + impl_->inbox.capacity();
}

}  // namespace chaski::reconcile
