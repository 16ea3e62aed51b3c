// SPDX-License-Identifier: Apache-2.0
// scale-world [nodes] [messages] [seed]: runs the large world and prints what came of it as JSON.
#include <sodium.h>

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "sim/world/scale_world.hpp"

int main(int argc, char** argv) {
  // Without it libsodium stays with its slow portable ciphers.
  if (::sodium_init() < 0) return 1;
  chaski::sim::ScaleWorldConfig config;
  const auto number = [&](int at, std::uint64_t otherwise) {
    return argc > at ? std::strtoull(argv[at], nullptr, 10) : otherwise;
  };
  config.nodes = static_cast<std::uint32_t>(number(1, config.nodes));
  config.messages = static_cast<std::uint32_t>(number(2, config.messages));
  config.seed = number(3, config.seed);
  config.islands = config.nodes >= 100 ? config.nodes / 50 : 2;
  const auto r = chaski::sim::run_scale_world(config);
  const double cpu_s = static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
  std::printf("{\"nodes\": %" PRIu32 ", \"messages\": %" PRIu32 ", \"seed\": %" PRIu64
              ", \"delivered\": %" PRIu64 ", \"twice\": %" PRIu64 ", \"acknowledged\": %" PRIu64
              ", \"before_healing\": %" PRIu64 ", \"transfers\": %" PRIu64 ", \"records\": %" PRIu64
              ", \"crashes\": %" PRIu64 ", \"link_changes\": %" PRIu64 ", \"events\": %" PRIu64
              ", \"frames\": %" PRIu64 ", \"frame_bytes\": %" PRIu64
              ", \"virtual_s\": %.1f, \"hash\": \"%016" PRIx64 "\", \"cpu_s\": %.1f}\n",
              config.nodes, config.messages, config.seed, r.delivered, r.twice, r.acknowledged,
              r.before_healing, r.transfers, r.records, r.crashes, r.link_changes, r.events,
              r.frames, r.frame_bytes, static_cast<double>(r.virtual_time.count()) / 1e6,
              r.event_hash, cpu_s);
  return r.delivered == config.messages && r.twice == 0 ? 0 : 1;
}
