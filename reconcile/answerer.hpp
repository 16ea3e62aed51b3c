// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "reconcile/byte_queue.hpp"
#include "reconcile/fifo.hpp"
#include "reconcile/gap_code.hpp"
#include "reconcile/group_solver.hpp"
#include "reconcile/items.hpp"
#include "reconcile/results.hpp"
#include "reconcile/sketch_job.hpp"

namespace chaski::reconcile {

/// The side that solves: reads items (sketches and lists of partitions of the id space), finds
/// what differs there, and answers each with the ranks of the speaker's ids that are not here.
///
/// Bounded against a lying speaker: kOpenMax unsolved partitions of kCapacityMax syndromes, a
/// number of decodings that grows with our own set, kDepthMax splits of splits, and no more listed
/// ids than it said it had. What exceeds them is bad, as is what cannot be read.
class Answerer {
 public:
  /// References must outlive it; `theirs` is how many ids the speaker claims.
  Answerer(const ShortIdSet& set, std::uint32_t theirs, ByteQueue& out, Results& results);

  /// The whole id space is unsolved; `difference` are syndromes of what differs, as far as known.
  void begin_unsolved(std::vector<Element> difference);
  /// The opener listed all their ids. Answers unless the difference is of at most
  /// `solved_alone` ids, which the speaker finds out alone.
  void begin_listed(std::vector<ShortId> ids, std::size_t solved_alone);

  /// Appends the answer that something is solved, or is not.
  static void answer(const Ranks& ranks, ByteQueue& out);
  void say_unsolved();

  /// A piece of work: ok when there was something to do, more when it waits for the speaker.
  Read work(ByteQueue& in);
  /// Everything is solved and answered.
  bool done() const {
    return doing_ == Doing::nothing && splits_.empty() && open_.empty() && groups_open_.empty();
  }
  std::size_t memory_used() const;

 private:
  /// A part of the id space and the syndromes of the difference there.
  struct Partition {
    IdRange range;
    std::vector<Element> difference;
    unsigned depth = 0;
  };
  /// A partition whose parts come one after the other.
  struct Split {
    IdRange range;
    std::uint32_t parts = 0;
    std::uint32_t next = 0;
    std::vector<Element> remainder;  // of the difference in the parts that have not come
    unsigned depth = 0;
  };
  /// Parts of a split that are solved together; their differences are with the solver.
  struct Group {
    explicit Group(Shares shares) : solver(std::move(shares)) {}

    GroupSolver solver;
    std::vector<Partition> members;
    std::vector<std::size_t> asked;  // members that are to be answered
    std::size_t own = 0;             // members whose own ids are in longer rows
    bool more = false;               // rows are being made longer
  };
  enum class Doing : std::uint8_t { nothing, sketch, list, group };

  Read next_item(ByteQueue& in);
  Read read_split(base::ByteView rest, std::size_t& used);
  Read read_sketch(base::ByteView rest, std::size_t capacity, bool oldest, std::size_t& used);
  Read read_list(base::ByteView rest, bool oldest, std::size_t& used);
  Read read_group(base::ByteView rest, std::size_t& used);
  static Read read_lengths(base::ByteView rest, std::vector<std::uint8_t>& lengths,
                           std::size_t& used);
  Read read_more(base::ByteView rest, std::size_t& used);
  Read work_group(ByteQueue& in);
  Read read_member(ByteQueue& in);
  void finish_member();
  Read read_row(ByteQueue& in);
  Read finish_group();
  Partition target(bool oldest) const;
  void take_target(bool oldest);
  void compare_list();
  void finish_list();
  Read finish_sketch();
  bool solved(const IdRange& range, std::span<const ShortId> ids);
  bool unsolved(Partition partition);
  void fold_into_remainder(std::span<const Element> difference);

  const ShortIdSet& set_;
  ByteQueue& out_;
  Results& results_;
  Fifo<Partition> open_;
  std::vector<Split> splits_;  // the last one is being read
  Fifo<std::unique_ptr<Group>> groups_open_;  // with unsolved parts that longer rows can help
  std::size_t decodings_left_;
  std::uint32_t listed_left_;

  // The item at hand.
  Doing doing_ = Doing::nothing;
  Partition partition_;
  bool part_ = false;  // of splits_.back(), and not its last
  std::vector<Element> received_;
  SketchJob job_;
  std::unique_ptr<Group> group_;
  bool sketching_ = false;  // one of its parts
  std::vector<ShortId> list_;
  std::size_t list_at_ = 0;
  std::size_t own_at_ = 0;
  std::size_t own_only_ = 0;
  std::size_t solved_alone_ = 0;
  Ranks ranks_;
};

}  // namespace chaski::reconcile
