// SPDX-License-Identifier: Apache-2.0
#include "reconcile/speaker.hpp"

#include <algorithm>
#include <utility>

namespace chaski::reconcile {

namespace {

/// Nothing is made while so much waits to be sent.
constexpr std::size_t kOutMax = std::size_t{64} * 1024;
/// With an estimate up to here the opener may well be solved, and its answer is waited for.
constexpr std::uint32_t kPatience = 48;

}  // namespace

Speaker::Speaker(const ShortIdSet& set, ByteQueue& out, Results& results)
    : set_(set), out_(out), results_(results) {}

void Speaker::begin_listed() { ask({}, 0); }

void Speaker::begin_sketched(std::size_t known, std::uint32_t difference) {
  difference_ = difference;
  const Partition whole{IdRange{}, known, 0, 0, Member::no};
  ask(whole, 0);
  if (difference <= kPatience) return;
  whole_told_ = true;
  tell(whole, plan_whole(set_.size(), known, difference), true);
}

void Speaker::begin_lists() { tell({}, plan_lists(set_.size()), true); }

bool Speaker::done() const {
  return asked_.empty() && open_.empty() && groups_open_.empty() && splits_.empty() && !making_;
}

Read Speaker::work(ByteQueue& in) {
  if (!in.empty()) {
    const Read read = read_answer(in);
    if (read != Read::more) return read;
  }
  if (making_) {
    if (!job_.done()) job_.work();
    else if (rows_ && more_) finish_own();
    else if (rows_) finish_member();
    else finish_sketch();
    return Read::ok;
  }
  if (asked_size_ > kWindow || out_.size() > kOutMax) return Read::more;
  // What is unsolved goes before more parts; but a split of a split is told to its end.
  if (!groups_open_.empty()) begin_more();
  else if (splits_.size() < 2 && !open_.empty()) tell_unsolved();
  else if (!splits_.empty()) tell_part();
  else return Read::more;
  return Read::ok;
}

Read Speaker::read_answer(ByteQueue& in) {
  if (asked_.empty()) return Read::bad;
  const Partition partition = asked_.front();
  std::uint32_t code = 0;
  std::size_t head = 0;
  Read read = read_varint(in.view(), code, head);
  if (read != Read::ok) return read;
  std::size_t used = 0;
  if (code > 0) {
    std::vector<std::uint64_t> ranks;
    const std::size_t first = set_.below(partition.range.low);
    const std::size_t among = set_.in(partition.range).size();
    read = read_gaps(in.view().subspan(head), code - 1, among, ranks, used);
    if (read != Read::ok) return read;
    for (const std::uint64_t rank : ranks) {
      results_.they_lack(set_.index(first + static_cast<std::size_t>(rank)));
    }
  }
  in.consume(head + used);
  asked_.pop_front();
  asked_size_ -= partition.size;
  if (partition.member != Member::no) {
    if (code == 0) groups_.front()->unsolved.push_back(partition.number);
    if (partition.member == Member::last) group_answered();
    return Read::ok;
  }
  if (code == 0) return unsolved(partition) ? Read::ok : Read::bad;
  if (partition.range == IdRange{}) forget_all();
  return Read::ok;
}

/// The parts that no longer rows can help are partitions like others.
void Speaker::group_answered() {
  std::unique_ptr<Group> answered = groups_.pop_front();
  const Group& group = *answered;
  const std::size_t known = group.shares.known(group.unsolved.size());
  results_.counts.sketches_unsolved += static_cast<std::uint32_t>(group.unsolved.size());
  if (group.unsolved.empty()) return;
  if (known < kCapacityMax) return groups_open_.push_back(std::move(answered));
  for (const std::uint8_t number : group.unsolved) {
    const Partition& member = group.members[number];
    open_.push_back({member.range, known, member.depth});
  }
}

/// False for a list, which leaves nothing to solve.
bool Speaker::unsolved(const Partition& partition) {
  ++results_.counts.sketches_unsolved;
  const bool told_already = partition.depth == 0 && std::exchange(whole_told_, false);
  if (!told_already) open_.push_back(partition);
  return partition.known > 0;
}

/// The whole set is known; what was told beyond need not be answered.
void Speaker::forget_all() {
  asked_.clear();
  open_.clear();
  splits_.clear();
  groups_.clear();
  groups_open_.clear();
  rows_.reset();
  making_ = more_ = false;
}

void Speaker::tell_unsolved() {
  const Partition partition = open_.pop_front();
  const std::size_t count = set_.in(partition.range).size();
  const bool whole = partition.depth == 0 && partition.known < kCapacityMax;
  const auto least = static_cast<std::uint32_t>(partition.known) + 1;
  tell(partition,
       whole ? plan_whole(count, partition.known, std::max(difference_, least))
             : plan_unsolved(count, partition.known, partition.range, partition.depth),
       true);
}

void Speaker::tell_part() {
  Split& split = splits_.back();
  if (split.difference != 0) return begin_group();
  const bool last = split.next + 1 == split.parts;
  const Partition part{split.range.part(split.next, split.parts), last ? split.remainder : 0,
                       split.depth, 0, Member::no};
  const std::size_t count = set_.in(part.range).size();
  // A part for which no list was thought of, or that is too large for one, begins with a sketch.
  Plan plan{Plan::Way::sketch, 1, std::max({split.capacity, part.known, kCapacityMin})};
  const std::size_t listed = list_size(count, part.range.high - part.range.low);
  const bool cheap = listed <= (plan.capacity - part.known) * kSyndromeSize;
  if (count <= kListMax && (split.capacity == 0 || cheap)) plan = {};
  const std::size_t told = plan.way == Plan::Way::list ? 0 : plan.capacity;
  split.remainder = std::min(split.remainder, told);
  ++split.next;
  if (last) splits_.pop_back();
  tell(part, plan, false);
}

void Speaker::tell(const Partition& partition, const Plan& plan, bool oldest) {
  base::Bytes head;
  if (oldest) head.push_back(kItemOldest);
  switch (plan.way) {
    case Plan::Way::list: return tell_list(partition, std::move(head));
    case Plan::Way::split:
      head.push_back(kItemSplit);
      write_varint(plan.parts, head);
      out_.append(head);
      splits_.push_back({partition.range, plan.parts, 0, plan.capacity, plan.difference,
                         partition.known, partition.depth + 1});
      return;
    case Plan::Way::sketch: break;
  }
  head.push_back(static_cast<std::uint8_t>(plan.capacity));
  head_ = std::move(head);
  job_ = SketchJob(set_.in(partition.range), partition.known, plan.capacity - partition.known);
  partition_ = partition;
  partition_.known = plan.capacity;
  making_ = true;
}

void Speaker::tell_list(Partition partition, base::Bytes head) {
  const IdRange range = partition.range;
  const auto ids = set_.in(range);
  std::vector<std::uint64_t> values(ids.begin(), ids.end());
  for (std::uint64_t& value : values) value -= range.low;
  head.push_back(kItemList);
  write_varint(static_cast<std::uint32_t>(values.size()), head);
  write_gaps(values, range.high - range.low, head);
  out_.append(head);
  partition.known = 0;
  ask(partition, head.size());
}

void Speaker::finish_sketch() {
  append_syndromes(job_.take(), head_);
  out_.append(head_);
  making_ = false;
  ask(partition_, head_.size());
}

/// The parts that are left, in as few groups of nearly the same size as may be.
void Speaker::begin_group() {
  const Split& split = splits_.back();
  const std::size_t left = split.parts - split.next;
  const std::size_t groups = (left + kGroupMax - 1) / kGroupMax;
  groups_.push_back(std::make_unique<Group>());
  Shares& shares = groups_.back()->shares;
  shares = plan_shares((left + groups - 1) / groups, split.parts, split.difference);
  head_ = {kItemGroup};
  write_varint(static_cast<std::uint32_t>(shares.parts), head_);
  head_.push_back(static_cast<std::uint8_t>(shares.base));
  begin_rows();
  begin_member();
}

void Speaker::begin_rows() {
  const Shares& shares = groups_.back()->shares;
  write_varint(static_cast<std::uint32_t>(shares.lengths.size()), head_);
  head_.insert(head_.end(), shares.lengths.begin(), shares.lengths.end());
  rows_.emplace(shares);
  member_ = 0;
  making_ = true;
}

void Speaker::begin_member() {
  Group& group = *groups_.back();
  const Shares& shares = group.shares;
  Split& split = splits_.back();
  const bool last = split.next + 1 == split.parts;
  split.remainder = std::min(split.remainder, shares.base);
  partition_ = {split.range.part(split.next, split.parts), last ? split.remainder : 0, split.depth,
                0, member_ + 1 == shares.parts ? Member::last : Member::yes,
                static_cast<std::uint8_t>(member_)};
  group.members.push_back(partition_);
  ++split.next;
  if (last) splits_.pop_back();
  job_ = SketchJob(set_.in(partition_.range), partition_.known,
                   shares.base + shares.longest() - partition_.known);
}

void Speaker::finish_member() {
  const Shares& shares = groups_.back()->shares;
  const std::vector<Element> sums = job_.take();
  const auto own = std::span(sums).first(shares.base - partition_.known);
  rows_->add(member_, std::span(sums).subspan(own.size()));
  base::Bytes& body = head_;
  append_syndromes(own, body);
  if (partition_.member == Member::last) {
    for (std::size_t r = 0; r < shares.lengths.size(); ++r) append_syndromes(rows_->row(r), body);
    rows_.reset();
    making_ = false;
  }
  out_.append(body);
  ask(partition_, body.size());
  body.clear();
  ++member_;
  if (making_) begin_member();
}

/// The oldest group that has unsolved parts: more of its rows, for which all parts are needed.
void Speaker::begin_more() {
  groups_.push_back(groups_open_.pop_front());
  Group& group = *groups_.back();
  lengths_before_ = group.shares.lengths;
  group.shares = plan_more(std::move(group.shares), group.unsolved.size());
  lengths_before_.resize(group.shares.lengths.size());
  more_ = true;
  head_ = {kItemMore};
  begin_rows();
  begin_own();
}

void Speaker::begin_own() {
  const Group& group = *groups_.back();
  job_ = SketchJob(set_.in(group.members[member_].range), group.shares.base,
                   group.shares.longest());
}

void Speaker::finish_own() {
  Group& group = *groups_.back();
  rows_->add(member_, job_.take());
  if (++member_ < group.members.size()) return begin_own();
  for (std::size_t r = 0; r < group.shares.lengths.size(); ++r) {
    append_syndromes(rows_->row(r).subspan(lengths_before_[r]), head_);
  }
  rows_.reset();
  making_ = more_ = false;
  out_.append(head_);
  for (const std::uint8_t number : std::exchange(group.unsolved, {})) {
    Partition partition = group.members[number];
    partition.number = number;
    partition.member = Member::yes;
    ask(partition, head_.size());
    head_.clear();
  }
  asked_.back().member = Member::last;
}

void Speaker::ask(Partition partition, std::size_t size) {
  partition.size = size;
  asked_size_ += size;
  asked_.push_back(partition);
}

std::size_t Speaker::memory_used() const {
  return (asked_.size() + open_.size()) * sizeof(Partition);
}

}  // namespace chaski::reconcile
