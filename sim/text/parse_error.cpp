// SPDX-License-Identifier: Apache-2.0
#include "sim/text/parse_error.hpp"

namespace chaski::sim {

std::string ParseError::message() const {
  std::string text = file;
  if (line != 0) text += ":" + std::to_string(line);
  return text + ": expected " + expected + ", found " + found;
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t kShown = 60;
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out = "'";
  for (const char c : text.substr(0, kShown)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      out += c;
    } else {
      out += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return out + (text.size() > kShown ? "...'" : "'");
}

}  // namespace chaski::sim
