// SPDX-License-Identifier: Apache-2.0
// Afraid of: a product that is wrong for one pattern of bits, or on one kind of processor.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "oracle.hpp"
#include "reconcile/kernel.hpp"
#include "reconcile/quadratic.hpp"

namespace chaski::reconcile::test {
namespace {

Element element(std::uint64_t bits) {
  return bits & kFieldMask;
}

/// Elements where carries and folds happen: few bits, all bits, both ends.
std::vector<Element> edges() {
  std::vector<Element> found = {0, kFieldMask, 0x555555555555, 0xAAAAAAAAAAAA, 0xFFFFFF000000};
  for (unsigned bit = 0; bit < kFieldBits; ++bit) {
    found.push_back(Element{1} << bit);
    found.push_back(kFieldMask >> bit);
    found.push_back(kFieldMask & kFieldMask << bit);
  }
  return found;
}

TEST(Field, ProductsAtTheEdgesAreThoseOfTheOracleInEveryArithmetic) {
  for (const Kernel* kernel : all_kernels()) {
    for (const Element a : edges()) {
      for (const Element b : edges()) {
        ASSERT_EQ(kernel->multiply(a, b), naive_multiply(a, b))
            << to_string(kernel->arithmetic) << ' ' << a << ' ' << b;
      }
    }
  }
}

RC_GTEST_PROP(Field, ProductsAreThoseOfTheOracleInEveryArithmetic,
              (std::uint64_t x, std::uint64_t y)) {
  const Element a = element(x * 0x9E3779B97F4A7C15);  // small numbers too, and all bits
  const Element b = element(y);
  for (const Kernel* kernel : all_kernels()) {
    RC_ASSERT(kernel->multiply(a, b) == naive_multiply(a, b));
  }
}

RC_GTEST_PROP(Field, IsAField, (std::uint64_t x, std::uint64_t y, std::uint64_t z)) {
  const Element a = element(x);
  const Element b = element(y);
  const Element c = element(z);
  RC_ASSERT(multiply(a, b) == multiply(b, a));
  RC_ASSERT(multiply(a, multiply(b, c)) == multiply(multiply(a, b), c));
  RC_ASSERT(multiply(a, b ^ c) == (multiply(a, b) ^ multiply(a, c)));
  RC_ASSERT(multiply(a, 1) == a);
  RC_ASSERT(square(a) == multiply(a, a));
  RC_ASSERT(square(a ^ b) == (square(a) ^ square(b)));
  if (a == 0) return;
  for (const Kernel* kernel : all_kernels()) {
    RC_ASSERT(naive_multiply(a, invert_with(*kernel, a)) == 1);
  }
}

RC_GTEST_PROP(Field, QuadraticEquationsThatHaveSolutionsAreSolved, (std::uint64_t x)) {
  const Element z = element(x);
  const Element solved = solve_quadratic(naive_multiply(z, z) ^ z);
  RC_ASSERT(solved == z || solved == (z ^ 1));
}

TEST(Field, QuadraticEquationsAreSolvedForEveryBit) {
  for (const Element z : edges()) {
    EXPECT_EQ(solve_quadratic(naive_multiply(z, z) ^ z) & ~Element{1}, z & ~Element{1}) << z;
  }
}

TEST(Field, FrobeniusComesBackAfterFortyEightSquaringsAndNotBefore) {
  // x generates the field over GF(2), so its conjugates are 48 different elements.
  std::set<Element> conjugates;
  Element power = 2;
  for (unsigned i = 0; i < kFieldBits; ++i) {
    conjugates.insert(power);
    power = square(power);
  }
  EXPECT_EQ(power, 2u);
  EXPECT_EQ(conjugates.size(), kFieldBits);
}

TEST(Field, IsLibminisketchs) {
  // The last two rows of its table of squares: what x^92 and x^94 are.
  EXPECT_EQ(square(Element{1} << 46), 0xd0000000005au);
  EXPECT_EQ(square(Element{1} << 47), 0x40000000011fu);
}

TEST(Field, OneProductForEachOfManyInEveryArithmetic) {
  base::SeededRandom random(1);
  for (const Kernel* kernel : all_kernels()) {
    for (std::size_t count = 0; count < 40; ++count) {
      std::vector<Element> a(count);
      std::vector<Element> b(count);
      std::vector<Element> expected(count);
      for (std::size_t i = 0; i < count; ++i) {
        a[i] = random_element(random);
        b[i] = random_element(random);
        expected[i] = naive_multiply(a[i], b[i]);
      }
      std::vector<Element> out(count);
      kernel->multiply_each(a, b.data(), out.data());
      EXPECT_EQ(out, expected) << to_string(kernel->arithmetic) << ' ' << count;
      kernel->multiply_each(a, b.data(), a.data());
      EXPECT_EQ(a, expected) << to_string(kernel->arithmetic) << ", in place, " << count;
    }
  }
}

TEST(Field, SumsOfScaledRowsInEveryArithmeticAndNothingBesideThem) {
  base::SeededRandom random(2);
  for (const Kernel* kernel : all_kernels()) {
    for (const std::size_t rows : {0u, 1u, 2u, 3u, 15u, 16u, 17u, 33u}) {
      for (std::size_t columns = 0; columns < 36; ++columns) {
        const std::size_t stride = columns + rows % 3;
        std::vector<Element> matrix(rows * stride);
        std::vector<Element> scales(rows);
        std::vector<Element> out(columns + 1);
        for (auto* part : {&matrix, &scales, &out}) {
          for (Element& e : *part) e = random_element(random);
        }
        if (rows > 0 && columns > 0) matrix[0] = scales[0] = kFieldMask;
        std::vector<Element> expected = out;
        for (std::size_t r = 0; r < rows; ++r) {
          for (std::size_t k = 0; k < columns; ++k) {
            expected[k] ^= naive_multiply(scales[r], matrix[r * stride + k]);
          }
        }
        kernel->add_scaled_rows(scales.data(),
                                {matrix.data(), rows, static_cast<std::ptrdiff_t>(stride)},
                                {out.data(), columns});
        ASSERT_EQ(out, expected) << to_string(kernel->arithmetic) << ' ' << rows << 'x' << columns;
      }
    }
  }
}

TEST(Field, TheFastestArithmeticIsUsed) {
  EXPECT_EQ(all_kernels().front()->arithmetic, Arithmetic::portable);
  EXPECT_EQ(arithmetic_in_use(), all_kernels().back()->arithmetic);
}

}  // namespace
}  // namespace chaski::reconcile::test
