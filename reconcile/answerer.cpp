// SPDX-License-Identifier: Apache-2.0
#include "reconcile/answerer.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace chaski::reconcile {

namespace {

constexpr std::size_t kCompareSlice = 32'768;
/// An honest exchange decodes about one sketch for each 64 differences and sends sketches for less
/// than about half of our set; misjudged ones are decoded up to three times.
constexpr std::size_t kDecodingsMin = 64;
constexpr std::size_t kOwnIdsPerDecoding = 32;

}  // namespace

Answerer::Answerer(const ShortIdSet& set, std::uint32_t theirs, ByteQueue& out, Results& results)
    : set_(set),
      out_(out),
      results_(results),
      decodings_left_(kDecodingsMin + set.size() / kOwnIdsPerDecoding),
      listed_left_(theirs) {}

void Answerer::begin_unsolved(std::vector<Element> difference) {
  open_.push_back({IdRange{}, std::move(difference), 0});
}

void Answerer::begin_listed(std::vector<ShortId> ids, std::size_t solved_alone) {
  partition_ = {};
  list_ = std::move(ids);
  solved_alone_ = solved_alone;
  doing_ = Doing::list;
}

Read Answerer::work(ByteQueue& in) {
  switch (doing_) {
    case Doing::nothing: return next_item(in);
    case Doing::list: compare_list(); return Read::ok;
    case Doing::group: return work_group(in);
    case Doing::sketch: break;
  }
  if (job_.done()) return finish_sketch();
  job_.work();
  return Read::ok;
}

/// Which partition the next item is about: the oldest unsolved one or the next part of a split.
Answerer::Partition Answerer::target(bool oldest) const {
  if (oldest) return open_.front();
  const Split& split = splits_.back();
  const bool last = split.next + 1 == split.parts;
  return {split.range.part(split.next, split.parts),
          last ? split.remainder : std::vector<Element>(), split.depth};
}

void Answerer::take_target(bool oldest) {
  if (oldest) {
    open_.pop_front();
    return;
  }
  if (++splits_.back().next < splits_.back().parts) {
    part_ = true;
    return;
  }
  splits_.pop_back();
}

Read Answerer::next_item(ByteQueue& in) {
  base::ByteView rest = in.view();
  if (rest.empty()) return Read::more;
  const bool oldest = rest[0] == kItemOldest;
  if (rest[0] == kItemMore) {
    std::size_t more = 0;
    const Read read = read_more(rest.subspan(1), more);
    if (read == Read::ok) in.consume(1 + more);
    return read;
  }
  if (oldest ? open_.empty() : splits_.empty()) return Read::bad;
  const std::size_t head = oldest ? 2 : 1;
  if (rest.size() < head) return Read::more;
  const std::uint8_t code = rest[head - 1];
  rest = rest.subspan(head);
  part_ = false;
  std::size_t used = 0;
  Read read = Read::bad;
  if (code == kItemSplit && oldest) read = read_split(rest, used);
  if (code == kItemList) read = read_list(rest, oldest, used);
  if (code == kItemGroup && !oldest) read = read_group(rest, used);
  if (code >= kCapacityMin && code <= kCapacityMax) read = read_sketch(rest, code, oldest, used);
  if (read == Read::ok) in.consume(head + used);
  return read;
}

Read Answerer::read_split(base::ByteView rest, std::size_t& used) {
  std::uint32_t parts = 0;
  const Read read = read_varint(rest, parts, used);
  if (read != Read::ok) return read;
  Partition& whole = open_.front();
  const bool allowed = parts >= 2 && parts <= kPartsMax && whole.depth < kDepthMax &&
                       splits_.size() < 2 && whole.range.high - whole.range.low >= parts;
  if (!allowed) return Read::bad;
  splits_.push_back({whole.range, parts, 0, std::move(whole.difference), whole.depth + 1});
  open_.pop_front();
  return Read::ok;
}

Read Answerer::read_sketch(base::ByteView rest, std::size_t capacity, bool oldest,
                           std::size_t& used) {
  Partition partition = target(oldest);
  const std::size_t known = partition.difference.size();
  const bool allowed = oldest ? capacity >= known + kExtensionMin ||
                                    (capacity == kCapacityMax && capacity > known)
                              : capacity >= known;
  if (!allowed) return Read::bad;
  used = (capacity - known) * kSyndromeSize;
  if (rest.size() < used) return Read::more;
  received_.resize(capacity - known);
  read_syndromes(rest.first(used), received_);
  take_target(oldest);
  job_ = SketchJob(set_.in(partition.range), known, capacity - known);
  partition_ = std::move(partition);
  doing_ = Doing::sketch;
  return Read::ok;
}

Read Answerer::read_list(base::ByteView rest, bool oldest, std::size_t& used) {
  std::uint32_t count = 0;
  std::size_t head = 0;
  Read read = read_varint(rest, count, head);
  if (read != Read::ok) return read;
  if (count > kListMax || count > listed_left_) return Read::bad;
  const IdRange range = target(oldest).range;
  read = read_gaps(rest.subspan(head), count, range.high - range.low, list_, used);
  if (read != Read::ok) return read;
  used += head;
  for (ShortId& id : list_) id += range.low;
  listed_left_ -= count;
  take_target(oldest);
  if (part_) splits_.back().remainder.clear();
  partition_ = {range, {}, 0};
  doing_ = Doing::list;
  return Read::ok;
}

/// Walks a slice of our ids in the range along the list.
void Answerer::compare_list() {
  const auto own = set_.in(partition_.range);
  const std::size_t first = set_.below(partition_.range.low);
  const std::size_t last = std::min(own.size(), own_at_ + kCompareSlice);
  for (; own_at_ < last; ++own_at_) {
    while (list_at_ < list_.size() && list_[list_at_] < own[own_at_]) {
      ranks_.ranks.push_back(list_at_++);
    }
    if (list_at_ < list_.size() && list_[list_at_] == own[own_at_]) {
      ++list_at_;
    } else {
      results_.they_lack(set_.index(first + own_at_));
      ++own_only_;
    }
  }
  if (own_at_ == own.size()) finish_list();
}

void Answerer::finish_list() {
  while (list_at_ < list_.size()) ranks_.ranks.push_back(list_at_++);
  ranks_.among = list_.size();
  results_.counts.we_lack += static_cast<std::uint32_t>(ranks_.ranks.size());
  if (own_only_ + ranks_.ranks.size() > solved_alone_ || solved_alone_ == 0) answer(ranks_, out_);
  ranks_ = {};
  list_.clear();
  list_at_ = own_at_ = own_only_ = solved_alone_ = 0;
  doing_ = Doing::nothing;
}

Read Answerer::finish_sketch() {
  if (decodings_left_-- == 0) return Read::bad;
  const std::vector<Element> own = job_.take();
  for (std::size_t i = 0; i < own.size(); ++i) {
    partition_.difference.push_back(own[i] ^ received_[i]);
  }
  if (part_) fold_into_remainder(partition_.difference);
  doing_ = Doing::nothing;
  ++results_.counts.sketches_decoded;
  if (const auto ids = decode(partition_.difference)) {
    return solved(partition_.range, *ids) ? Read::ok : Read::bad;
  }
  return unsolved(std::move(partition_)) ? Read::ok : Read::bad;
}

bool Answerer::solved(const IdRange& range, std::span<const ShortId> ids) {
  if (!all_in(range, ids)) return false;
  const Difference difference = by_owner(set_, ids);
  record(set_, difference, results_);
  answer(ranks_of(set_, range, difference), out_);
  return true;
}

bool Answerer::unsolved(Partition partition) {
  ++results_.counts.sketches_unsolved;
  if (open_.size() == kOpenMax) return false;
  open_.push_back(std::move(partition));
  say_unsolved();
  return true;
}

/// What the parts have together is known, so that the last one needs not be sent.
void Answerer::fold_into_remainder(std::span<const Element> difference) {
  std::vector<Element>& remainder = splits_.back().remainder;
  remainder.resize(std::min(remainder.size(), difference.size()));
  for (std::size_t i = 0; i < remainder.size(); ++i) remainder[i] ^= difference[i];
}

Read Answerer::read_lengths(base::ByteView rest, std::vector<std::uint8_t>& lengths,
                           std::size_t& used) {
  std::uint32_t rows = 0;
  const Read read = read_varint(rest, rows, used);
  if (read != Read::ok) return read;
  if (rows > kGroupMax) return Read::bad;
  if (rest.size() - used < rows) return Read::more;
  const base::ByteView told = rest.subspan(used, rows);
  lengths.assign(told.begin(), told.end());
  used += rows;
  return Read::ok;
}

/// Reads how the parts of a group share; what follows is read part by part and row by row.
Read Answerer::read_group(base::ByteView rest, std::size_t& used) {
  std::uint32_t parts = 0;
  Read read = read_varint(rest, parts, used);
  if (read != Read::ok) return read;
  if (rest.size() == used) return Read::more;
  Shares shares{parts, rest[used++], {}};
  std::size_t size = 0;
  read = read_lengths(rest.subspan(used), shares.lengths, size);
  if (read != Read::ok) return read;
  used += size;
  const Split& split = splits_.back();
  const bool allowed = parts <= split.parts - split.next && decodings_left_ >= parts &&
                       shares.valid();
  if (!allowed) return Read::bad;
  decodings_left_ -= parts;
  group_ = std::make_unique<Group>(std::move(shares));
  doing_ = Doing::group;
  return Read::ok;
}

/// The oldest open group: its rows become longer, and their rests follow.
Read Answerer::read_more(base::ByteView rest, std::size_t& used) {
  if (groups_open_.empty()) return Read::bad;
  const GroupSolver& solver = groups_open_.front()->solver;
  const std::size_t unsolved = solver.unsolved().size();
  Shares shares{solver.shares().parts, solver.shares().base, {}};
  const Read read = read_lengths(rest, shares.lengths, used);
  if (read != Read::ok) return read;
  if (!shares.valid_after(solver.shares(), unsolved) || decodings_left_ < unsolved) {
    return Read::bad;
  }
  decodings_left_ -= unsolved;
  group_ = groups_open_.pop_front();
  group_->solver.extend(std::move(shares.lengths));
  group_->own = 0;
  group_->more = true;
  doing_ = Doing::group;
  return Read::ok;
}

Read Answerer::work_group(ByteQueue& in) {
  Group& group = *group_;
  const Shares& shares = group.solver.shares();
  if (sketching_ && !job_.done()) {
    job_.work();
  } else if (sketching_) {
    finish_member();
  } else if (group.more && group.own < shares.parts) {
    job_ = SketchJob(set_.in(group.members[group.own].range), shares.base, shares.longest());
    sketching_ = true;
  } else if (group.members.size() < shares.parts) {
    return read_member(in);
  } else if (group.solver.rows_added() < shares.lengths.size()) {
    return read_row(in);
  } else if (!group.solver.step()) {
    return finish_group();
  }
  return Read::ok;
}

Read Answerer::read_member(ByteQueue& in) {
  Partition partition = target(false);
  const Shares& shares = group_->solver.shares();
  const std::size_t known = std::min(partition.difference.size(), shares.base);
  partition.difference.resize(known);
  const std::size_t size = (shares.base - known) * kSyndromeSize;
  if (in.size() < size) return Read::more;
  received_.resize(shares.base - known);
  read_syndromes(in.view().first(size), received_);
  in.consume(size);
  part_ = false;
  take_target(false);
  job_ = SketchJob(set_.in(partition.range), known, shares.base + shares.longest() - known);
  sketching_ = true;
  group_->asked.push_back(group_->members.size());
  group_->members.push_back(std::move(partition));
  return Read::ok;
}

void Answerer::finish_member() {
  const std::vector<Element> own = job_.take();
  sketching_ = false;
  if (group_->more) {
    ++group_->own;
    return group_->solver.add_own(own);
  }
  std::vector<Element> difference = std::move(group_->members.back().difference);
  for (std::size_t i = 0; i < received_.size(); ++i) difference.push_back(own[i] ^ received_[i]);
  if (part_) fold_into_remainder(difference);
  ++results_.counts.sketches_decoded;
  group_->solver.add_part(std::move(difference), std::span(own).subspan(received_.size()));
}

Read Answerer::read_row(ByteQueue& in) {
  const std::size_t length = group_->solver.row_rest();
  if (in.size() < length * kSyndromeSize) return Read::more;
  received_.resize(length);
  read_syndromes(in.view().first(length * kSyndromeSize), received_);
  in.consume(length * kSyndromeSize);
  group_->solver.add_row(received_);
  return Read::ok;
}

/// Answers for all its parts that were not solved before. Those that are not solved now wait for
/// longer rows; when these cannot be, they are partitions like others.
Read Answerer::finish_group() {
  std::unique_ptr<Group> finished = std::move(group_);
  Group& group = *finished;
  doing_ = Doing::nothing;
  const std::size_t left = group.solver.unsolved().size();
  const bool final = left > 0 && group.solver.shares().known(left) == kCapacityMax;
  for (const std::size_t i : group.asked) {
    GroupSolver::Part& part = group.solver.parts()[i];
    Partition& member = group.members[i];
    if (part.solved) {
      if (!solved(member.range, part.ids)) return Read::bad;
    } else if (final) {
      member.difference = std::move(part.syndromes);
      if (!unsolved(std::move(member))) return Read::bad;
    } else {
      ++results_.counts.sketches_unsolved;
      say_unsolved();
    }
  }
  if (left == 0 || final) return Read::ok;
  if (groups_open_.size() == kGroupsOpenMax) return Read::bad;
  const auto unsolved_now = group.solver.unsolved();
  group.asked.assign(unsolved_now.begin(), unsolved_now.end());
  group.solver.wait();
  groups_open_.push_back(std::move(finished));
  return Read::ok;
}

void Answerer::answer(const Ranks& ranks, ByteQueue& out) {
  base::Bytes bytes;
  write_varint(static_cast<std::uint32_t>(ranks.ranks.size() + 1), bytes);
  write_gaps(ranks.ranks, ranks.among, bytes);
  out.append(bytes);
}

void Answerer::say_unsolved() {
  constexpr std::uint8_t kUnsolved[] = {0};
  out_.append(kUnsolved);
}

std::size_t Answerer::memory_used() const {
  std::size_t bytes = (list_.capacity() + ranks_.ranks.capacity()) * sizeof(ShortId);
  for (const Partition& partition : open_) {
    bytes += sizeof partition + partition.difference.capacity() * sizeof(Element);
  }
  if (group_) bytes += group_->solver.memory_used();
  for (const auto& group : groups_open_) bytes += group->solver.memory_used();
  return bytes;
}

}  // namespace chaski::reconcile
