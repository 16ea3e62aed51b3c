// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace chaski::tools {

/// A file that did not exist before, for its owner's eyes alone (mode 0600); gone again unless
/// write() succeeded.
class NewFile {
 public:
  /// Throws CommandError when there is something of that name already, or it cannot be created.
  explicit NewFile(std::string path);
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  /// All of it, once. Throws CommandError when it cannot be written.
  void write(std::string_view content);

 private:
  std::string path_;
  int file_ = -1;
};

}  // namespace chaski::tools
