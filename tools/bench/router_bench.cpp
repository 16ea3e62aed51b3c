// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>
#include <fmt/format.h>


#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "base/assert.hpp"
#include "mesh-router/holdings.hpp"
#include "mesh-router/memory_envelope_store.hpp"
#include "mesh-router/router.hpp"
#include "reconcile/exchange.hpp"
#include "tools/bench/commands.hpp"
#include "tools/bench/cpu_time.hpp"
#include "wire/records.hpp"

namespace chaski::bench {

namespace {

using namespace std::chrono_literals;
using mesh_router::NeighbourId;

constexpr std::uint64_t kStoreBytes = std::uint64_t{4} << 30;
constexpr std::size_t kBodySize256 = 200;  // an envelope of about 256 bytes
constexpr int kRepetitions = 7;

mesh_router::RouterLimits limits() {
  mesh_router::RouterLimits limits;
  limits.depositor_bytes_max = kStoreBytes;
  limits.window_envelopes = 1u << 20;
  limits.window_bytes = std::size_t{1} << 30;
  return limits;
}

base::Bytes make_envelope(base::Random& random, std::size_t body_size) {
  base::Bytes body(body_size);
  random.fill(body);
  wire::EnvelopeFields fields;
  fields.lifetime_s = 86'400;
  fields.tag = random.bytes<wire::DeliveryTag>();
  fields.commitment = random.bytes<wire::ReceiptCommitment>();
  fields.body = body;
  return wire::encode_envelope(fields);
}

/// Frames full of carried envelopes, as a neighbour would send them.
class FrameMaker {
 public:
  void add(base::ByteView envelope) {
    const wire::CarryState state{1'000, 20, 0};
    base::Bytes payload(wire::carried_size(state, envelope.size()));
    (void)wire::encode_carried({state, envelope}, payload);
    if (writer_.add(wire::RecordType::envelope, payload)) return;
    flush();
    if (!writer_.add(wire::RecordType::envelope, payload)) add_pieces(payload);
  }
  std::vector<base::Bytes> take() {
    flush();
    return std::move(frames_);
  }

 private:
  void add_pieces(base::ByteView payload) {
    ++transfer_;
    for (std::size_t offset = 0; offset < payload.size();) {
      if (wire::fragment_data_room(writer_.payload_room()) == 0) flush();
      const std::size_t size = std::min(wire::fragment_data_room(writer_.payload_room()),
                                        payload.size() - offset);
      base::Bytes piece(wire::kFrameSizeMax);
      const auto used = wire::encode_fragment(
          {transfer_, static_cast<std::uint32_t>(offset),
           static_cast<std::uint32_t>(payload.size()), wire::RecordType::envelope,
           payload.subspan(offset, size)},
          piece);
      writer_.add(wire::RecordType::fragment, base::ByteView(piece).first(*used));
      offset += size;
    }
  }
  void flush() {
    const auto size = static_cast<std::ptrdiff_t>(writer_.size());
    if (size > 0) frames_.emplace_back(buffer_.begin(), buffer_.begin() + size);
    writer_ = wire::RecordWriter(buffer_);
  }

  base::Bytes buffer_ = base::Bytes(wire::kFrameSizeMax);
  wire::RecordWriter writer_{buffer_};
  std::vector<base::Bytes> frames_;
  std::uint32_t transfer_ = 0;
};

std::vector<base::Bytes> make_frames(base::Random& random, std::size_t count,
                                     std::size_t body_size) {
  FrameMaker maker;
  for (std::size_t i = 0; i < count; ++i) maker.add(make_envelope(random, body_size));
  return maker.take();
}

/// A router with two neighbours in memory: what one brings goes to the other.
struct Bench {
  base::SeededRandom random{1};
  mesh_router::MemoryEnvelopeStore store{kStoreBytes};
  mesh_router::Router router{limits(), store, nullptr, random, base::Time{} + 1h};
  base::Time now = base::Time{} + 1h;
  base::Bytes frame = base::Bytes(wire::kFrameSizeMax);
  std::uint64_t sent = 0;

  Bench() {
    for (const std::uint64_t link : {1u, 2u}) {
      NeighbourId id;
      id.bytes[0] = static_cast<std::uint8_t>(link);
      router.link_up({link}, id, {wire::kFrameSizeMax}, now);
      while (router.next_frame({link}, frame, now) != 0) {
      }
    }
  }
  void receive(const base::Bytes& records) {
    router.receive({1}, records, now);
    while (router.next_event()) {
    }
    if (router.dirty()) router.committed(now);
    while (router.next_frame({1}, frame, now) != 0) {
    }
  }
  void forward() {
    const std::uint64_t before = router.counters().envelopes_sent;
    while (router.next_frame({2}, frame, now) != 0) {
    }
    sent += router.counters().envelopes_sent - before;
    std::array<std::uint8_t, 16> record{};
    wire::RecordWriter writer(record);
    std::array<std::uint8_t, 11> ack{};
    const std::size_t size = wire::encode_ack({sent}, ack);
    writer.add(wire::RecordType::ack, base::ByteView(ack).first(size));
    if (sent > 0) router.receive({2}, base::ByteView(record).first(writer.size()), now);
    while (router.next_event()) {
    }
  }
};

void accept(benchmark::State& state, std::size_t body_size, std::size_t count, bool forward) {
  base::SeededRandom random(7);
  const auto frames = make_frames(random, count, body_size);
  std::size_t taken = 0;
  for (auto _ : state) {
    state.PauseTiming();
    auto bench = std::make_unique<Bench>();
    state.ResumeTiming();
    for (const base::Bytes& records : frames) {
      bench->receive(records);
      if (forward) bench->forward();
    }
    state.PauseTiming();
    taken += static_cast<std::size_t>(bench->router.counters().envelopes_accepted);
    bench.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(taken));
}

void duplicates(benchmark::State& state) {
  base::SeededRandom random(7);
  const auto frames = make_frames(random, 100'000, kBodySize256);
  Bench bench;
  for (const base::Bytes& records : frames) bench.receive(records);
  std::size_t checked = 0;
  for (auto _ : state) {
    for (const base::Bytes& records : frames) bench.receive(records);
    checked += 100'000;
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(checked));
}

/// The look-up alone: is this id held, tombstoned or seen?
void look_ups(benchmark::State& state) {
  base::SeededRandom random(7);
  mesh_router::MemoryEnvelopeStore store(kStoreBytes);
  const mesh_router::RouterLimits router_limits = limits();
  mesh_router::Holdings holdings(router_limits, store, random);
  std::vector<wire::EnvelopeId> ids(200'000);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    ids[i] = random.bytes<wire::EnvelopeId>();
    if (i % 2 == 0) continue;
    mesh_router::EnvelopeRecord record;
    record.id = ids[i];
    record.lifetime_s = 1'000;
    record.size = 1;
    (void)holdings.hold(record, base::Bytes(1));
  }
  std::size_t at = 0;
  std::size_t known = 0;
  for (auto _ : state) {
    const wire::EnvelopeId& id = ids[at];
    at = at + 7 < ids.size() ? at + 7 : at + 7 - ids.size();
    const std::uint64_t hash = holdings.hasher(id);
    known += holdings.table.find(hash, id) != mesh_router::kNoSlot ||
                     holdings.filter.contains(hash)
                 ? 1u
                 : 0u;
  }
  benchmark::DoNotOptimize(known);
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}

/// Takes the medians of what Google Benchmark measured.
class Collector final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.run_type != Run::RT_Aggregate || run.aggregate_name != "median") continue;
      const auto rate = run.counters.find("items_per_second");
      if (rate != run.counters.end()) medians[run.run_name.function_name] = rate->second;
    }
  }
  std::map<std::string, double> medians;
};

/// Bytes of router memory for each of `count` held envelopes, the store's own not counted.
double memory_per_envelope(std::size_t count) {
  base::SeededRandom random(3);
  mesh_router::MemoryEnvelopeStore store(kStoreBytes);
  const mesh_router::RouterLimits router_limits = limits();
  mesh_router::Holdings holdings(router_limits, store, random);
  for (std::size_t i = 0; i < count; ++i) {
    mesh_router::EnvelopeRecord record;
    record.id = random.bytes<wire::EnvelopeId>();
    record.tag = random.bytes<wire::DeliveryTag>();
    record.lifetime_s = 86'400;
    record.size = 1;
    (void)holdings.hold(record, base::Bytes(1));
    if (i % 100 == 0) holdings.settle();
  }
  return static_cast<double>(holdings.memory_used()) / static_cast<double>(count);
}

/// The other end of a link as far as reconciling goes: it has some of what the router holds, and
/// some that the router lacks. It asks for whatever is announced to it.
struct Peer {
  base::LinkId link;
  mesh_router::ShortIdSalt salt;
  reconcile::Exchange exchange{reconcile::Role::solver};
  std::uint64_t envelopes = 0;
  std::deque<base::Bytes> questions;

  void prepare(base::Random& random, const std::vector<wire::EnvelopeId>& held, std::size_t lacks,
               std::size_t brings) {
    exchange.reserve(held.size());
    for (std::size_t i = lacks; i < held.size(); ++i) exchange.add(short_id(salt, held[i]));
    for (std::size_t i = 0; i < brings; ++i) exchange.add(1 + random.below(1u << 30));
    exchange.start();
  }
  void hear(base::ByteView frame) {
    wire::RecordReader reader(frame);
    for (auto record = reader.next(); record && *record; record = reader.next()) {
      if ((*record)->type == wire::RecordType::reconcile) exchange.receive((*record)->payload);
      if ((*record)->type == wire::RecordType::envelope) ++envelopes;
      if ((*record)->type == wire::RecordType::announce) {
        questions.emplace_back((*record)->payload.begin(), (*record)->payload.end());
      }
    }
    while (exchange.work()) {
    }
  }
  /// One record, or nothing.
  base::Bytes say() {
    base::Bytes message(wire::kFrameSizeMax - 4);
    base::Bytes frame(wire::kFrameSizeMax);
    wire::RecordWriter writer(frame);
    const std::size_t size = exchange.write(message);
    if (size == 0 && questions.empty()) return {};
    if (size == 0) {
      writer.add(wire::RecordType::want, questions.front());
      questions.pop_front();
    } else {
      writer.add(wire::RecordType::reconcile, base::ByteView(message).first(size));
    }
    frame.resize(writer.size());
    return frame;
  }
};

/// The longest single call, in milliseconds, while neighbours come at the same moment to a router
/// that holds `count` envelopes: link-up, reconciliation with all of them, what they lack, and the
/// expiry of everything.
class LongestCall {
 public:
  LongestCall(std::size_t count, std::size_t neighbours, std::size_t lacks) : lacks_(lacks) {
    base::SeededRandom random(9);
    for (const auto& records : make_frames(random, count, kBodySize256)) bench_.receive(records);
    bench_.store.for_each([this](mesh_router::StoreKey, const mesh_router::EnvelopeRecord& record) {
      held_.push_back(record.id);
    });
    for (std::size_t i = 0; i < neighbours; ++i) {
      Peer& peer = peers_.emplace_back();
      peer.link = {100 + i};
      random.fill(peer.salt.mutable_view());
      peer.prepare(random, held_, lacks, lacks);
    }
  }
  double run();

 private:
  template <class Call>
  auto timed(Call&& call) {
    const double start = cpu_ms();
    auto result = call();
    longest_ = std::max(longest_, cpu_ms() - start);
    return result;
  }
  void wake() {
    timed([&] {
      bench_.router.wake(bench_.now);
      return 0;
    });
  }
  /// What an owner does: frames each way for every link, then waking. Whether anything happened.
  bool turn() {
    bool any = false;
    for (Peer& peer : peers_) {
      while (const std::size_t size = timed([&] {
               return bench_.router.next_frame(peer.link, bench_.frame, bench_.now);
             })) {
        peer.hear(base::ByteView(bench_.frame).first(size));
        any = true;
      }
      for (base::Bytes said = peer.say(); !said.empty(); said = peer.say()) {
        timed([&] { return bench_.router.receive(peer.link, said, bench_.now); });
        any = true;
      }
    }
    const auto wakeup = bench_.router.next_wakeup();
    if (!wakeup || (*wakeup > bench_.now && (any || !some_wait()))) return any;
    // What is announced is paced: the next second comes when nothing else is left to do.
    bench_.now = std::max(bench_.now, *wakeup);
    wake();
    return true;
  }
  bool some_wait() const {
    return std::any_of(peers_.begin(), peers_.end(),
                       [this](const Peer& peer) { return peer.envelopes < lacks_; });
  }

  Bench bench_;
  std::size_t lacks_;
  std::vector<wire::EnvelopeId> held_;
  std::deque<Peer> peers_;
  double longest_ = 0;
};

double LongestCall::run() {
  for (Peer& peer : peers_) {
    NeighbourId id;
    id.bytes[0] = static_cast<std::uint8_t>(peer.link.value);
    const mesh_router::LinkParameters parameters{wire::kFrameSizeMax,
                                                 base::LinkRole::initiator, peer.salt};
    timed([&] { return bench_.router.link_up(peer.link, id, parameters, bench_.now); });
  }
  while (turn()) {
  }
  for (const Peer& peer : peers_) CHASKI_ASSERT(peer.envelopes >= lacks_);
  bench_.now += 48h;
  while (bench_.router.usage().envelopes > 0) wake();
  return longest_;
}

/// The median of three worlds: what the machine does beside it is not the router's.
double longest_call_ms(std::size_t neighbours, std::size_t lacks) {
  std::array<double, 3> longest{};
  for (double& one : longest) one = LongestCall(100'000, neighbours, lacks).run();
  std::sort(longest.begin(), longest.end());
  return longest[1];
}

void measure(const std::string& name, const std::function<void(benchmark::State&)>& body) {
  benchmark::RegisterBenchmark(name.c_str(), body)
      ->Repetitions(kRepetitions)
      ->MinTime(0.2)
      ->Unit(benchmark::kMillisecond);
}

int run(const std::vector<std::string>& arguments, Report& report) {
  if (!arguments.empty()) {
    fmt::print(stderr, "chaski-bench: router takes no argument, not '{}'\n", arguments[0]);
    return 2;
  }
  measure("accept", [](auto& state) { accept(state, kBodySize256, 100'000, false); });
  measure("relay", [](auto& state) { accept(state, kBodySize256, 100'000, true); });
  measure("relay_64k", [](auto& state) { accept(state, 65'536, 1'000, true); });
  measure("duplicates", duplicates);
  measure("look_ups", look_ups);
  Collector collector;
  benchmark::RunSpecifiedBenchmarks(&collector);
  auto& medians = collector.medians;
  report.add("new 256 B envelopes received, checked, stored, acknowledged", medians["accept"],
             "1/s");
  report.add("the same and forwarded to one neighbour", medians["relay"], "1/s");
  report.add("64 KiB envelopes received and forwarded", medians["relay_64k"] * 65'536 / 1e6,
             "MB/s");
  report.add("256 B duplicates received, hashed, recognised, acknowledged", medians["duplicates"],
             "1/s");
  report.add("duplicate look-ups by id", medians["look_ups"], "1/s", "200,000 ids, half held");
  report.add("router memory per held envelope", memory_per_envelope(100'000), "B",
             "100,000 held, store not counted");
  report.add("router memory per held envelope, worst point of growth",
             memory_per_envelope(115'000), "B", "115,000 held");
  report.add("longest call, 8 neighbours come at once", longest_call_ms(8, 1'000), "ms",
             "100,000 held; each lacks 1,000 and has 1,000 others");
  report.add("longest call, one comes that lacks everything", longest_call_ms(1, 100'000), "ms",
             "100,000 held");
  return 0;
}

}  // namespace

Command router_command() {
  return {"router", "the router alone, in memory, on one core", run};
}

}  // namespace chaski::bench
