// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/assert.hpp"

namespace chaski::sim {

/// What happens next, for many events: a constant number of moves each, where a heap of millions
/// misses the cache at every level.
///
/// A hierarchical timing wheel (Varghese and Lauck, SOSP 1987) of 64 slots a level, and a small
/// heap for the slot at hand, so the order is total: that of `<`, which compares `key` first.
/// Events have a `std::uint64_t key`; none is pushed below what was last popped.
template <class Event>
class TimeWheel {
 public:
  void push(const Event& event) {
    ++size_;
    if (event.key >= heap_end_) return place(event);
    heap_.push_back(event);
    std::push_heap(heap_.begin(), heap_.end(), Later{});
    if (heap_.size() > kHeapMax && heap_end_ - start_ > 1) spill();
  }

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

  /// Not when empty. Calls soon(event) for those that come up together with it.
  template <class Soon>
  const Event& front(Soon soon) {
    if (heap_.empty()) {
      refill();
      for (const Event& event : heap_) soon(event);
    }
    return heap_.front();
  }
  const Event& front() {
    return front([](const Event&) {});
  }

  void pop() {
    if (heap_.empty()) refill();
    std::pop_heap(heap_.begin(), heap_.end(), Later{});
    heap_.pop_back();
    --size_;
  }

 private:
  static constexpr unsigned kBits = 6;
  static constexpr std::size_t kSlots = 1u << kBits;
  static constexpr std::size_t kLevels = (64 + kBits - 1) / kBits;
  /// A slot with no more is not divided further; what belongs to so many events fits the cache.
  static constexpr std::size_t kHeapFill = 64;
  static constexpr std::size_t kHeapMax = 2'048;
  /// A slot that is emptied keeps so much memory.
  static constexpr std::size_t kKeep = 1'024;

  struct Later {
    bool operator()(const Event& a, const Event& b) const { return b < a; }
  };

  static std::size_t slot(std::uint64_t key, std::size_t level) {
    return (key >> (kBits * level)) % kSlots;
  }

  /// At the level of the highest digit in which the key differs from where the wheel stands.
  void place(const Event& event) {
    const std::uint64_t differs = event.key ^ start_;
    const std::size_t level =
        differs == 0 ? 0 : (static_cast<std::size_t>(std::bit_width(differs)) - 1) / kBits;
    const std::size_t at = slot(event.key, level);
    slots_[level][at].push_back(event);
    filled_[level] |= std::uint64_t{1} << at;
  }

  /// Makes the earliest slot the heap, dividing it while it is too full.
  void refill() {
    CHASKI_ASSERT(size_ > 0);
    for (;;) {
      std::size_t level = 0;
      while (filled_[level] == 0) ++level;
      const auto at = static_cast<std::size_t>(std::countr_zero(filled_[level]));
      filled_[level] &= filled_[level] - 1;
      std::vector<Event>& events = slots_[level][at];
      const std::uint64_t span = std::uint64_t{1} << (kBits * level);
      const std::uint64_t above = level + 1 == kLevels ? 0 : ~(span * kSlots - 1);
      start_ = (start_ & above) | (at * span);
      if (level == 0 || events.size() <= kHeapFill) {
        heap_end_ = start_ + span;
        heap_.swap(events);
        std::make_heap(heap_.begin(), heap_.end(), Later{});
        return;
      }
      heap_end_ = start_;
      std::vector<Event> divided;
      divided.swap(events);
      for (const Event& event : divided) place(event);
      if (divided.capacity() > kKeep) continue;
      divided.clear();
      slots_[level][at].swap(divided);
    }
  }

  /// The heap has grown too large: what is in it goes to the slots again.
  void spill() {
    start_ = heap_.front().key;
    heap_end_ = start_;
    for (const Event& event : heap_) place(event);
    heap_.clear();
  }

  std::array<std::array<std::vector<Event>, kSlots>, kLevels> slots_;
  std::array<std::uint64_t, kLevels> filled_{};
  std::vector<Event> heap_;
  std::uint64_t start_ = 0;     ///< where the wheel stands
  std::uint64_t heap_end_ = 0;  ///< what is below is in the heap
  std::size_t size_ = 0;
};

}  // namespace chaski::sim
