// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/expected.hpp"

namespace chaski::transport_file {

/// A file of the operating system that is closed with its owner.
class OpenFile {
 public:
  explicit OpenFile(int descriptor = -1) : descriptor_(descriptor) {}
  OpenFile(OpenFile&& other) noexcept;
  OpenFile& operator=(OpenFile&& other) noexcept;
  ~OpenFile();
  int get() const { return descriptor_; }
  bool is_open() const { return descriptor_ >= 0; }
  /// Closes it now; false when the system says that something was lost.
  bool close();

 private:
  int descriptor_;
};

/// What is seen on a stick without opening anything.
struct StickListing {
  std::vector<std::string> bundles;     ///< names that bundles have, in alphabetical order
  std::vector<std::string> unfinished;  ///< names of bundles whose writing was cut off
  bool more = false;                    ///< there are more bundles, or files, than are looked at
};

/// A folder of a stick that anybody may have filled.
///
/// Only files directly in it count, and only those with a name that a bundle has: eight
/// hexadecimal digits and ".csk", in any case, as file systems of sticks take it. The folder is
/// opened once; a link in its place, or a file that is renamed meanwhile, leads nowhere else.
class StickFolder {
 public:
  /// Bundles that are looked at, and files that are counted to find them.
  static constexpr std::size_t kBundlesMax = 64;
  static constexpr std::size_t kFilesMax = 4'096;

  /// The error is an errno: no folder, or it may not be opened. `path` itself may be a link: its
  /// owner typed it.
  static base::Expected<StickFolder, int> open(const std::string& path);

  int get() const { return folder_.get(); }
  base::Expected<StickListing, int> list() const;
  /// Bytes that are free on it.
  std::uint64_t free_bytes() const;
  /// 0, or an errno.
  int remove(const std::string& name) const;
  /// Waits until what was renamed or removed is on the stick; 0, or an errno.
  int sync() const;

 private:
  explicit StickFolder(OpenFile folder) : folder_(std::move(folder)) {}
  OpenFile folder_;
};

/// Whether a bundle may have this name.
bool is_bundle_name(std::string_view name);
/// Whether one that was not finished may.
bool is_unfinished_name(std::string_view name);
/// The name of a bundle with this salt: its first four bytes, which mean nothing.
std::string bundle_name(base::ByteView salt);
/// What it is called while it is written.
std::string unfinished_name(const std::string& bundle_name);

}  // namespace chaski::transport_file
