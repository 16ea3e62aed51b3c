// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace chaski::tools {

enum class Colour { plain, good, warning, bad, quiet, strong };

/// Standard output: whether it is a terminal, how wide, and whether colours are wanted.
///
/// Colours go only to a terminal, and not when NO_COLOR is set (no-color.org) or TERM is "dumb".
class Screen {
 public:
  Screen();

  bool terminal() const { return terminal_; }
  bool coloured() const { return coloured_; }
  /// Columns of the terminal, 80 when that is not known.
  int columns() const { return columns_; }
  std::string paint(Colour colour, std::string_view text) const;

  /// Writes and flushes. Throws CommandError when it cannot (a full disk).
  static void print(std::string_view text);

 private:
  bool terminal_ = false;
  bool coloured_ = false;
  int columns_ = 80;
};

}  // namespace chaski::tools
