// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace chaski::bench {

/// One measured number, the median over its repetitions.
struct Row {
  std::string name;
  double value = 0;
  std::string unit;       ///< "1/s", "MB/s", "B", "us", …
  std::string note;       ///< what a reader must know to compare it, or empty
};

/// What a subcommand found out; printed as a table or as JSON by main.
class Report {
 public:
  void add(std::string name, double value, std::string unit, std::string note = {}) {
    rows_.push_back({std::move(name), value, std::move(unit), std::move(note)});
  }
  const std::vector<Row>& rows() const { return rows_; }
  std::string table() const;
  /// {"command": …, "results": [{"name", "value", "unit", "note"?}]}
  std::string json(std::string_view command) const;

 private:
  std::vector<Row> rows_;
};

/// One subcommand. `arguments` is what stands behind its name, without --json. Returns the exit
/// code: 0, 1 when measuring failed, 2 for a bad argument (having printed one line to stderr).
struct Command {
  std::string name;
  std::string summary;
  std::function<int(const std::vector<std::string>& arguments, Report& report)> run;
};

/// All of them. A new subcommand is a file with a function `Command x_command()`, and a line in
/// commands.cpp.
std::vector<Command> commands();

}  // namespace chaski::bench
