// SPDX-License-Identifier: Apache-2.0
// The golden vectors of what a relay is made of, on a microcontroller: prints each of them as the
// documents show it, and then what it took. The same program for this machine gives the same lines.
#include <string>

#include "embedded/boards/board.h"
#include "tools/vectors/documents.hpp"
#include "tools/vectors/page.hpp"

int main() {
  using namespace chaski::vectors;
  const chaski_port& port = *chaski_board_start();
  for (const PageEntry& entry : pages()) {
    port.watchdog(port.context);
    const auto page = make_page(entry.name, kDocumentSeed);
    for (const Vector& vector : page->vectors) {
      port.watchdog(port.context);
      const std::string heading = "= " + std::string(entry.name) + ' ' + vector.name + '\n';
      chaski_board_say(heading.c_str());
      chaski_board_say(to_text(vector).c_str());
    }
  }
  chaski_board_say("= end\n");
  chaski_board_say_usage();
  return 0;
}
