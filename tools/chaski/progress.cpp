// SPDX-License-Identifier: Apache-2.0
#include "tools/chaski/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "tools/chaski/quantities.hpp"

namespace chaski::tools {

Progress::Progress(bool for_program) : shown_(!for_program && ::isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (drawn_) std::fputs("\r\033[K", stderr);
}

void Progress::show(const char* what, std::uint64_t done, std::uint64_t size) {
  const std::uint64_t percent = size == 0 ? 100 : done * 100 / size;
  draw(percent, fmt::format("{} {:>3} % of {}", what, percent, size_words(size)));
}

void Progress::show(const char* what, std::uint64_t done) {
  constexpr std::uint64_t kStep = 1u << 20;
  draw(done / kStep, fmt::format("{} {}", what, size_words(done)));
}

void Progress::draw(std::uint64_t step, const std::string& words) {
  if (!shown_ || (drawn_ && step == step_)) return;
  drawn_ = true;
  step_ = step;
  std::fputs(fmt::format("\r{}\033[K", words).c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace chaski::tools
