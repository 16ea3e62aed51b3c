// SPDX-License-Identifier: Apache-2.0
#include "tools/bench/commands.hpp"

namespace chaski::bench {

std::vector<Command> commands() {
  return {attachment_command(), contacts_command(), e2ee_command(),      ideal_command(),
          mobility_command(),   reconcile_command(), relay_command(),    regimes_command(),
          router_command(),     sketch_command(),    stamp_command()};
}

}  // namespace chaski::bench
