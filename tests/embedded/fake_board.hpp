// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <variant>
#include <vector>

#include "base/random.hpp"
#include "embedded/relay.hpp"
#include "mesh-router/memory_envelope_store.hpp"
#include "wire/padding.hpp"

namespace chaski::embedded::test {

/// A board in memory: its clock, its generator, and UARTs that are queues of bytes.
struct FakeBoard {
  static constexpr std::size_t kUarts = 2;
  struct Uart {
    std::deque<std::uint8_t> to_relay, from_relay;
    std::size_t room = 1'024;  ///< of its ring
  };
  std::uint64_t now_us = 1'000'000;
  base::SeededRandom random{7};
  std::array<Uart, kUarts> uarts;
  bool entropy_works = true;
  int fed = 0;  ///< how often the watchdog was

  chaski_port port() {
    return {.context = this,
            .time_us = time,
            .entropy = entropy,
            .watchdog = watchdog,
            .idle = idle,
            .uarts = {this, kUarts, read, writable, write},
            .flash = nullptr};
  }

 private:
  static FakeBoard& self(void* context) { return *static_cast<FakeBoard*>(context); }
  static std::uint64_t time(void* context) { return self(context).now_us; }
  static int entropy(void* context, std::uint8_t* out, std::size_t size) {
    if (!self(context).entropy_works) return 0;
    self(context).random.fill({out, size});
    return 1;
  }
  static void watchdog(void* context) { ++self(context).fed; }
  static void idle(void* context, std::uint64_t until_us) { self(context).now_us = until_us; }
  static std::size_t read(void* context, std::uint32_t uart, std::uint8_t* out, std::size_t room) {
    auto& bytes = self(context).uarts.at(uart).to_relay;
    std::size_t size = 0;
    for (; size < room && !bytes.empty(); ++size) {
      out[size] = bytes.front();
      bytes.pop_front();
    }
    return size;
  }
  static std::size_t writable(void* context, std::uint32_t uart) {
    const Uart& here = self(context).uarts.at(uart);
    return here.room - std::min(here.room, here.from_relay.size());
  }
  static std::size_t write(void* context, std::uint32_t uart, const std::uint8_t* bytes,
                           std::size_t size) {
    const std::size_t taken = std::min(size, writable(context, uart));
    auto& out = self(context).uarts.at(uart).from_relay;
    out.insert(out.end(), bytes, bytes + taken);
    return taken;
  }
};

inline constexpr std::size_t kFrame = 272;
using Memory = RelayMemory<FakeBoard::kUarts, 128, 6, kFrame>;

inline mesh_router::RouterLimits small_limits() {
  mesh_router::RouterLimits limits;
  limits.envelopes_max = 128;
  limits.neighbours_max = 4;
  limits.seen_ids_max = 512;
  limits.window_envelopes = 16;
  limits.window_bytes = 4'096;
  limits.unverified_receipts_max = 64;
  limits.partial_bytes_max = 0;
  limits.reassembly = {.envelope_max = 4'000, .bytes_max = 4'096};
  limits.events_max = 16;
  return limits;
}

inline constexpr std::uint64_t kStoreBytesMax = 16'384;

/// The relay on that board with all that it needs.
struct RelayOnBoard {
  explicit RelayOnBoard(FakeBoard& board)
      : port(board.port()), relay(port, {store}, memory->space(), {small_limits(), 11'520}) {}
  chaski_port port;
  mesh_router::MemoryEnvelopeStore store{kStoreBytesMax};
  std::unique_ptr<Memory> memory = std::make_unique<Memory>();
  Relay relay;
};

/// A neighbour at the other end of one UART of the board: the same line, link and router, larger.
class Neighbour {
 public:
  Neighbour(FakeBoard& board, std::size_t uart, std::uint64_t seed)
      : board_(board),
        uart_(uart),
        random_(seed),
        key_(link::NodeKey::generate(random_)),
        router_({}, store_, nullptr, random_, now()),
        port_(other_end()),
        core_{port_, random_, key_, router_, frame_, 11'520},
        link_(core_, 0, buffers_->memory(), now()) {}

  mesh_router::Router& router() { return router_; }
  base::Time now() const { return base::from_us(static_cast<std::int64_t>(board_.now_us)); }
  bool open() const { return link_.open(); }

  void step() {
    link_.read(now());
    link_.wake(now());
    router_.wake(now());
    while (const auto event = router_.next_event()) {
      if (const auto* taken = std::get_if<mesh_router::CustodyEvent>(&*event)) {
        in_custody.push_back(taken->id);
      }
    }
    if (router_.dirty()) router_.committed(now());
    link_.write(now());
  }

  std::vector<wire::EnvelopeId> in_custody;  ///< what the relay said that it keeps

 private:
  using Buffers = transport_serial::LineBuffers<247, 16, 1'040>;

  chaski_port other_end() {
    chaski_port port{};
    port.context = this;
    port.uarts = {this, 1, read, nullptr, write};
    return port;
  }
  static Neighbour& self(void* context) { return *static_cast<Neighbour*>(context); }
  static std::size_t read(void* context, std::uint32_t, std::uint8_t* out, std::size_t room) {
    auto& bytes = self(context).board_.uarts.at(self(context).uart_).from_relay;
    std::size_t size = 0;
    for (; size < room && !bytes.empty(); ++size) {
      out[size] = bytes.front();
      bytes.pop_front();
    }
    return size;
  }
  static std::size_t write(void* context, std::uint32_t, const std::uint8_t* bytes,
                           std::size_t size) {
    auto& out = self(context).board_.uarts.at(self(context).uart_).to_relay;
    out.insert(out.end(), bytes, bytes + size);
    return size;
  }

  FakeBoard& board_;
  std::size_t uart_;
  base::SeededRandom random_;
  link::NodeKey key_;
  mesh_router::MemoryEnvelopeStore store_{1u << 20};
  mesh_router::Router router_;
  chaski_port port_;
  std::array<std::uint8_t, 1'040> frame_{};
  RelayCore core_;
  std::unique_ptr<Buffers> buffers_ = std::make_unique<Buffers>();
  RelayLink link_;
};

inline base::Bytes envelope(std::uint8_t mark, std::size_t body_size) {
  const base::Bytes body(wire::padded_body_size(body_size).value(), mark);
  wire::EnvelopeFields fields;
  fields.lifetime_s = 3'600;
  fields.tag.bytes.fill(mark);
  fields.commitment.bytes.fill(mark);
  fields.body = body;
  return wire::encode_envelope(fields);
}

}  // namespace chaski::embedded::test
