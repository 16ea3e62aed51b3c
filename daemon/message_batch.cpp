// SPDX-License-Identifier: Apache-2.0
#include "daemon/message_batch.hpp"

#include "daemon/api_json.hpp"
#include "daemon/api_messages.hpp"

namespace chaski::daemon {
namespace {

/// A blank line is no message and gets no answer.
bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r") == line.npos; }

}  // namespace

void MessageBatch::step(ApiContext& context) {
  for (std::size_t i = 0; i < kLinesPerStep && !done(); ++i) {
    const std::string_view rest = std::string_view(lines_).substr(at_);
    const std::string_view line = rest.substr(0, rest.find('\n'));
    at_ += line.size() + 1;
    if (!is_blank(line)) unsettled_.push_back(one(context, line));
  }
}

std::string MessageBatch::one(ApiContext& context, std::string_view line) {
  if (!context.writable) return dump(error_json(store_refuses()));
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) {
    return dump(error_json(bad_request("the line is no JSON object", "send one a line")));
  }
  const auto sent = send_message(context, json);
  if (!sent) return dump(error_json(sent.error()));
  return "{\"id\":" + std::to_string(sent->id) + "}";
}

void MessageBatch::settle(bool durable) {
  const std::string lost = durable ? std::string() : dump(error_json(store_refuses()));
  for (const std::string& line : unsettled_) {
    answer_ += durable || line.starts_with("{\"error\"") ? line : lost;
    answer_ += '\n';
  }
  unsettled_.clear();
}

}  // namespace chaski::daemon
