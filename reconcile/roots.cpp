// SPDX-License-Identifier: Apache-2.0
#include "reconcile/roots.hpp"

#include <algorithm>
#include <span>

#include "base/assert.hpp"

namespace chaski::reconcile {

namespace {

/// target ^= scale times polynomial.
void add_scaled(const Kernel& kernel, Element scale, std::span<const Element> polynomial,
                Element* target) {
  kernel.add_scaled_rows(&scale, {polynomial.data(), 1, 0}, {target, polynomial.size()});
}

/// x, x^2, x^4 … x^(2^47) modulo a polynomial: a table with a row for each.
class Frobenius {
 public:
  /// Whether x^(2^48) is x again is in `splits`: it is just for products of different x + a.
  Frobenius(const Kernel& kernel, std::span<const Element> modulus)
      : kernel_(kernel), degree_(modulus.size()), rows_(kFieldBits * degree_) {
    make_high_squares(modulus);
    std::vector<Element> power(degree_);
    // x itself, which modulo x + a is a.
    if (degree_ == 1) {
      power[0] = modulus[0];
    } else {
      power[1] = 1;
    }
    const std::vector<Element> x = power;
    for (unsigned i = 0; i < kFieldBits; ++i) {
      std::copy(power.begin(), power.end(), row(i));
      square(power);
    }
    splits_ = power == x;
  }

  bool splits() const { return splits_; }

  /// The polynomial whose value at each root r is the trace of multiplier * r: 0 or 1.
  void trace(Element multiplier, std::span<Element> out) const {
    Element scales[kFieldBits];
    for (Element& scale : scales) {
      scale = multiplier;
      multiplier = kernel_.multiply(multiplier, multiplier);
    }
    std::fill(out.begin(), out.end(), 0);
    kernel_.add_scaled_rows(scales, {rows_.data(), kFieldBits, degree_}, out);
  }

 private:
  Element* row(std::size_t i) { return rows_.data() + i * degree_; }

  /// x^(2 i) modulo the modulus, for those i below the degree for which 2 i is not.
  void make_high_squares(std::span<const Element> modulus) {
    const std::size_t first = (degree_ + 1) / 2;
    high_squares_.resize((degree_ - first) * degree_);
    std::vector<Element> power(modulus.begin(), modulus.end());  // x^degree
    for (std::size_t exponent = degree_; exponent < 2 * degree_ - 1; ++exponent) {
      if (exponent % 2 == 0) {
        const auto at = static_cast<std::ptrdiff_t>((exponent / 2 - first) * degree_);
        std::copy(power.begin(), power.end(), high_squares_.begin() + at);
      }
      const Element over = power.back();
      std::shift_right(power.begin(), power.end(), 1);
      power[0] = 0;
      add_scaled(kernel_, over, modulus, power.data());
    }
  }

  /// Squaring is linear: a square is the sum of the squares of its terms.
  void square(std::vector<Element>& power) {
    const std::size_t low = (degree_ + 1) / 2;
    squares_.resize(degree_);
    kernel_.multiply_each(power, power.data(), squares_.data());
    for (std::size_t i = 0; i < degree_; ++i) power[i] = i % 2 == 0 ? squares_[i / 2] : 0;
    kernel_.add_scaled_rows(squares_.data() + low, {high_squares_.data(), degree_ - low, degree_},
                            power);
  }

  const Kernel& kernel_;
  std::size_t degree_;
  std::vector<Element> rows_;
  std::vector<Element> high_squares_;
  std::vector<Element> squares_;
  bool splits_ = false;
};

/// Parts a product of different linear factors into them, in place: several monic factors stand
/// behind one another, each in as many elements as its degree.
class Splitter {
 public:
  Splitter(const Kernel& kernel, std::vector<Element>& factors)
      : kernel_(kernel), factors_(factors), degrees_{factors.size()} {
    for (auto* buffer : {&trace_, &a_, &b_}) buffer->resize(factors.size() + 1);
  }

  /// Whether each factor is x + a.
  bool done() const { return degrees_.size() == factors_.size(); }

  /// Parts every factor by the values, 0 or 1, that `trace` takes at its roots.
  void part_by(std::span<const Element> trace) {
    std::vector<std::size_t> parted;
    parted.reserve(factors_.size());
    Element* at = factors_.data();
    for (const std::size_t degree : degrees_) {
      const std::size_t zeros = degree == 1 ? 0 : part({at, degree}, trace);
      if (zeros != 0) parted.push_back(zeros);
      if (zeros != degree) parted.push_back(degree - zeros);
      at += degree;
    }
    degrees_.swap(parted);
  }

 private:
  /// Leaves the product of x + r for those r where the trace is 0 in front, the rest behind;
  /// returns how many there are in front.
  std::size_t part(std::span<Element> factor, std::span<const Element> trace) {
    std::copy(trace.begin(), trace.end(), trace_.begin());
    const std::size_t size = remainder(trace_.data(), trace.size(), factor);
    if (size == 0) return factor.size();
    if (size == 1) return 0;
    std::copy(factor.begin(), factor.end(), a_.begin());
    a_[factor.size()] = 1;
    std::copy(trace_.begin(), trace_.begin() + static_cast<std::ptrdiff_t>(size), b_.begin());
    const std::size_t degree = common_divisor(factor.size(), size);
    // factor / divisor, behind; the divisor, in front.
    std::copy(factor.begin(), factor.end(), trace_.begin());
    trace_[factor.size()] = 1;
    remainder(trace_.data(), factor.size() + 1, {b_.data(), degree});
    std::copy_n(b_.begin(), degree, factor.begin());
    std::copy_n(trace_.begin() + static_cast<std::ptrdiff_t>(degree), factor.size() - degree,
                factor.begin() + static_cast<std::ptrdiff_t>(degree));
    return degree;
  }

  /// Divides `size` coefficients by a monic polynomial: the remainder is left below, the quotient
  /// above. Returns how many coefficients the remainder has up to the last that is not 0.
  std::size_t remainder(Element* dividend, std::size_t size, std::span<const Element> divisor) {
    for (; size > divisor.size(); --size) {
      const Element scale = dividend[size - 1];
      if (scale != 0) add_scaled(kernel_, scale, divisor, dividend + size - 1 - divisor.size());
    }
    while (size > 0 && dividend[size - 1] == 0) --size;
    return size;
  }

  /// Euclid's: of a_ (monic, of this degree) and b_ (b_size coefficients, the last not 0). Leaves
  /// the divisor in b_, monic and without its leading 1, and returns its degree.
  std::size_t common_divisor(std::size_t a_degree, std::size_t b_size) {
    std::size_t a_size = a_degree + 1;
    for (;;) {
      const std::size_t b_degree = b_size - 1;
      const Element scale = invert(b_[b_degree]);
      for (std::size_t i = 0; i < b_degree; ++i) b_[i] = kernel_.multiply(b_[i], scale);
      b_[b_degree] = 1;
      const std::size_t rest = remainder(a_.data(), a_size, {b_.data(), b_degree});
      if (rest == 0) return b_degree;
      a_.swap(b_);
      a_size = b_size;
      b_size = rest;
    }
  }

  const Kernel& kernel_;
  std::vector<Element>& factors_;
  std::vector<std::size_t> degrees_;
  std::vector<Element> trace_;
  std::vector<Element> a_;
  std::vector<Element> b_;
};

}  // namespace

bool find_roots(const Kernel& kernel, std::vector<Element>& polynomial) {
  if (polynomial.empty()) return true;
  const Frobenius frobenius(kernel, polynomial);
  if (!frobenius.splits()) return false;
  std::vector<Element> trace(polynomial.size());
  Splitter splitter(kernel, polynomial);
  for (unsigned bit = 0; bit < kFieldBits && !splitter.done(); ++bit) {
    frobenius.trace(Element{1} << bit, trace);
    splitter.part_by(trace);
  }
  CHASKI_ASSERT(splitter.done());
  return true;
}

}  // namespace chaski::reconcile
