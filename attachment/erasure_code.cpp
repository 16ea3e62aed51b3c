// SPDX-License-Identifier: Apache-2.0
#include "attachment/erasure_code.hpp"

#include <isa-l/erasure_code.h>

#include <algorithm>

#include "attachment/chunk_plan.hpp"
#include "base/assert.hpp"

namespace chaski::attachment {
namespace {

constexpr std::size_t kTableSize = 32;  // ISA-L's, for each coefficient

/// What row `row` takes of the data row `column`.
std::uint8_t coefficient(std::uint32_t row, std::uint32_t column) {
  if (row < kGroupDataMax) return row == column ? 1 : 0;
  return gf_inv(static_cast<std::uint8_t>(row ^ column));
}

/// ISA-L reads through pointers to bytes that are not const.
std::uint8_t* readable(base::ByteView bytes) { return const_cast<std::uint8_t*>(bytes.data()); }

/// out = matrix x in; `matrix` has a row for each of `out` and a column for each of `in`.
void multiply(std::vector<std::uint8_t>& matrix, std::vector<std::uint8_t*>& in,
              std::span<const base::MutableByteView> out) {
  CHASKI_ASSERT(matrix.size() == in.size() * out.size());
  std::vector<std::uint8_t> tables(kTableSize * matrix.size());
  const auto columns = static_cast<int>(in.size());
  const auto rows = static_cast<int>(out.size());
  ec_init_tables(columns, rows, matrix.data(), tables.data());
  std::vector<std::uint8_t*> targets;
  for (const base::MutableByteView bytes : out) targets.push_back(bytes.data());
  const auto size = static_cast<int>(out.front().size());
  ec_encode_data(size, columns, rows, tables.data(), in.data(), targets.data());
}

}  // namespace

void make_parity(std::span<const base::ByteView> data,
                 std::span<const base::MutableByteView> parity) {
  if (parity.empty()) return;
  CHASKI_ASSERT(!data.empty() && data.size() <= kGroupDataMax);
  CHASKI_ASSERT(parity.size() <= kGroupParityMax);
  std::vector<std::uint8_t> matrix;
  for (std::uint32_t j = 0; j < parity.size(); ++j) {
    CHASKI_ASSERT(parity[j].size() == data.front().size());
    for (std::uint32_t column = 0; column < data.size(); ++column) {
      matrix.push_back(coefficient(kGroupDataMax + j, column));
    }
  }
  std::vector<std::uint8_t*> sources;
  for (const base::ByteView bytes : data) {
    CHASKI_ASSERT(bytes.size() == data.front().size());
    sources.push_back(readable(bytes));
  }
  multiply(matrix, sources, parity);
}

void rebuild(std::uint32_t data_rows, std::span<const Row> have,
             std::span<const std::uint32_t> missing, std::span<const base::MutableByteView> out) {
  if (missing.empty()) return;
  CHASKI_ASSERT(data_rows > 0 && data_rows <= kGroupDataMax && have.size() == data_rows);
  CHASKI_ASSERT(missing.size() == out.size());
  std::vector<std::uint8_t> code;
  std::vector<std::uint8_t*> sources;
  for (const Row& row : have) {
    CHASKI_ASSERT(row.bytes.size() == out.front().size());
    for (std::uint32_t column = 0; column < data_rows; ++column) {
      code.push_back(coefficient(row.row, column));
    }
    sources.push_back(readable(row.bytes));
  }
  std::vector<std::uint8_t> inverse(code.size());
  const int failed = gf_invert_matrix(code.data(), inverse.data(), static_cast<int>(data_rows));
  CHASKI_ASSERT(failed == 0);  // two rows were the same
  std::vector<std::uint8_t> wanted;
  for (const std::uint32_t row : missing) {
    CHASKI_ASSERT(row < data_rows);
    const auto weights = base::ByteView(inverse).subspan(std::size_t{row} * data_rows, data_rows);
    wanted.insert(wanted.end(), weights.begin(), weights.end());
  }
  multiply(wanted, sources, out);
}

}  // namespace chaski::attachment
