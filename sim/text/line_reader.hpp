// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/text/parse_error.hpp"

namespace chaski::sim {

/// The lines of a text that say something, cut into words.
///
/// Words stand between blanks, or between commas with blanks around them; from a word that begins
/// with # on, the line is a comment. Empty lines are passed over, but counted. Lines may end with
/// carriage return and line feed. Text and file name are referenced.
class LineReader {
 public:
  enum class Between { blanks, commas };
  LineReader(std::string_view text, std::string_view file, Between between = Between::blanks)
      : rest_(text), file_(file), between_(between) {}

  /// Goes to the next line with words; false: there is none.
  bool next();
  std::span<const std::string_view> words() const { return words_; }
  /// A word of this line; empty where it has none.
  std::string_view word(std::size_t index) const {
    return index < words_.size() ? words_[index] : std::string_view{};
  }
  std::uint64_t number() const { return number_; }

  /// An error in this line.
  ParseError wrong(std::string expected, std::string found) const {
    return {std::string(file_), number_, std::move(expected), std::move(found)};
  }
  /// An error in this word of this line, which may be missing.
  ParseError wrong_word(std::size_t index, std::string expected) const;

 private:
  void split(std::string_view line);

  std::string_view rest_;
  std::string_view file_;
  Between between_;
  std::uint64_t number_ = 0;
  std::vector<std::string_view> words_;
};

}  // namespace chaski::sim
