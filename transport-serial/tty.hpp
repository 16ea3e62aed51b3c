// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "base/expected.hpp"

namespace chaski::transport_serial {

struct TtySettings {
  std::uint32_t baud = 115'200;
  bool hardware_flow = false;  ///< RTS and CTS
};

/// Why a device cannot be used, in words for a person; without a mend it only is not there.
struct TtyProblem {
  std::string what;
  std::string mend;
};

/// Opens a serial device for this process alone: 8 data bits, no parity, nothing translated, no
/// waiting. Gives the file descriptor, which is the caller's.
///
/// Any rate that the driver can do (termios2, BOTHER); another that it sets instead is a problem.
/// What had come before is thrown away. Closing leaves the modem lines as they are, so that a board
/// that takes DTR for a reset is not reset when the daemon is restarted.
base::Expected<int, TtyProblem> open_tty(const std::string& path, const TtySettings& settings);

/// Bytes that were written and have not left the driver; 0 when it does not say.
std::size_t tty_waiting(int descriptor);

}  // namespace chaski::transport_serial
