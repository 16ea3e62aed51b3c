// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <toml++/toml.h>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/expected.hpp"
#include "base/time.hpp"

namespace chaski::settings {

/// What is wrong with a file of settings, as one line; whoever reads the file catches it.
struct SettingError {
  std::string line;
};

/// Reads one table of a TOML file strictly: a wrong type, a value out of range or an unknown key
/// throws SettingError with file and line.
class Section {
 public:
  /// `name` is empty for the top of the file.
  Section(const toml::table& table, std::string_view file, std::string name);

  void read(std::string_view key, bool& out);
  void read(std::string_view key, std::string& out);
  void read(std::string_view key, std::vector<std::string>& out);
  void read(std::string_view key, std::uint64_t& out, std::uint64_t min, std::uint64_t max);
  /// A number, whole or not.
  void read(std::string_view key, double& out, double min, double max);
  /// The key has this unit in its name: a number of seconds, say, with `unit` 1 s. Rounded to the
  /// microsecond.
  void read(std::string_view key, base::Duration& out, base::Duration unit, double min, double max);
  void read(std::string_view key, std::vector<double>& out, double min, double max);
  bool has(std::string_view key) const { return table_.contains(key); }
  /// What the file is called, for sections within this one.
  std::string_view file() const { return file_; }
  /// The tables of [[key]], in their order; empty when there is none.
  std::vector<const toml::table*> sections(std::string_view key);
  /// The table of this name, or null; throws when it is something else.
  const toml::table* section(std::string_view key);
  /// Throws when there is a key that was never asked for.
  void finish() const;

  /// Throws about this key: `what` is wrong with it, `mend` is what to do.
  [[noreturn]] void reject(std::string_view key, const std::string& what,
                           const std::string& mend) const;

 private:
  const toml::node* find(std::string_view key);
  double number(std::string_view key, const toml::node& node, double min, double max) const;
  std::string full_name(std::string_view key) const;

  const toml::table& table_;
  std::string_view file_;
  std::string name_;
  std::vector<std::string> known_;
};

/// What `read` makes of a whole TOML file; `name` stands for the file in messages.
///
/// Errors: one line with file, line, what is wrong and the mend; `read` throws SettingError.
template <class Read>
auto parse(std::string_view text, std::string_view name, const Read& read)
    -> base::Expected<std::invoke_result_t<const Read&, toml::table&, std::string_view>,
                      std::string> {
  try {
    toml::table table = toml::parse(text, name);
    return read(table, name);
  } catch (const SettingError& error) {
    return base::unexpected(error.line);
  } catch (const toml::parse_error& error) {
    return base::unexpected(std::string(name) + ":" + std::to_string(error.source().begin.line) +
                            ": this is no TOML: " + std::string(error.description()) +
                            "; mend the line");
  }
}

}  // namespace chaski::settings
