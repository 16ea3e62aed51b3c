// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "node/file_reader.hpp"

namespace chaski::sim {

/// The file that a planned message is: its name says which, and its bytes are a function of that
/// alone, so that whoever has it can see whether it is what was sent.
class Parcel {
 public:
  explicit Parcel(std::size_t message) : message_(message) {}

  std::string name() const;
  /// The message of a file of that name; nothing when it is none of these.
  static std::optional<std::size_t> message_in(const std::string& name);
  /// The next bytes, from the first one on.
  void fill(base::MutableByteView piece);
  /// Whether the rest of `reader` is the rest of this, of `size` bytes in all.
  bool same_as(node::FileReader& reader, std::uint64_t size);

 private:
  std::size_t message_;
  std::uint64_t offset_ = 0;
};

}  // namespace chaski::sim
