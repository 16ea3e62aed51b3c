// SPDX-License-Identifier: Apache-2.0
// Two transports on one loop and one processor: frames as fast as they go.
//
// usage: lan-bench [SECONDS]
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "party.hpp"

namespace chaski::transport_lan {
namespace {

struct End {
  base::TransportHooks hooks() {
    base::TransportHooks hooks;
    hooks.new_link_id = [this] { return base::LinkId{++last}; };
    hooks.opened = [this](base::LinkId link, base::LinkRole, std::size_t, std::uint64_t) {
      open = link;
      return true;
    };
    hooks.received = [this](base::LinkId, base::MutableByteView frame) {
      ++frames;
      bytes += frame.size();
    };
    hooks.next_frame = [this](base::LinkId, base::MutableByteView out) {
      if (size == 0) return std::size_t{0};
      std::memset(out.data(), 7, size);
      return size;
    };
    hooks.closed = [](base::LinkId) {};
    return hooks;
  }
  std::uint64_t last = 0, frames = 0, bytes = 0;
  base::LinkId open;
  std::size_t size = 0;
};

double processor_s() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

void measure(std::size_t size, bool both, std::chrono::milliseconds time) {
  boost::asio::io_context io(1);
  End near, far;
  LanTransport listener(io, loopback(), far.hooks());
  listener.start();
  auto config = loopback();
  config.peers = {at_port(listener.status().port)};
  LanTransport dialler(io, config, near.hooks());
  dialler.start();
  run_until(io, std::chrono::seconds(5), [&] { return near.open.value && far.open.value; });
  near.size = size;
  if (both) far.size = size;
  dialler.kick(near.open);
  listener.kick(far.open);
  const double before = processor_s();
  run_for(io, time);
  const double used = processor_s() - before;
  const double seconds = static_cast<double>(time.count()) / 1e3;
  const auto frames = static_cast<double>(far.frames + near.frames);
  const auto bytes = static_cast<double>(far.bytes + near.bytes);
  std::printf("%6zu B %s: %9.0f frames/s, %7.1f MB/s, %.2f us of processor a frame (both ends)\n",
              size, both ? "both ways" : "one way  ", frames / seconds, bytes / seconds / 1e6,
              used / frames * 1e6);
}

}  // namespace
}  // namespace chaski::transport_lan

int main(int argc, char** argv) {
  const std::chrono::milliseconds time{argc > 1 ? std::stoi(argv[1]) * 1000 : 2000};
  for (const std::size_t size : {64u, 300u, 4096u, 65'535u}) {
    for (const bool both : {false, true}) chaski::transport_lan::measure(size, both, time);
  }
  return 0;
}
