// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

namespace chaski::daemon {

/// An answer that is made piece by piece while it is sent.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Some more bytes; empty at the end, and when there can be no more, unless goes_on().
  virtual base::Bytes next() = 0;
  /// Whether nothing came because next() did a piece of its work: to be asked again soon.
  virtual bool goes_on() const { return false; }
  /// Whether next() gave everything: else the answer is cut off, by which its reader knows.
  virtual bool is_whole() const = 0;
};

}  // namespace chaski::daemon
