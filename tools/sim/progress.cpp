// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "tools/chaski/quantities.hpp"

namespace chaski::tools {

namespace {
constexpr std::chrono::minutes kBetweenLines{1};
}

RunProgress::RunProgress(base::Time end)
    : end_(end),
      terminal_(::isatty(STDERR_FILENO) != 0),
      last_line_(std::chrono::steady_clock::now()) {}

RunProgress::~RunProgress() {
  if (terminal_ && said_) std::fputs("\r\033[K", stderr);
}

void RunProgress::say(const std::string& strategy, base::Time now, std::uint64_t delivered) {
  if (!terminal_) {
    const auto at = std::chrono::steady_clock::now();
    if (at - last_line_ < kBetweenLines) return;
    last_line_ = at;
  }
  said_ = true;
  const auto share = static_cast<double>(base::to_us(now)) /
                     static_cast<double>(std::max<std::int64_t>(1, base::to_us(end_)));
  const std::string line =
      fmt::format("{}: {:.0f} %, {} simulated, {} delivered", strategy, 100 * share,
                  duration_words(base::to_us(now) / 1'000'000), delivered);
  std::fputs(terminal_ ? ("\r\033[K" + line).c_str() : (line + "\n").c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace chaski::tools
