// SPDX-License-Identifier: Apache-2.0
#include "reconcile/speaker.hpp"

#include <algorithm>
#include <utility>

namespace chaski::reconcile {

namespace {

/// Nothing is made while so much waits to be sent.
constexpr std::size_t kOutMax = std::size_t{64} * 1024;
/// With an estimate up to here the opener may well be solved, and its answer is waited for.
constexpr double kPatience = 46;

}  // namespace

Speaker::Speaker(const ShortIdSet& set, ByteQueue& out, Results& results)
    : set_(set), out_(out), results_(results) {}

void Speaker::begin_listed() { ask({}, 0); }

void Speaker::begin_sketched(std::size_t known, double difference) {
  difference_ = difference;
  const Partition whole{IdRange{}, known, 0, 0};
  ask(whole, 0);
  if (difference <= kPatience) return;
  whole_told_ = true;
  tell(whole, plan_whole(set_.size(), known, difference), true);
}

void Speaker::begin_lists() { tell({}, plan_lists(set_.size()), true); }

bool Speaker::done() const {
  return asked_.empty() && open_.empty() && splits_.empty() && !making_;
}

Read Speaker::work(ByteQueue& in) {
  if (!in.empty()) {
    const Read read = read_answer(in);
    if (read != Read::more) return read;
  }
  if (making_) {
    if (job_.done()) finish_sketch();
    else job_.work();
    return Read::ok;
  }
  if (asked_size_ > kWindow || out_.size() > kOutMax) return Read::more;
  // What is unsolved goes before more parts; but a split of a split is told to its end.
  if (splits_.size() < 2 && !open_.empty()) tell_unsolved();
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
  if (code == 0) return unsolved(partition) ? Read::ok : Read::bad;
  if (partition.range == IdRange{}) forget_all();
  return Read::ok;
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
  making_ = false;
}

void Speaker::tell_unsolved() {
  const Partition partition = open_.front();
  open_.pop_front();
  const std::size_t count = set_.in(partition.range).size();
  const bool whole = partition.depth == 0 && partition.known < kCapacityMax;
  const double least = static_cast<double>(partition.known) + 1;
  tell(partition,
       whole ? plan_whole(count, partition.known, std::max(difference_, least))
             : plan_unsolved(count, partition.known, partition.range, partition.depth),
       true);
}

void Speaker::tell_part() {
  Split& split = splits_.back();
  const bool last = split.next + 1 == split.parts;
  const Partition part{split.range.part(split.next, split.parts), last ? split.remainder : 0,
                       split.depth, 0};
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
      splits_.push_back({partition.range, plan.parts, 0, plan.capacity, partition.known,
                         partition.depth + 1});
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
  const std::vector<Element> sums = job_.take();
  base::Bytes body(sums.size() * kSyndromeSize);
  write_syndromes(sums, body);
  out_.append(head_);
  out_.append(body);
  making_ = false;
  ask(partition_, head_.size() + body.size());
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
