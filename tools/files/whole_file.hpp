// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "base/expected.hpp"

namespace chaski::tools {

/// Why a file could not be read, for a person: `march.txt: No such file or directory`.
struct FileError {
  std::string message;
};

/// What a file holds, unpacked if it is packed with gzip, whatever it is called.
///
/// Errors: it cannot be read; its gzip is cut or damaged; it holds more than `bytes_max` once
/// unpacked, which is noticed before that much is in memory.
base::Expected<std::string, FileError> read_whole_file(const std::string& path,
                                                       std::size_t bytes_max);

}  // namespace chaski::tools
