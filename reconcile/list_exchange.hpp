// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "reconcile/exchange.hpp"
#include "reconcile/gap_code.hpp"
#include "reconcile/opener.hpp"

namespace chaski::reconcile {

/// An Exchange for a board with little memory, which takes part with kOpenerListMax ids at most.
///
/// It always opens with a list, and who lists is asked no sketch: it neither splits, estimates nor
/// takes a polynomial apart. Of more ids those with the smallest short ids take part, others in
/// each session; the rest is left out like ids that are there twice (C2): they count as missing on
/// the other side, and what of them the other side has is offered here once more.
///
/// Of their sketch only the polynomial is made; which of our ids are its roots is found by trying
/// them. When it has as many roots as their sketch has syndromes and none is ours, it may be noise:
/// then their answer is waited for, though it may not come. That happens when they have all that we
/// have and just 36 ids more, and the owner's patience ends it.
///
/// Used as Exchange is. Memory: 0.4 KiB, 4 bytes for each missing id, and 3 KiB for a moment.
class ListExchange {
 public:
  /// Most ids of one side.
  static constexpr std::uint32_t kIdsMax = (1u << 15) - 1;
  explicit ListExchange(Role role) : role_(role) {}

  void add(ShortId id);
  void start();
  bool work();
  bool wants_to_send() const { return phase_ > Phase::adding && sent_ < opener_size(); }
  std::size_t write(base::MutableByteView out);
  bool receive(base::ByteView payload);
  bool finished() const { return phase_ == Phase::finished; }
  bool failed() const { return phase_ == Phase::failed; }
  std::span<const std::uint32_t> missing() const { return missing_; }
  const ExchangeCounts& counts() const { return counts_; }
  std::size_t memory_used() const;

 private:
  enum class Phase : std::uint8_t { adding, waiting, asking, finished, failed };
  /// An id, above it its index, and above that whether it is there twice.
  struct Entry {
    std::uint64_t packed = 0;

    ShortId id() const { return packed & kFieldMask; }
    std::uint32_t index() const {
      return static_cast<std::uint32_t>(packed >> kFieldBits) & kIdsMax;
    }
    bool repeated() const { return packed >> 63 != 0; }
  };

  std::size_t opener_size() const;
  std::span<const Entry> listed() const { return std::span(entries_).first(size_); }
  Read meet();
  void meet_list(std::span<const ShortId> theirs);
  bool meet_sketch(std::uint32_t count, std::span<Element> sums);
  Read read_answer();
  void they_lack(std::uint32_t index);
  void end(Phase phase);

  Role role_;
  Phase phase_ = Phase::adding;
  std::uint8_t size_ = 0;                      // of what is listed
  std::size_t sent_ = 0;                       // of our opener
  std::array<Entry, kOpenerListMax> entries_;  // ascending
  base::Bytes in_;
  std::vector<std::uint32_t> missing_;
  ExchangeCounts counts_;
};

}  // namespace chaski::reconcile
