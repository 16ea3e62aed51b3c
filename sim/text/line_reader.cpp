// SPDX-License-Identifier: Apache-2.0
#include "sim/text/line_reader.hpp"

#include <algorithm>

namespace chaski::sim {
namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

}  // namespace

bool LineReader::next() {
  words_.clear();
  while (words_.empty() && !rest_.empty()) {
    const std::size_t end = std::min(rest_.find('\n'), rest_.size());
    ++number_;
    split(rest_.substr(0, end));
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
  }
  return !words_.empty();
}

void LineReader::split(std::string_view line) {
  line = trimmed(line);
  while (!line.empty() && line.front() != '#') {
    if (between_ == Between::commas) {
      const std::size_t comma = line.find(',');
      words_.push_back(trimmed(line.substr(0, comma)));
      if (comma == std::string_view::npos) return;
      line.remove_prefix(comma + 1);
      if (trimmed(line).empty()) words_.emplace_back();  // a comma at the end
    } else {
      const std::size_t end = line.find_first_of(kBlanks);
      words_.push_back(line.substr(0, end));
      if (end == std::string_view::npos) return;
      line.remove_prefix(end);
    }
    line = trimmed(line);
  }
}

ParseError LineReader::wrong_word(std::size_t index, std::string expected) const {
  return wrong(std::move(expected),
               index < words_.size() ? in_quotes(words_[index]) : "the end of the line");
}

}  // namespace chaski::sim
