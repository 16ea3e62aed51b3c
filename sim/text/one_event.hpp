// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "base/expected.hpp"
#include "base/time.hpp"
#include "sim/text/line_reader.hpp"
#include "sim/text/one_hosts.hpp"

namespace chaski::sim {

/// One line of a file of The ONE's external events; words of it point into the text.
struct OneEvent {
  enum class Kind {
    connection,  ///< `<time> CONN <a> <b> up|down [interface]`
    create,      ///< `<time> C <message> <from> <to> <size> [response size]`
    transfer,    ///< `<time> S|DE|A <message> <from> <to>`
    removal,     ///< `<time> DR|R <message> <host>`
  };
  Kind kind = Kind::connection;
  base::Time at{};
  OneHost a;
  OneHost b;  ///< not of a removal
  bool up = false;
  std::string_view message;
  std::uint32_t size_bytes = 0;
};

/// Reads the line at which a reader stands, by the grammar of The ONE's StandardEventsReader.
///
/// Sizes are whole numbers below 2^31, with k, M, G, kiB, MiB or GiB behind them if need be. What
/// The ONE would carry out and no strategy here does is an error: a message that wants a response.
/// So is what it would pass over in silence: words beyond those above.
base::Expected<OneEvent, ParseError> parse_one_event(const LineReader& line);

}  // namespace chaski::sim
