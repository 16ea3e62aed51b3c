// SPDX-License-Identifier: Apache-2.0
#include "reconcile/list_exchange.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "reconcile/kernel_serial.hpp"
#include "reconcile/locator.hpp"

namespace chaski::reconcile {

namespace {

constexpr std::size_t kCountSize = 3;
/// An opener and an answer about kOpenerListMax ids, with room to spare.
constexpr std::size_t kInMax = 384;

constexpr Role other(Role role) {
  return role == Role::teller ? Role::solver : Role::teller;
}

/// The value of a monic polynomial, its leading 1 left out.
Element value_of(std::span<const Element> polynomial, Element at) {
  Element value = 1;
  for (std::size_t i = polynomial.size(); i-- > 0;) {
    value = kSerialKernel.multiply(value, at) ^ polynomial[i];
  }
  return value;
}

}  // namespace

void ListExchange::add(ShortId id) {
  CHASKI_ASSERT(phase_ == Phase::adding && counts_.ours < kIdsMax);
  const std::uint32_t index = counts_.ours++;
  const auto end = entries_.begin() + size_;
  const auto at = std::lower_bound(
      entries_.begin(), end, id, [](const Entry& entry, ShortId key) { return entry.id() < key; });
  if (at != end && at->id() == id) {
    at->packed |= std::uint64_t{1} << 63;
    return they_lack(index);
  }
  if (size_ == kOpenerListMax) {
    if (at == end) return they_lack(index);
    they_lack(entries_.back().index());
    --size_;
  }
  std::move_backward(at, entries_.begin() + size_, entries_.begin() + size_ + 1);
  at->packed = std::uint64_t{index} << kFieldBits | id;
  ++size_;
}

void ListExchange::start() {
  CHASKI_ASSERT(phase_ == Phase::adding);
  std::uint8_t kept = 0;
  for (const Entry& entry : listed()) {
    if (entry.repeated())
      they_lack(entry.index());
    else
      entries_[kept++] = entry;
  }
  size_ = kept;
  phase_ = Phase::waiting;
}

bool ListExchange::work() {
  Read read = Read::more;
  if (phase_ == Phase::waiting)
    read = meet();
  else if (phase_ == Phase::asking)
    read = read_answer();
  if (read == Read::bad) end(Phase::failed);
  return read == Read::ok;
}

std::size_t ListExchange::opener_size() const {
  return kCountSize + size_ * kSyndromeSize;
}

/// Made anew byte by byte: it may go in pieces, and is kept nowhere.
std::size_t ListExchange::write(base::MutableByteView out) {
  if (!wants_to_send()) return 0;
  const std::size_t size = std::min(out.size(), opener_size() - sent_);
  for (std::uint8_t& byte : out.first(size)) {
    const std::size_t at = sent_++;
    const std::size_t in_ids = at - kCountSize;
    byte = at == 0           ? size_
           : at < kCountSize ? std::uint8_t{0}
                             : static_cast<std::uint8_t>(entries_[in_ids / kSyndromeSize].id() >>
                                                         in_ids % kSyndromeSize * 8);
  }
  counts_.bytes_sent += size;
  return size;
}

bool ListExchange::receive(base::ByteView payload) {
  if (phase_ == Phase::failed) return false;
  counts_.bytes_received += payload.size();
  if (phase_ == Phase::finished) return true;
  if (in_.size() + payload.size() > kInMax) {
    end(Phase::failed);
    return false;
  }
  in_.insert(in_.end(), payload.begin(), payload.end());
  return true;
}

/// Their opener is there. What is not settled by it, they answer.
Read ListExchange::meet() {
  Opener theirs;
  std::size_t used = 0;
  const Read read = read_opener(other(role_), in_, theirs, used);
  if (read != Read::ok) return read;
  in_.erase(in_.begin(), in_.begin() + static_cast<std::ptrdiff_t>(used));
  counts_.theirs = theirs.count;
  phase_ = Phase::asking;
  if (theirs.lists()) {
    meet_list(theirs.ids);
  } else if (meet_sketch(theirs.count, theirs.syndromes)) {
    end(Phase::finished);
  }
  return Read::ok;
}

void ListExchange::meet_list(std::span<const ShortId> theirs) {
  auto from = theirs.begin();
  std::uint32_t common = 0;
  for (const Entry& entry : listed()) {
    from = std::lower_bound(from, theirs.end(), entry.id());
    if (from != theirs.end() && *from == entry.id())
      ++common;
    else
      they_lack(entry.index());
  }
  counts_.we_lack = counts_.theirs - common;
  end(Phase::finished);
}

/// Whether their opener's sketch tells the whole difference. `sums` become those of it.
bool ListExchange::meet_sketch(std::uint32_t count, std::span<Element> sums) {
  for (const Entry& entry : listed()) {
    const Element square = kSerialKernel.multiply(entry.id(), entry.id());
    Element power = entry.id();
    for (Element& sum : sums) {
      sum ^= power;
      power = kSerialKernel.multiply(power, square);
    }
  }
  ++counts_.sketches_decoded;
  const auto locator = find_locator(kSerialKernel, sums, opener_settles(other(role_)));
  if (!locator) return false;
  std::array<std::uint32_t, kOpenerListMax> ours;
  std::size_t found = 0;
  for (const Entry& entry : listed()) {
    if (value_of(*locator, entry.id()) == 0) ours[found++] = entry.index();
  }
  if (locator->size() == sums.size() && found == 0) return false;
  if (size_ - found + locator->size() - found != count) return false;
  for (std::size_t i = 0; i < found; ++i) they_lack(ours[i]);
  counts_.we_lack = static_cast<std::uint32_t>(locator->size() - found);
  return true;
}

/// Which of our ids they lack, by their places in our list.
Read ListExchange::read_answer() {
  std::uint32_t code = 0;
  std::size_t head = 0;
  Read read = read_varint(in_, code, head);
  if (read != Read::ok) return read;
  if (code == 0) return Read::bad;
  std::vector<std::uint64_t> ranks;
  std::size_t used = 0;
  read = read_gaps(base::ByteView(in_).subspan(head), code - 1, size_, ranks, used);
  if (read != Read::ok) return read;
  for (const std::uint64_t rank : ranks)
    they_lack(entries_[static_cast<std::size_t>(rank)].index());
  end(Phase::finished);
  return Read::ok;
}

void ListExchange::they_lack(std::uint32_t index) {
  missing_.push_back(index);
  ++counts_.they_lack;
}

void ListExchange::end(Phase phase) {
  phase_ = phase;
  in_ = base::Bytes();
}

std::size_t ListExchange::memory_used() const {
  return sizeof *this + in_.capacity() + missing_.capacity() * sizeof(std::uint32_t);
}

}  // namespace chaski::reconcile
