// SPDX-License-Identifier: Apache-2.0
#include "daemon/command_line.hpp"

#include <string_view>

namespace chaski::daemon {
namespace {

/// "--name value" or "--name=value".
class Arguments {
 public:
  Arguments(int argc, const char* const* argv) : argc_(argc), argv_(argv) {}

  bool next() {
    if (++at_ >= argc_) return false;
    name_ = argv_[at_];
    const auto equals = name_.find('=');
    has_inline_ = equals != std::string_view::npos;
    inline_ = has_inline_ ? name_.substr(equals + 1) : std::string_view();
    name_ = name_.substr(0, equals);
    return true;
  }
  std::string_view name() const { return name_; }
  std::optional<std::string> value() {
    if (has_inline_) return std::string(inline_);
    if (at_ + 1 >= argc_) return std::nullopt;
    return argv_[++at_];
  }

 private:
  int argc_;
  const char* const* argv_;
  int at_ = 0;
  std::string_view name_;
  std::string_view inline_;
  bool has_inline_ = false;
};

}  // namespace

base::Expected<CommandLine, std::string> parse_command_line(int argc, const char* const* argv) {
  CommandLine command;
  Arguments arguments(argc, argv);
  while (arguments.next()) {
    const std::string name(arguments.name());
    if (name == "--check-config") {
      command.check_config = true;
    } else if (name == "--version") {
      command.version = true;
    } else if (name == "--help" || name == "-h") {
      command.help = true;
    } else if (name == "--config" || name == "--state" || name == "--log-level") {
      const auto value = arguments.value();
      if (!value || value->empty()) {
        return base::unexpected(name + " has no value; write " + name + " <value>");
      }
      if (name == "--config") command.config = *value;
      if (name == "--state") command.state = *value;
      if (name != "--log-level") continue;
      command.log_level = log_level(*value);
      if (!command.log_level) {
        return base::unexpected("--log-level is '" + *value +
                                "'; write error, warning, info or debug");
      }
    } else {
      return base::unexpected("unknown argument " + name + "; see chaskid --help");
    }
  }
  return command;
}

const char* usage() {
  return "chaskid: the node of a mesh\n"
         "\n"
         "  --config <file>      default /etc/chaski/chaskid.toml\n"
         "  --state <folder>     the data folder, instead of node.state in the config\n"
         "  --log-level <level>  error, warning, info or debug\n"
         "  --check-config       read the config, say what is wrong, and end\n"
         "  --version\n"
         "\n"
         "Ends with 0 when stopped, 2 for a bad command line or config, 3 when another daemon has\n"
         "the data folder, 4 when the data folder or its database cannot be used.\n";
}

base::Expected<Config, std::string> load_config(const CommandLine& command) {
  auto config = load_config(command.config.value_or(kDefaultConfigPath), !command.config);
  if (!config) return config;
  if (command.state) config->state = *command.state;
  if (command.log_level) config->log_level = *command.log_level;
  return config;
}

}  // namespace chaski::daemon
