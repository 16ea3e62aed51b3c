// SPDX-License-Identifier: Apache-2.0
#include "reconcile/exchange.hpp"

#include <algorithm>
#include <optional>

#include "base/assert.hpp"
#include "reconcile/answerer.hpp"
#include "reconcile/byte_queue.hpp"
#include "reconcile/opener.hpp"
#include "reconcile/speaker.hpp"

namespace chaski::reconcile {

namespace {

constexpr std::size_t kCounterSlice = 65'536;
/// While there is more to do, a message waits until it has so much to say.
constexpr std::size_t kBatch = 4'096;
/// What an honest neighbour may have sent without an answer: its opener and a window of items.
constexpr std::size_t kInboxMax = kWindow + kItemSizeMax + 1'024;

enum class Phase : std::uint8_t {
  adding, sorting, sketching, waiting, estimating, speaking, answering, finished, failed
};

constexpr Role other(Role role) { return role == Role::teller ? Role::solver : Role::teller; }

/// Whether the solver's set is so much smaller that its list is cheaper than any sketch.
bool solver_lists(std::size_t teller_count, std::size_t solver_count) {
  return teller_count > solver_count + kTellerSyndromes &&
         2 * (teller_count - solver_count) > solver_count;
}

}  // namespace

struct Exchange::Impl {
  explicit Impl(Role own_role) : role(own_role) {}

  void begin_sketching();
  void open();
  Read meet();
  void meet_list(std::vector<ShortId> ids);
  bool settle();
  void begin_speaking();
  bool count_some();
  void finish_estimating();
  void begin_answering();
  Read step();
  void finish();
  void fail();

  Role role;
  Phase phase = Phase::adding;
  ShortIdSet set;
  Results results;
  ByteQueue in;
  ByteQueue out;
  std::size_t opener_left = 0;  // bytes of our opener that are not yet sent
  bool busy = false;            // the last piece of work was not the last

  // What the openers say; all sums are of the teller's size.
  SketchJob job;
  std::optional<Counters> counters;  // the solver's for its opener, the teller's to compare them
  std::size_t counted = 0;
  std::vector<Element> sums;
  Opener theirs;
  std::optional<Speaker> speaker;
  std::optional<Answerer> answerer;
};

void Exchange::Impl::begin_sketching() {
  for (const std::uint32_t index : set.repeated()) results.they_lack(index);
  job = SketchJob(set.ids(), 0, kTellerSyndromes);
  if (role == Role::solver) counters.emplace(counter_bits(set.size()));
  phase = Phase::sketching;
}

void Exchange::Impl::open() {
  sums = job.take();
  Opener opener;
  opener.count = static_cast<std::uint32_t>(set.size());
  if (opener.lists()) opener.ids.assign(set.ids().begin(), set.ids().end());
  opener.syndromes.assign(sums.begin(),
                          sums.begin() + static_cast<std::ptrdiff_t>(opener_syndromes(role)));
  if (role == Role::solver) {
    const auto counted_so = counters->bytes();
    opener.counters.assign(counted_so.begin(), counted_so.end());
    counters.reset();
  }
  base::Bytes bytes;
  write_opener(role, opener, bytes);
  out.append(bytes);
  opener_left = bytes.size();
  phase = Phase::waiting;
}

/// Both openers are there.
Read Exchange::Impl::meet() {
  std::size_t used = 0;
  const Read read = read_opener(other(role), in.view(), theirs, used);
  if (read != Read::ok) return read;
  in.consume(used);
  results.counts.theirs = theirs.count;
  if (theirs.lists()) {
    meet_list(theirs.ids);
  } else if (settle()) {
    finish();
  } else {
    const bool ours_listed = set.size() <= kOpenerListMax;
    const bool swapped = role == Role::teller ? solver_lists(set.size(), theirs.count)
                                              : solver_lists(theirs.count, set.size());
    if (ours_listed || (role == Role::teller) != swapped) begin_speaking();
    else begin_answering();
  }
  return Read::ok;
}

/// The answer may be spared when they solve our opener without it, or read in it all our ids.
void Exchange::Impl::meet_list(std::vector<ShortId> ids) {
  answerer.emplace(set, theirs.count, out, results);
  const bool both = set.size() <= kOpenerListMax;
  answerer->begin_listed(std::move(ids), both ? SIZE_MAX : opener_settles(role));
  phase = Phase::answering;
}

/// Whether their opener's sketch tells the whole difference; sums become those of the difference.
///
bool Exchange::Impl::settle() {
  sums.resize(std::min(sums.size(), theirs.syndromes.size()));
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] ^= theirs.syndromes[i];
  ++results.counts.sketches_decoded;
  const auto ids = decode_few(sums, opener_settles(other(role)));
  if (ids) {
    const Difference difference = by_owner(set, *ids);
    if (set.size() - difference.ours.size() + difference.theirs.size() == theirs.count) {
      record(set, difference, results);
      if (difference.size() > opener_settles(role) && set.size() > kOpenerListMax) {
        Answerer::answer(ranks_of(set, IdRange{}, difference), out);
      }
      return true;
    }
  }
  ++results.counts.sketches_unsolved;
  return false;
}

void Exchange::Impl::begin_speaking() {
  speaker.emplace(set, out, results);
  phase = Phase::speaking;
  if (set.size() <= kOpenerListMax) return speaker->begin_listed();
  if (role == Role::solver) return speaker->begin_lists();
  counters.emplace(counter_bits(theirs.count));
  phase = Phase::estimating;
}

/// Counts a slice of our ids; true when there are more.
bool Exchange::Impl::count_some() {
  const std::size_t size = std::min(kCounterSlice, set.size() - counted);
  counters->add(set.ids().subspan(counted, size));
  counted += size;
  return counted < set.size();
}

void Exchange::Impl::finish_estimating() {
  counters->subtract(theirs.counters);
  const auto ours = static_cast<std::uint32_t>(set.size());
  const std::uint32_t apart = std::max(ours, theirs.count) - std::min(ours, theirs.count);
  const std::uint32_t estimate = estimate_difference(*counters);
  speaker->begin_sketched(kTellerSyndromes, std::clamp(estimate, apart, ours + theirs.count));
  counters.reset();
  phase = Phase::speaking;
}

void Exchange::Impl::begin_answering() {
  answerer.emplace(set, theirs.count, out, results);
  phase = Phase::answering;
  if (role == Role::teller) return answerer->begin_unsolved({});
  answerer->say_unsolved();
  answerer->begin_unsolved(std::move(sums));
}

/// One piece of work: more when there is none before something comes.
Read Exchange::Impl::step() {
  Read read = Read::ok;
  switch (phase) {
    case Phase::sorting:
      if (!set.sort_some()) begin_sketching();
      break;
    case Phase::sketching:
      if (counters && counted < set.size()) {
        count_some();
      } else if (!job.done()) {
        job.work();
      } else {
        open();
      }
      break;
    case Phase::waiting: return meet();
    case Phase::estimating:
      if (!count_some()) finish_estimating();
      break;
    case Phase::speaking:
      read = speaker->work(in);
      if (speaker->done()) finish();
      break;
    case Phase::answering:
      read = answerer->work(in);
      if (answerer->done()) finish();
      break;
    default: return Read::more;
  }
  return read;
}

void Exchange::Impl::finish() {
  // What a speaker has told and not sent, the other side needs no more.
  if (speaker && opener_left == 0) out.release();
  phase = Phase::finished;
  speaker.reset();
  answerer.reset();
  set = ShortIdSet();
  in.release();
}

void Exchange::Impl::fail() {
  finish();
  out.release();
  phase = Phase::failed;
}

Exchange::Exchange(Role role) : impl_(std::make_unique<Impl>(role)) {}
Exchange::~Exchange() = default;
Exchange::Exchange(Exchange&&) noexcept = default;
Exchange& Exchange::operator=(Exchange&&) noexcept = default;

void Exchange::reserve(std::size_t count) { impl_->set.reserve(count); }

void Exchange::add(ShortId id) {
  CHASKI_ASSERT(impl_->phase == Phase::adding && impl_->results.counts.ours < kIdsMax);
  CHASKI_ASSERT(id != 0 && id <= kFieldMask);
  impl_->set.add(id);
  ++impl_->results.counts.ours;
}

void Exchange::start() {
  CHASKI_ASSERT(impl_->phase == Phase::adding);
  impl_->phase = Phase::sorting;
}

bool Exchange::work() {
  const Read read = impl_->step();
  if (read == Read::bad) impl_->fail();
  impl_->busy = read == Read::ok;
  return impl_->busy;
}

bool Exchange::wants_to_send() const {
  const Impl& me = *impl_;
  if (me.out.empty()) return false;
  return me.opener_left > 0 || !me.busy || me.out.size() >= kBatch;
}

std::size_t Exchange::write(base::MutableByteView out) {
  Impl& me = *impl_;
  if (!wants_to_send()) return 0;
  const std::size_t size = std::min(out.size(), me.out.size());
  std::copy_n(me.out.view().begin(), size, out.begin());
  me.out.consume(size);
  me.opener_left -= std::min(me.opener_left, size);
  me.results.counts.bytes_sent += size;
  return size;
}

bool Exchange::receive(base::ByteView payload) {
  Impl& me = *impl_;
  if (me.phase == Phase::failed) return false;
  me.results.counts.bytes_received += payload.size();
  if (me.phase == Phase::finished) return true;
  if (me.in.size() + payload.size() > kInboxMax) {
    me.fail();
    return false;
  }
  me.in.append(payload);
  me.busy = true;
  return true;
}

bool Exchange::finished() const { return impl_->phase == Phase::finished; }
bool Exchange::failed() const { return impl_->phase == Phase::failed; }
std::span<const std::uint32_t> Exchange::missing() const { return impl_->results.missing; }
const ExchangeCounts& Exchange::counts() const { return impl_->results.counts; }

std::size_t Exchange::memory_used() const {
  const Impl& me = *impl_;
  return sizeof me + me.set.memory_used() + me.in.memory_used() + me.out.memory_used() +
         me.results.missing.capacity() * sizeof(std::uint32_t) +
         (me.speaker ? me.speaker->memory_used() : 0) +
         (me.answerer ? me.answerer->memory_used() : 0);
}

}  // namespace chaski::reconcile
