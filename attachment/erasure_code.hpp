// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.hpp"

namespace chaski::attachment {

/// A chunk of a group and its row (ChunkPlan::Place): data below 128, parity from there.
struct Row {
  std::uint32_t row = 0;
  base::ByteView bytes;
};

/// Makes the parity chunks of a group: `parity[j]` becomes the row 128 + j of a Cauchy code.
///
/// GF(2^8) with the polynomial x^8 + x^4 + x^3 + x^2 + 1; byte b of parity row r (128 and above) is
/// the sum over the data rows c of data[c][b] / (r xor c), which any square part of the matrix can
/// be solved for. All chunks have the same size, above 0 and below 2^31; at most 128 data rows and
/// 127 of parity. Source: Bloemer et al., "An XOR-Based Erasure-Resilient Coding Scheme", ICSI
/// TR-95-048, 1995. The arithmetic is ISA-L's.
void make_parity(std::span<const base::ByteView> data,
                 std::span<const base::MutableByteView> parity);

/// Rebuilds the data rows `missing` of a group of `data_rows` from as many different rows as that.
///
/// `have` are exactly `data_rows` different rows, none of them missing; `out[i]` becomes row
/// `missing[i]`.
void rebuild(std::uint32_t data_rows, std::span<const Row> have,
             std::span<const std::uint32_t> missing, std::span<const base::MutableByteView> out);

}  // namespace chaski::attachment
