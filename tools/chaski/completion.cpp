// SPDX-License-Identifier: Apache-2.0
#include "tools/chaski/command_error.hpp"
#include "tools/chaski/commands.hpp"
#include "tools/chaski/completion_scripts.hpp"

namespace chaski::tools {

void run_completion(const Context& context, const std::string& shell) {
  std::string_view script;
  if (shell == "bash") {
    script = kBashCompletion;
  } else if (shell == "zsh") {
    script = kZshCompletion;
  } else if (shell == "fish") {
    script = kFishCompletion;
  } else {
    throw usage_error("no completion for the shell '" + shell + "'", "there is bash, zsh and fish");
  }
  if (context.json) {
    Screen::print(json_line({{"shell", shell}, {"script", script}}));
  } else {
    Screen::print(script);
  }
}

}  // namespace chaski::tools
