// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "base/expected.hpp"
#include "bundle/parser.hpp"
#include "transport-file/stick_folder.hpp"

namespace chaski::transport_file {

/// Why a file of a stick is not read.
enum class BundleProblem : std::uint8_t {
  not_a_file,  ///< a link, a folder, a device, a pipe
  not_a_bundle,
  newer_version,
  not_whole,  ///< cut off, damaged, or something stands behind its end
  too_large,
  unreadable,  ///< the stick does not give it
};
const char* to_string(BundleProblem problem);

/// One bundle of a stick, which is believed only after check() read all of it once.
class BundleFile {
 public:
  /// Never follows a link and never waits for a pipe or a device.
  static base::Expected<BundleFile, BundleProblem> open(const StickFolder& folder,
                                                        const std::string& name);

  std::uint64_t size() const { return size_; }
  /// The header as it stands in the file.
  const base::Bytes& header() const { return header_; }
  /// Reads it from start to end, at most size() bytes; `progress` hears how many.
  base::Expected<void, BundleProblem> check(const std::function<void(std::uint64_t)>& progress);
  /// Gives the blocks in order, each with its number and with its head in front. It stops when
  /// `block` says false. Errors: what changed since check().
  base::Expected<void, BundleProblem> read(
      const std::function<bool(bundle::BlockKind kind, std::uint64_t index, base::ByteView)>&
          block);

 private:
  using Visit = std::function<bool(const bundle::Parser::Step&, base::ByteView head_and_text)>;
  BundleFile(OpenFile file, std::uint64_t size) : file_(std::move(file)), size_(size) {}
  base::Expected<void, BundleProblem> walk(const Visit& visit);

  OpenFile file_;
  std::uint64_t size_;
  base::Bytes header_;
};

}  // namespace chaski::transport_file
