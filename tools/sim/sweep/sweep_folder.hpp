// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "tools/sim/sweep/plan.hpp"

namespace chaski::tools {

/// What there is of each point that is done.
using SweepRecords = std::map<std::size_t, nlohmann::json>;

/// The folder in which a sweep keeps what is done, safe from whatever ends it at any moment.
///
/// `manifest.json` says which sweep it is. `records.jsonl` gets a line a point, as it is done:
/// written at once, synced, and ending in a hash of itself, without which it is not believed; so a
/// line that was cut is a point that was not done. `lock` is held by the one who writes.
class SweepFolder {
 public:
  /// Takes the folder, which is made when it is not there, and reads what is done.
  ///
  /// Throws Failure: another process has it, it holds another sweep, it cannot be written.
  SweepFolder(std::string path, const SweepPlan& plan);
  ~SweepFolder();
  SweepFolder(const SweepFolder&) = delete;
  SweepFolder& operator=(const SweepFolder&) = delete;

  const SweepRecords& records() const { return records_; }
  /// Lines that were not believed, but for one that was cut at the end.
  std::size_t damaged() const { return damaged_; }
  /// It is on the disk when this comes back. Throws Failure when it cannot be; nothing of it stays.
  void add(std::size_t point, nlohmann::json record);
  /// What runs now, a line a point; kept in `running`, to be said should this be ended by force.
  void note_running(const std::string& lines) const;
  /// What ran when the process that had this folder before was ended by force; empty if it was not.
  const std::string& ran_before() const { return ran_before_; }
  /// A file beside them: whole or not at all. Throws Failure.
  void write(const std::string& name, const std::string& content) const;

 private:
  void lock();
  void check_manifest();
  void read_records();
  void sync_folder() const;
  std::string in(const std::string& name) const { return path_ + "/" + name; }

  std::string path_;
  const SweepPlan& plan_;
  int lock_ = -1;
  int file_ = -1;
  SweepRecords records_;
  std::size_t damaged_ = 0;
  std::string ran_before_;
};

/// The line of a record, with its hash and the end of the line.
std::string record_line(const nlohmann::json& record);
/// What a line says; discarded JSON when it is cut or damaged.
nlohmann::json record_in(std::string_view line);

}  // namespace chaski::tools
