// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace chaski::sim {

/// Why a file was not taken: where, what was expected there and what was found, for a person.
struct ParseError {
  std::string file;
  std::uint64_t line = 0;  ///< from 1 on; 0: the file as a whole
  std::string expected;
  std::string found;

  /// `trace.txt:12: expected up or down, found 'upp'`; one line of printable characters.
  std::string message() const;
  friend bool operator==(const ParseError&, const ParseError&) = default;
};

/// What a file says, in quotes: cut to 60 bytes, and what is not printable ASCII as \xHH.
std::string in_quotes(std::string_view text);

}  // namespace chaski::sim
