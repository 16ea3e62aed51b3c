// SPDX-License-Identifier: Apache-2.0
// serial-peer: a node on a serial line that writes envelopes or waits for them, for labs that
// measure a relay and not a daemon.
//
//   serial-peer UART BAUD send COUNT SIZE SEED     writes them, ends when all were taken
//   serial-peer UART BAUD take COUNT SIZE SEED     ends when it has those that SEED gives
//   serial-peer UART BAUD feed COUNT SIZE SEED     writes them a few at a time, and a receipt of
//                                                  every third that was taken; never ends
//
// Says lines `word seconds number` on standard output: open, first, done; seconds of the clock that
// all processes share. A feeder says `taken HEX` when the other has custody of an envelope, and
// `asked HEX` and `erased HEX` when a receipt that erases it is written, and when the other has
// custody of that.
#include <poll.h>
#include <sodium/core.h>
#include <sodium/randombytes.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/hex.hpp"
#include "embedded/boards/host/host_uart.hpp"
#include "embedded/relay_link.hpp"
#include "mesh-router/memory_envelope_store.hpp"
#include "wire/envelope.hpp"

namespace {

using namespace chaski;
using namespace chaski::embedded;

struct Task {
  std::string uart;
  std::uint32_t baud = 0;
  bool send = false;
  bool feed = false;
  std::size_t count = 0;
  std::size_t size = 0;
  std::uint64_t seed = 0;
};

class SystemRandom final : public base::Random {
 public:
  void fill(base::MutableByteView out) override { randombytes_buf(out.data(), out.size()); }
};

double seconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

base::Time now() {
  return base::from_us(static_cast<std::int64_t>(seconds() * 1e6));
}

void say(const char* word, std::size_t number) {
  std::printf("%s %.4f %zu\n", word, seconds(), number);
  std::fflush(stdout);
}

/// An envelope of `size` bytes with a body of random ones, which the receipt with that token
/// answers.
base::Bytes make_envelope(base::Random& random, std::size_t size, const wire::ReceiptToken& token) {
  base::Bytes body(size);
  wire::EnvelopeFields fields;
  fields.lifetime_s = 86'400;
  fields.tag = random.bytes<wire::DeliveryTag>();
  fields.commitment = wire::commit(token);
  for (;;) {
    random.fill(body);
    fields.body = body;
    base::Bytes out = wire::encode_envelope(fields);
    if (out.size() <= size) return out;
    body.resize(body.size() - (out.size() - size));
  }
}

class Peer {
 public:
  explicit Peer(const Task& task) : task_(task), uart_(task.uart), content_(task.seed) {
    for (std::size_t i = 0; i < task.count && !task.feed; ++i) {
      const auto token = content_.bytes<wire::ReceiptToken>();
      const base::Bytes bytes = make_envelope(content_, task.size, token);
      ids_.insert(wire::envelope_id(bytes));
      if (!task.send) continue;
      if (!router_.submit(bytes, {0, 16, 0}, now())) std::abort();
    }
  }

  int run() {
    for (;;) {
      step();
      if (done()) return 0;
      wait();
    }
  }

 private:
  static Peer& self(void* context) { return *static_cast<Peer*>(context); }
  static std::size_t read(void* context, std::uint32_t, std::uint8_t* out, std::size_t room) {
    return self(context).uart_.read(out, room);
  }
  static std::size_t write(void* context, std::uint32_t, const std::uint8_t* bytes,
                           std::size_t size) {
    return self(context).uart_.write(bytes, size);
  }

  static constexpr std::size_t kUnderWay = 32;
  static constexpr std::size_t kAnswered = 3;

  void feed() {
    while (written_ < task_.count && under_way_ < kUnderWay) {
      const auto token = content_.bytes<wire::ReceiptToken>();
      const base::Bytes bytes = make_envelope(content_, task_.size, token);
      const auto id = router_.submit(bytes, {0, 16, 0}, now());
      if (!id) std::abort();
      tokens_.emplace(*id, token);
      ++written_;
      ++under_way_;
    }
  }
  void fed(const wire::EnvelopeId& id) {
    if (const auto receipt = receipts_.find(id); receipt != receipts_.end()) {
      std::printf("erased %s\n", base::to_hex(receipt->second.view()).c_str());
      receipts_.erase(receipt);
    } else if (const auto written = tokens_.find(id); written != tokens_.end()) {
      std::printf("taken %s\n", base::to_hex(id.view()).c_str());
      if (under_way_ > 0) --under_way_;
      if (++taken_ % kAnswered == 0) answer(id, written->second);
      tokens_.erase(written);
    }
    std::fflush(stdout);
  }
  void answer(const wire::EnvelopeId& id, const wire::ReceiptToken& token) {
    const base::Bytes body = wire::encode_receipt_body({id, token});
    wire::EnvelopeFields fields;
    fields.kind = wire::EnvelopeKind::receipt;
    fields.lifetime_s = 86'400;
    fields.body = body;
    const wire::EnvelopeId receipt = wire::envelope_id(wire::encode_envelope(fields));
    router_.publish_receipt({id, token}, fields.lifetime_s, 0, now());
    receipts_.emplace(receipt, id);
    std::printf("asked %s\n", base::to_hex(id.view()).c_str());
  }

  void step() {
    if (task_.feed && link_.open()) feed();
    const bool was_open = link_.open();
    link_.read(now());
    link_.wake(now());
    router_.wake(now());
    // What the other kept before the last link broke, without our hearing of it, is never told.
    if (!link_.open()) under_way_ = 0;
    if (link_.open() != was_open) say(link_.open() ? "open" : "closed", 0);
    while (const auto event = router_.next_event()) {
      if (const auto* accepted = std::get_if<mesh_router::AcceptedEvent>(&*event)) {
        took(accepted->id);
      } else if (const auto* custody = std::get_if<mesh_router::CustodyEvent>(&*event)) {
        if (task_.send) took(custody->id);
        if (task_.feed) fed(custody->id);
      }
    }
    if (router_.dirty()) router_.committed(now());
    link_.write(now());
  }
  void took(const wire::EnvelopeId& id) {
    if (ids_.erase(id) == 0) return;
    if (++taken_ == 1) say("first", 1);
  }
  bool done() {
    if (task_.feed || !ids_.empty()) return false;
    if (!said_) say("done", taken_);
    said_ = true;
    // What is owed goes out: the last acknowledgement.
    if (!done_at_) done_at_ = now();
    return now() - *done_at_ > std::chrono::seconds(1);
  }
  void wait() const {
    pollfd wanted{uart_.descriptor(), static_cast<short>(uart_.full() ? POLLIN | POLLOUT : POLLIN),
                  0};
    auto until = link_.next_wakeup();
    const auto router = router_.next_wakeup();
    if (router && (!until || *router < *until)) until = router;
    constexpr std::int64_t kLongestMs = 200;
    std::int64_t wait_ms = kLongestMs;
    if (until)
      wait_ms = std::min(
          wait_ms, std::max<std::int64_t>(0, base::to_us(*until) - base::to_us(now())) / 1'000 + 1);
    poll(&wanted, 1, static_cast<int>(wait_ms));
  }

  static mesh_router::RouterLimits limits() {
    mesh_router::RouterLimits out;
    out.events_max = 1u << 20;
    return out;
  }
  chaski_port make_port() {
    chaski_port port{};
    port.uarts = {this, 1, read, nullptr, write};
    return port;
  }

  Task task_;
  HostUart uart_;
  SystemRandom random_;
  link::NodeKey key_ = link::NodeKey::generate(random_);
  mesh_router::MemoryEnvelopeStore store_{64u << 20};
  mesh_router::Router router_{limits(), store_, nullptr, random_, now()};
  chaski_port port_ = make_port();
  base::Bytes frame_ = base::Bytes(4'096);
  RelayCore core_{port_, random_, key_, router_, frame_, task_.baud / 10};
  transport_serial::LineBuffers<247, 32, 4'096> buffers_;
  RelayLink link_{core_, 0, buffers_.memory(), now()};
  base::SeededRandom content_;
  std::set<wire::EnvelopeId> ids_;
  std::size_t written_ = 0, under_way_ = 0;
  std::map<wire::EnvelopeId, wire::ReceiptToken> tokens_;  ///< under way to the other
  std::map<wire::EnvelopeId, wire::EnvelopeId> receipts_;  ///< under way, and what they answer
  std::size_t taken_ = 0;
  bool said_ = false;
  std::optional<base::Time> done_at_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7 || sodium_init() < 0) {
    std::fprintf(stderr, "serial-peer UART BAUD send|take|feed COUNT SIZE SEED\n");
    return 2;
  }
  Task task{argv[1],
            static_cast<std::uint32_t>(std::strtoul(argv[2], nullptr, 10)),
            std::strcmp(argv[3], "send") == 0,
            std::strcmp(argv[3], "feed") == 0,
            std::strtoul(argv[4], nullptr, 10),
            std::strtoul(argv[5], nullptr, 10),
            std::strtoull(argv[6], nullptr, 10)};
  return std::make_unique<Peer>(task)->run();
}
