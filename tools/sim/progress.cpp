// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "tools/chaski/quantities.hpp"

namespace chaski::tools {

Progress::Progress(base::Time end) : end_(end), shown_(::isatty(STDERR_FILENO) != 0) {}

Progress::~Progress() {
  if (shown_ && said_) std::fputs("\r\033[K", stderr);
}

void Progress::say(const std::string& strategy, base::Time now, std::uint64_t delivered) {
  if (!shown_) return;
  said_ = true;
  const auto share = static_cast<double>(base::to_us(now)) /
                     static_cast<double>(std::max<std::int64_t>(1, base::to_us(end_)));
  std::fputs(fmt::format("\r\033[K{}: {:.0f} %, {} simulated, {} delivered", strategy, 100 * share,
                         duration_words(base::to_us(now) / 1'000'000), delivered)
                 .c_str(),
             stderr);
  std::fflush(stderr);
}

}  // namespace chaski::tools
