// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "transport-file/stick_folder.hpp"

namespace chaski::transport_file {

/// A bundle that is written to a stick: under another name until all of it is there.
///
/// What ends before finish(), in whatever way, leaves no bundle: at most a file that nobody reads
/// and the next writer removes.
class NewBundle {
 public:
  /// `name` as bundle_name() gives it; the error is an errno.
  static base::Expected<NewBundle, int> begin(const StickFolder& folder, const std::string& name);
  NewBundle(NewBundle&&) = default;
  NewBundle& operator=(NewBundle&&) = delete;
  /// Removes what was not finished.
  ~NewBundle();

  /// 0, or an errno: no room, or the stick is gone.
  int write(base::ByteView bytes);
  /// Everything is on the stick, and then it has its name; 0, or an errno: then it has not, or it
  /// is not known to be there.
  int finish();

 private:
  NewBundle(const StickFolder& folder, std::string name, OpenFile file)
      : folder_(&folder), name_(std::move(name)), file_(std::move(file)) {}

  const StickFolder* folder_;
  std::string name_;
  OpenFile file_;
};

}  // namespace chaski::transport_file
