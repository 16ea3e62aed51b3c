// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include "base/bytes.hpp"

namespace chaski::daemon {

/// Writes all of it at this place of an open file, however often it takes; false when it fails.
bool write_all(int file, base::ByteView bytes, off_t at);
/// Fills `out` from there; false when the file ends before, or it fails.
bool read_all(int file, base::MutableByteView out, off_t at);

}  // namespace chaski::daemon
