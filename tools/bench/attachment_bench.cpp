// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "attachment/chunk_sealing.hpp"
#include "attachment/erasure_code.hpp"
#include "attachment/file_digest.hpp"
#include "base/random.hpp"
#include "tools/bench/commands.hpp"
#include "tools/bench/cpu_time.hpp"

namespace chaski::bench {

namespace {

using attachment::ChunkPlan;
using attachment::kGroupDataMax;

constexpr int kRepetitions = 9;
constexpr double kMegabyte = 1e6;

/// MB of a file a second of processor time, the median of several.
template <class Call>
double speed(std::uint64_t bytes, Call&& call) {
  std::array<double, kRepetitions> speeds;
  for (double& one : speeds) {
    const double start = cpu_s();
    call();
    one = static_cast<double>(bytes) / kMegabyte / (cpu_s() - start);
  }
  std::sort(speeds.begin(), speeds.end());
  return speeds[kRepetitions / 2];
}

/// One full group of the largest chunks: 8.4 MB and a quarter of that in parity.
struct Group {
  ChunkPlan plan = *ChunkPlan::make(std::uint64_t{kGroupDataMax} * 65'808, 5, 32);
  base::SeededRandom random{1};
  std::vector<base::Bytes> chunks;
  attachment::Manifest manifest;

  Group() : chunks(plan.chunks(), base::Bytes(plan.chunk_size())) {
    for (base::Bytes& chunk : chunks) random.fill(chunk);
    random.fill(manifest.secret.mutable_view());
    manifest.plan = plan;
    manifest.lifetime_s = 86'400;
    make_parity();
  }
  std::uint64_t bytes() const { return plan.file_size(); }

  void make_parity() {
    std::vector<base::ByteView> data(chunks.begin(), chunks.begin() + kGroupDataMax);
    std::vector<base::MutableByteView> parity(chunks.begin() + kGroupDataMax, chunks.end());
    attachment::make_parity(data, parity);
  }
  /// The first `lost` data chunks from the others and as many of parity.
  void rebuild(std::uint32_t lost) {
    std::vector<attachment::Row> have;
    for (std::uint32_t row = lost; row < kGroupDataMax + lost; ++row) {
      have.push_back({row, chunks[row]});
    }
    std::vector<std::uint32_t> missing;
    std::vector<base::MutableByteView> out;
    for (std::uint32_t row = 0; row < lost; ++row) {
      missing.push_back(row);
      out.emplace_back(chunks[row]);
    }
    attachment::rebuild(kGroupDataMax, have, missing, out);
  }
};

int run(const std::vector<std::string>& arguments, Report& report) {
  if (!arguments.empty()) {
    fmt::print(stderr, "chaski-bench attachment: it takes no arguments\n");
    return 2;
  }
  Group group;
  const std::uint64_t bytes = group.bytes();
  report.add("digest", speed(bytes, [&] {
               attachment::FileDigester digester(group.manifest.secret);
               for (std::uint32_t i = 0; i < kGroupDataMax; ++i) digester.add(group.chunks[i]);
               group.manifest.digest = digester.finish();
             }),
             "MB/s", "BLAKE2b");
  report.add("parity of a quarter", speed(bytes, [&] { group.make_parity(); }), "MB/s",
             "MB of the file; GF(2^8)");
  for (const std::uint32_t lost : {1u, 8u, 32u}) {
    report.add(fmt::format("rebuild {} of 128 chunks", lost),
               speed(bytes, [&] { group.rebuild(lost); }), "MB/s", "MB of the file");
  }
  std::vector<base::Bytes> envelopes(kGroupDataMax);
  report.add("seal", speed(bytes, [&] {
               for (std::uint32_t i = 0; i < kGroupDataMax; ++i) {
                 envelopes[i] = attachment::seal_chunk(group.manifest, i, group.chunks[i]);
               }
             }),
             "MB/s", "ChaCha20-Poly1305");
  base::Bytes out(group.plan.chunk_size());
  std::size_t opened = 0;
  report.add("open", speed(bytes, [&] {
               for (std::uint32_t i = 0; i < kGroupDataMax; ++i) {
                 const auto envelope = wire::decode_envelope(envelopes[i]);
                 opened += attachment::open_chunk(group.manifest, i, *envelope, out);
               }
             }),
             "MB/s", "ChaCha20-Poly1305");
  return opened == std::size_t{kRepetitions} * kGroupDataMax ? 0 : 1;
}

}  // namespace

Command attachment_command() {
  return {"attachment", "what a file costs: digest, parity, sealing, opening, rebuilding", run};
}

}  // namespace chaski::bench
