// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace chaski::vectors {

/// `chaski-vectors reconcile --salt HEX --capacity N --ours IDS --theirs IDS`: what a sketch makes
/// of two given sets. IDS are ids of 16 bytes in hexadecimal, with commas between them, or a file
/// with one a line.
class ReconcileCommand {
 public:
  void add_options(CLI::App& command);
  /// Whether a set was given, rather than a vector asked for.
  bool given() const { return !options_.empty() && options_.front()->count() > 0; }
  /// Prints JSON, or one line on standard error; gives the exit code.
  int run() const;

 private:
  std::vector<CLI::Option*> options_;
  std::string salt_;
  std::string ours_;
  std::string theirs_;
  std::size_t capacity_ = 36;
};

}  // namespace chaski::vectors
