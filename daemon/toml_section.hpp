// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <toml++/toml.h>
#include <vector>

namespace chaski::daemon {

/// What is wrong with a config, as one line; caught within config.cpp.
struct ConfigError {
  std::string line;
};

/// Reads one table of a config strictly: a wrong type, a value out of range or an unknown key
/// throws ConfigError with file and line.
class TomlSection {
 public:
  /// `name` is empty for the top of the file.
  TomlSection(const toml::table& table, std::string_view file, std::string name);

  void read(std::string_view key, bool& out);
  void read(std::string_view key, std::string& out);
  void read(std::string_view key, std::vector<std::string>& out);
  void read(std::string_view key, std::uint64_t& out, std::uint64_t min, std::uint64_t max);
  /// The table of this name, or null; throws when it is something else.
  const toml::table* section(std::string_view key);
  /// Throws when there is a key that was never asked for.
  void finish() const;

  /// Throws about this key: `what` is wrong with it, `mend` is what to do.
  [[noreturn]] void reject(std::string_view key, const std::string& what,
                           const std::string& mend) const;

 private:
  const toml::node* find(std::string_view key);
  std::string full_name(std::string_view key) const;

  const toml::table& table_;
  std::string_view file_;
  std::string name_;
  std::vector<std::string> known_;
};

}  // namespace chaski::daemon
