// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "reconcile/byte_queue.hpp"
#include "reconcile/fifo.hpp"
#include "reconcile/gap_code.hpp"
#include "reconcile/items.hpp"
#include "reconcile/plan.hpp"
#include "reconcile/results.hpp"
#include "reconcile/sketch_job.hpp"

namespace chaski::reconcile {

/// The side that tells: makes items (sketches and lists of partitions of the id space), and learns
/// from the answers which of its ids the other side lacks.
///
/// A partition that comes back unsolved is extended, split or listed, so that it ends, whatever the
/// answerer says; unanswered items are at most kWindow bytes and one item.
class Speaker {
 public:
  /// References must outlive it.
  Speaker(const ShortIdSet& set, ByteQueue& out, Results& results);

  /// The opener listed all our ids and is to be answered.
  void begin_listed();
  /// The opener had `known` syndromes and is to be answered. About `difference` ids differ: when
  /// that is well above what the opener can settle, goes on at once.
  void begin_sketched(std::size_t known, std::uint32_t difference);
  /// The other side knows nothing yet and lists are cheapest; nothing is to be answered.
  void begin_lists();

  /// A piece of work: ok when there was something to do, more when it waits for the answerer.
  Read work(ByteQueue& in);
  /// Everything is answered.
  bool done() const;
  std::size_t memory_used() const;

 private:
  enum class Member : std::uint8_t { no, yes, last };  // of a group
  struct Partition {
    IdRange range;
    std::size_t known = 0;  // syndromes told; 0: it was listed
    unsigned depth = 0;
    std::size_t size = 0;   // of the item that waits for its answer
    Member member = Member::no;
    std::uint8_t number = 0;  // among the members
  };
  struct Group {
    Shares shares;
    std::vector<Partition> members;
    std::vector<std::uint8_t> unsolved;  // as answered so far
  };
  struct Split {
    IdRange range;
    std::uint32_t parts = 0;
    std::uint32_t next = 0;
    std::size_t capacity = 0;   // of each part, when not 0
    std::uint32_t difference = 0;  // in all parts, which are told in groups, when not 0
    std::size_t remainder = 0;  // syndromes of its last part that the other side can compute
    unsigned depth = 0;
  };

  Read read_answer(ByteQueue& in);
  bool unsolved(const Partition& partition);
  void group_answered();
  void forget_all();
  void tell_unsolved();
  void tell_part();
  void tell(const Partition& partition, const Plan& plan, bool oldest);
  void tell_list(Partition partition, base::Bytes head);
  void finish_sketch();
  void begin_group();
  void begin_rows();
  void begin_member();
  void finish_member();
  void begin_more();
  void begin_own();
  void finish_own();
  void ask(Partition partition, std::size_t size);

  const ShortIdSet& set_;
  ByteQueue& out_;
  Results& results_;
  std::uint32_t difference_ = 0;
  bool whole_told_ = false;  // more of the whole set was told before its opener was answered
  Fifo<Partition> asked_;
  std::size_t asked_size_ = 0;
  Fifo<Partition> open_;
  std::vector<Split> splits_;  // the last one is being told
  Fifo<std::unique_ptr<Group>> groups_;  // that are not yet answered, the last may be being told
  Fifo<std::unique_ptr<Group>> groups_open_;  // that have unsolved parts

  // The sketch that is being made.
  bool making_ = false;
  Partition partition_;
  base::Bytes head_;
  SketchJob job_;
  std::optional<SharedRows> rows_;  // of the group that is being told
  std::size_t member_ = 0;          // which of its parts
  bool more_ = false;               // of its rows, and nothing else
  std::vector<std::uint8_t> lengths_before_;
};

}  // namespace chaski::reconcile
