// SPDX-License-Identifier: Apache-2.0
#include "reconcile/gap_code.hpp"

namespace chaski::reconcile {

namespace {

class BitWriter {
 public:
  explicit BitWriter(base::Bytes& out) : out_(out) {}
  void put(bool bit) {
    if (filled_ % 8 == 0) out_.push_back(0);
    if (bit) out_.back() = static_cast<std::uint8_t>(out_.back() | 1u << (filled_ % 8));
    ++filled_;
  }

 private:
  base::Bytes& out_;
  std::size_t filled_ = 0;
};

class BitReader {
 public:
  explicit BitReader(base::ByteView in) : in_(in) {}
  bool at_end() const { return at_ == in_.size() * 8; }
  /// Not at the end.
  bool get() {
    const bool bit = (in_[at_ / 8] & 1u << (at_ % 8)) != 0;
    ++at_;
    return bit;
  }
  std::size_t bytes() const { return (at_ + 7) / 8; }
  bool padded_with_zeros() const { return at_ % 8 == 0 || in_[at_ / 8] >> (at_ % 8) == 0; }

 private:
  base::ByteView in_;
  std::size_t at_ = 0;
};

/// One gap; bad when it exceeds `gap_max`.
Read read_gap(BitReader& in, unsigned low_bits, std::uint64_t gap_max, std::uint64_t& gap) {
  std::uint64_t upper = 0;
  for (;; ++upper) {
    if (in.at_end()) return Read::more;
    if (!in.get()) break;
    if (upper >= gap_max >> low_bits) return Read::bad;
  }
  gap = upper << low_bits;
  for (unsigned bit = 0; bit < low_bits; ++bit) {
    if (in.at_end()) return Read::more;
    gap |= std::uint64_t{in.get()} << bit;
  }
  return gap <= gap_max ? Read::ok : Read::bad;
}

}  // namespace

unsigned gap_bits(std::uint64_t count, std::uint64_t range) {
  unsigned bits = 0;
  if (count == 0) return bits;
  while (count <= (range - range / 32) >> (bits + 1)) ++bits;
  return bits;
}

void write_gaps(std::span<const std::uint64_t> values, std::uint64_t range, base::Bytes& out) {
  const unsigned low_bits = gap_bits(values.size(), range);
  BitWriter writer(out);
  std::uint64_t next = 0;
  for (const std::uint64_t value : values) {
    const std::uint64_t gap = value - next;
    for (std::uint64_t upper = gap >> low_bits; upper > 0; --upper) writer.put(true);
    writer.put(false);
    for (unsigned bit = 0; bit < low_bits; ++bit) writer.put((gap >> bit & 1) != 0);
    next = value + 1;
  }
}

Read read_gaps(base::ByteView in, std::size_t count, std::uint64_t range,
               std::vector<std::uint64_t>& values, std::size_t& used) {
  values.clear();
  if (count > range) return Read::bad;
  const unsigned low_bits = gap_bits(count, range);
  BitReader reader(in);
  std::uint64_t next = 0;
  for (std::size_t left = count; left > 0; --left) {
    std::uint64_t gap = 0;
    if (range - next < left) return Read::bad;
    const Read read = read_gap(reader, low_bits, range - next - left, gap);
    if (read != Read::ok) return read;
    values.push_back(next + gap);
    next += gap + 1;
  }
  used = reader.bytes();
  return reader.padded_with_zeros() ? Read::ok : Read::bad;
}

void write_varint(std::uint32_t value, base::Bytes& out) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<std::uint8_t>(value | 0x80u));
  out.push_back(static_cast<std::uint8_t>(value));
}

Read read_varint(base::ByteView in, std::uint32_t& value, std::size_t& used) {
  std::uint64_t wide = 0;
  for (std::size_t i = 0; i < 5; ++i) {
    if (i == in.size()) return Read::more;
    wide |= std::uint64_t{in[i] & 0x7Fu} << (7 * i);
    if (in[i] >= 0x80) continue;
    if (wide > UINT32_MAX || (i > 0 && in[i] == 0)) return Read::bad;
    value = static_cast<std::uint32_t>(wide);
    used = i + 1;
    return Read::ok;
  }
  return Read::bad;
}

}  // namespace chaski::reconcile
