// SPDX-License-Identifier: Apache-2.0
#include "tools/chaski/command_error.hpp"
#include "tools/chaski/commands.hpp"

namespace chaski::tools {

nlohmann::json parse_answer(std::string_view text) {
  auto answer = nlohmann::json::parse(text, nullptr, false);
  if (answer.is_discarded() || !answer.is_object()) {
    throw CommandError{ExitCode::not_understood, "not_understood",
                       "the node's answer is not a JSON object",
                       "are chaski and chaskid of the same version? See chaski --version"};
  }
  return answer;
}

std::string json_line(const nlohmann::json& value) {
  return value.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace) + "\n";
}

nlohmann::json ask(const Context& context, std::string_view method, std::string_view target,
                   const nlohmann::json& body) {
  const std::string sent = body.is_null() ? std::string() : body.dump();
  const std::string text = context.client.request(method, target, sent);
  auto answer = parse_answer(text);
  if (context.json) Screen::print(json_line(answer));
  return answer;
}

}  // namespace chaski::tools
