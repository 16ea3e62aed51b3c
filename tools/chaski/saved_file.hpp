// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace chaski::tools {

/// A file that appears whole under its name, or not at all: written beside it, synced, then named.
/// For its owner's eyes alone (mode 0600).
class SavedFile {
 public:
  /// Throws CommandError when there is something of that name already (unless `force`), or nothing
  /// can be written beside it.
  SavedFile(std::string path, bool force);
  ~SavedFile();
  SavedFile(const SavedFile&) = delete;
  SavedFile& operator=(const SavedFile&) = delete;

  /// Throws CommandError when the disk refuses.
  void write(std::string_view bytes);
  /// Gives it its name, durably. Throws CommandError as the constructor does.
  void finish();

 private:
  [[noreturn]] void cannot(int error) const;
  [[noreturn]] void exists() const;

  std::string path_;
  std::string folder_;
  std::string beside_;  ///< its name until it is whole
  bool force_;
  int file_ = -1;
};

}  // namespace chaski::tools
