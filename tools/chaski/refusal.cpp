// SPDX-License-Identifier: Apache-2.0
#include "tools/chaski/refusal.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/chaski/safe_text.hpp"

namespace chaski::tools {

CommandError refusal(const Response& response, const std::string& socket) {
  const auto body = nlohmann::json::parse(response.body, nullptr, false);
  if (body.is_object() && body.contains("error") && body["error"].is_object()) {
    const auto& error = body["error"];
    const auto text = [&error](const char* key) {
      return error.contains(key) && error[key].is_string() ? error[key].get<std::string>()
                                                           : std::string();
    };
    if (!text("message").empty()) {
      const auto exit = text("code") == "locked" ? ExitCode::locked : ExitCode::refused;
      return {exit, text("code"), text("message"), text("mend")};
    }
  }
  return {ExitCode::not_understood, "not_understood",
          fmt::format("{} answered status {} without saying why", socket, response.status),
          "is it chaskid, and of the version of this chaski? Give its socket with --socket"};
}

std::string error_line(const CommandError& error) {
  std::string line = "chaski: " + one_line(error.what);
  if (!error.mend.empty()) line += "; " + one_line(error.mend);
  return line;
}

std::string error_json(const CommandError& error) {
  const nlohmann::json body{
      {"error", {{"code", error.code}, {"message", error.what}, {"mend", error.mend}}}};
  return body.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

}  // namespace chaski::tools
