// SPDX-License-Identifier: Apache-2.0
// chaski-relay: the relay of a microcontroller as a Linux process, whose UARTs are sockets, pseudo
// terminals or terminals, and whose flash is a file.
#include <poll.h>
#include <sodium/core.h>
#include <sodium/randombytes.h>

#include <CLI/CLI.hpp>
#include <ctime>
#include <iostream>
#include <memory>
#include <vector>

#include "embedded/boards/host/host_flash.hpp"
#include "embedded/boards/host/host_uart.hpp"
#include "embedded/flash_store.hpp"
#include "embedded/relay.hpp"
#include "mesh-router/memory_envelope_store.hpp"

namespace {

using namespace chaski;

constexpr std::size_t kLinks = 4;
constexpr std::size_t kEnvelopes = 4'096;

struct Board {
  std::vector<std::unique_ptr<embedded::HostUart>> uarts;

  static Board& self(void* context) { return *static_cast<Board*>(context); }

  static std::uint64_t time_us(void*) {
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 +
           static_cast<std::uint64_t>(now.tv_nsec) / 1'000;
  }
  static int entropy(void*, std::uint8_t* out, std::size_t size) {
    randombytes_buf(out, size);
    return 1;
  }
  static void watchdog(void*) {}
  static void idle(void* context, std::uint64_t until_us) {
    std::vector<pollfd> wanted;
    for (const auto& uart : self(context).uarts) {
      const int events = uart->full() ? POLLIN | POLLOUT : POLLIN;
      wanted.push_back({uart->descriptor(), static_cast<short>(events), 0});
    }
    constexpr std::uint64_t kLongestMs = 60'000;
    const std::uint64_t now = time_us(context);
    const std::uint64_t wait_ms = until_us <= now ? 0 : (until_us - now) / 1'000 + 1;
    poll(wanted.data(), wanted.size(), static_cast<int>(std::min(wait_ms, kLongestMs)));
  }
  static std::size_t read(void* context, std::uint32_t uart, std::uint8_t* out, std::size_t room) {
    return self(context).uarts[uart]->read(out, room);
  }
  static std::size_t writable(void* context, std::uint32_t uart) {
    return self(context).uarts[uart]->full() ? 0 : 1;
  }
  static std::size_t write(void* context, std::uint32_t uart, const std::uint8_t* bytes,
                           std::size_t size) {
    return self(context).uarts[uart]->write(bytes, size);
  }
};

struct Options {
  std::vector<std::string> uarts;
  std::string flash;
  std::uint32_t baud = 115'200;
};

int run(const Options& options) {
  Board board;
  for (const std::string& name : options.uarts) {
    board.uarts.push_back(std::make_unique<embedded::HostUart>(name));
  }
  std::unique_ptr<embedded::HostFlash> flash;
  if (!options.flash.empty()) flash = std::make_unique<embedded::HostFlash>(options.flash);
  const chaski_port port{.context = &board,
                         .time_us = Board::time_us,
                         .entropy = Board::entropy,
                         .watchdog = Board::watchdog,
                         .idle = Board::idle,
                         .uarts = {&board, static_cast<std::uint32_t>(board.uarts.size()),
                                   Board::read, Board::writable, Board::write},
                         .flash = flash ? flash->port() : nullptr};
  auto memory = std::make_unique<embedded::RelayMemory<kLinks, 247, 16, 1'040>>();
  mesh_router::MemoryEnvelopeStore in_memory(1u << 20);
  auto space = std::make_unique<
      embedded::FlashStoreMemory<embedded::HostFlash::kPages, kEnvelopes, 0, 4'096>>();
  std::optional<embedded::FlashStore> in_flash;
  if (flash) in_flash.emplace(*flash->port(), space->space());
  const auto commit = [](void* context, base::Time now) {
    return static_cast<embedded::FlashStore*>(context)->commit(now);
  };
  const embedded::RelayStore store =
      in_flash ? embedded::RelayStore{*in_flash, &*in_flash, commit, in_flash->resume_time()}
               : embedded::RelayStore{in_memory};
  embedded::RelayConfig config;
  config.limits.envelopes_max = kEnvelopes;
  config.limits.neighbours_max = kLinks;
  config.limits.seen_ids_max = 2 * kEnvelopes;
  config.limits.partial_bytes_max = 0;
  config.bytes_per_s = options.baud / 10;
  embedded::Relay relay(port, store, memory->space(), config);
  for (;;) {
    relay.step();
    port.idle(port.context, relay.next_wakeup_us());
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("The relay of a microcontroller as a process.");
  Options options;
  app.add_option("--uart", options.uarts,
                 "socket:PATH, pty:PATH or a terminal; each is one link, in this order")
      ->required()
      ->expected(1, static_cast<int>(kLinks));
  app.add_option("--flash", options.flash, "keep envelopes in this file, which plays NOR flash");
  app.add_option("--baud", options.baud, "what a line carries at most")
      ->capture_default_str()
      ->check(CLI::Range(1'200, 10'000'000));
  CLI11_PARSE(app, argc, argv);
  if (sodium_init() < 0) return 1;
  try {
    return run(options);
  } catch (const std::exception& error) {
    std::cerr << "chaski-relay: " << error.what() << '\n';
    return 1;
  }
}
