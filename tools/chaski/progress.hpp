// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace chaski::tools {

/// How far something is, on one line of a terminal that is written over and over; nothing is
/// written where standard error is no terminal, or output is for a program.
class Progress {
 public:
  explicit Progress(bool for_program);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(const char* what, std::uint64_t done, std::uint64_t size);
  /// Of what nobody knows the size yet.
  void show(const char* what, std::uint64_t done);

 private:
  void draw(std::uint64_t step, const std::string& words);

  bool shown_;
  bool drawn_ = false;
  std::uint64_t step_ = 0;
};

}  // namespace chaski::tools
