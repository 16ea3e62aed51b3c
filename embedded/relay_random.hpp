// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "base/random.hpp"
#include "base/time.hpp"
#include "embedded/port.h"

namespace chaski::embedded {

/// The core's Random, made of what the board's generator gave: a key of 32 bytes that is replaced
/// with each use, so that what was drawn before cannot be found from what the memory holds later.
///
/// The stream is ChaCha20's (Bernstein, "Fast-key-erasure random-number generators", 2017). A board
/// whose generator fails is asked again: before the first success there is nothing to draw from,
/// after it the stream goes on.
class RelayRandom final : public base::Random {
 public:
  static constexpr std::chrono::milliseconds kAskAgain{250};
  static constexpr std::chrono::minutes kFreshen{10};

  explicit RelayRandom(const chaski_port& port) : port_(port) {}
  ~RelayRandom() override;
  RelayRandom(const RelayRandom&) = delete;
  RelayRandom& operator=(const RelayRandom&) = delete;

  /// Asks the board when it is time to. Whether fill() may be called.
  bool wake(base::Time now);
  base::Time next_wakeup() const { return ask_at_; }
  bool ready() const { return ready_; }
  /// How often the board's generator failed.
  std::uint32_t failures() const { return failures_; }

  void fill(base::MutableByteView out) override;

 private:
  static constexpr std::size_t kKeySize = 32;

  const chaski_port& port_;
  std::array<std::uint8_t, kKeySize> key_{};
  bool ready_ = false;
  std::uint32_t failures_ = 0;
  base::Time ask_at_{};
};

}  // namespace chaski::embedded
