// SPDX-License-Identifier: Apache-2.0
#include "tools/chaski/screen.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tools/chaski/command_error.hpp"

namespace chaski::tools {

namespace {

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

const char* sequence(Colour colour) {
  switch (colour) {
    case Colour::good: return "\x1b[32m";
    case Colour::warning: return "\x1b[33m";
    case Colour::bad: return "\x1b[31m";
    case Colour::quiet: return "\x1b[2m";
    case Colour::strong: return "\x1b[1m";
    case Colour::plain: break;
  }
  return "";
}

}  // namespace

Screen::Screen() : terminal_(::isatty(STDOUT_FILENO) == 1) {
  if (!terminal_) return;
  const char* kind = std::getenv("TERM");
  coloured_ = !is_set("NO_COLOR") && kind != nullptr && std::strcmp(kind, "dumb") != 0;
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) columns_ = size.ws_col;
}

std::string Screen::paint(Colour colour, std::string_view text) const {
  if (!coloured_ || colour == Colour::plain) return std::string(text);
  return std::string(sequence(colour)) + std::string(text) + "\x1b[0m";
}

void Screen::print(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (written && std::fflush(stdout) == 0) return;
  throw CommandError{ExitCode::refused, "output",
                     std::string("cannot write the output: ") + std::strerror(errno),
                     "is the disk full?"};
}

}  // namespace chaski::tools
