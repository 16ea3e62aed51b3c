// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/expected.hpp"
#include "vault/key_file.hpp"

namespace chaski::daemon {

/// The file `vault.key` in the data folder.
///
/// Replacing is atomic over a crash at any moment, and the old bytes are overwritten before their
/// file goes: a file of the last time that was left over is made an end of at the next start.
class VaultFile {
 public:
  explicit VaultFile(std::string folder);

  bool exists() const;
  base::Expected<vault::KeyFile, vault::KeyFileError> read() const;
  /// False when the disk refuses; then the file that was there is still there.
  bool replace(const vault::KeyFile& file);
  /// Overwrites it with zeros, durably. What is left says that the rest is to be erased.
  bool destroy();
  /// Overwrites it and takes it away.
  void remove();
  const std::string& path() const { return path_; }

 private:
  std::string folder_;
  std::string path_;
};

/// Whether a panic was cut off before it had erased everything.
bool panic_is_unfinished(const VaultFile& file);
/// Erases the database and all bodies and texts of a data folder, then its key file.
void erase_data(const std::string& folder);

}  // namespace chaski::daemon
