// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/api_types.hpp"

namespace chaski::daemon {

/// Many messages in one request, one JSON object a line; the answer has a line for each.
///
/// Sent in steps, so that the loop serves others in between: step(), then wait for the commit, then
/// settle(), until done(). A line is only reported as sent when its commit held.
class MessageBatch {
 public:
  static constexpr std::size_t kLinesPerStep = 512;

  explicit MessageBatch(std::string lines) : lines_(std::move(lines)) {}

  bool done() const { return at_ >= lines_.size(); }
  void step(ApiContext& context);
  /// Whether the store took what the last step sent.
  void settle(bool durable);
  std::string take_answer() { return std::move(answer_); }

 private:
  std::string one(ApiContext& context, std::string_view line);

  std::string lines_;
  std::size_t at_ = 0;
  std::vector<std::string> unsettled_;
  std::string answer_;
};

}  // namespace chaski::daemon
