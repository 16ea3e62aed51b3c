// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/expected.hpp"

namespace chaski::sim {

/// What stands before the elements of a NumPy file.
struct NpyHeader {
  std::string descr;  ///< `<f8`
  bool fortran_order = false;
  std::vector<std::uint64_t> shape;
  std::size_t size = 0;  ///< bytes before the first element
};

/// What a header should have been, and what it was.
struct NpyError {
  std::string expected;
  std::string found;
};

/// Reads magic, version and dictionary; at most 64 KiB of it, with at most 8 dimensions.
///
/// The dictionary is a literal of Python with the keys descr, fortran_order and shape, each once,
/// and descr a string: no array of records.
base::Expected<NpyHeader, NpyError> parse_npy_header(base::ByteView bytes);

}  // namespace chaski::sim
