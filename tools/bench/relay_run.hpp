// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <string>

namespace chaski::bench {

/// What is sent in one run, and how.
struct RelayCase {
  enum class Way {
    live,           ///< A writes while B and C are there
    backlog,        ///< A has written all of it before B comes; the time counts from B's start
    backlog_alone,  ///< the same, with B alone on one core and A and C sharing another
  };
  Way way = Way::live;
  std::string label;
  std::size_t size = 0;   ///< bytes of text in a message
  std::size_t count = 0;  ///< messages; a multiple of `batch`
  std::size_t batch = 0;  ///< of bare SQLite's transactions, and of lines where size is small
};

/// Every figure of one run, by the name of its row.
using Figures = std::map<std::string, double>;

/// Three real daemons on loopback, A -> B -> C, durable at each. Throws std::runtime_error.
Figures relay_run(const std::string& program, const RelayCase& what);

/// A relay with two idle neighbours: what it costs to be there.
Figures idle_run(const std::string& program, double seconds);

}  // namespace chaski::bench
