// SPDX-License-Identifier: Apache-2.0
// Adapters with a BleLinkManager each, through bluetoothd; says what happens as JSON lines.
//
// usage: ble-probe [held=BYTE] ADAPTER...   held: what all of them hold; who holds the same is not
// dialled. Ends when its standard input does.
#include <time.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "base/hex.hpp"
#include "transport-ble/bluez_radio.hpp"

namespace chaski::transport_ble {
namespace {

using Json = nlohmann::json;

void say(const Json& line) {
  std::printf("%s\n", line.dump().c_str());
  std::fflush(stdout);
}

base::Time now() {
  timespec at{};
  ::clock_gettime(CLOCK_BOOTTIME, &at);
  return base::from_us(at.tv_sec * 1'000'000 + at.tv_nsec / 1'000);
}

class Probe {
 public:
  Probe(boost::asio::io_context& context, std::set<std::string> adapters, std::uint8_t held)
      : io(context), wanted(std::move(adapters)), input(context, ::dup(0)) {
    wishes.held.bytes.fill(held);
    BluezRadio::Events events;
    events.now = now;
    events.wanted = [this](const std::string& name) { return wanted.contains(name); };
    events.of = [this](const std::string& name) { return events_of(name); };
    events.state = [this](const std::string& name, const AdapterState& state) {
      say({{"event", "adapter"},
           {"adapter", name},
           {"powered", state.powered},
           {"discovering", state.discovering},
           {"extended", state.extended}});
      if (const auto adapter = radio->find(name)) adapter->manager().wish(wishes, now());
    };
    events.gone = [](const std::string& name) { say({{"event", "gone"}, {"adapter", name}}); };
    events.problem = [](const std::string& text) { say({{"event", "problem"}, {"text", text}}); };
    radio = std::make_shared<BluezRadio>(io, kSlots, random, std::move(events));
  }

  void start() {
    radio->start();
    input.async_wait(input.wait_read, [this](const boost::system::error_code&) {
      radio->stop();
      boost::asio::post(io, [this] { io.stop(); });
    });
  }

 private:
  static constexpr std::size_t kSlots = 4;

  BluezAdapter::Events events_of(const std::string& name) {
    BluezAdapter::Events events;
    events.now = now;
    events.heard = [name](Device device, const Datum& datum, int rssi) {
      say({{"event", "heard"},
           {"adapter", name},
           {"device", device.value},
           {"datum", base::to_hex(encode(datum))},
           {"rssi", rssi}});
    };
    events.connected = [name](Device device) {
      say({{"event", "connected"}, {"adapter", name}, {"device", device.value}});
    };
    events.resolved = [](Device) {};
    events.lane = [](Device, std::unique_ptr<FramePipe>) {};
    events.disconnected = [name](Device device) {
      say({{"event", "disconnected"}, {"adapter", name}, {"device", device.value}});
    };
    events.failed = [name](const Command& command, const std::string& error) {
      say({{"event", "failed"},
           {"adapter", name},
           {"verb", static_cast<int>(command.verb)},
           {"error", error}});
    };
    return events;
  }

  boost::asio::io_context& io;
  std::set<std::string> wanted;
  boost::asio::posix::stream_descriptor input;
  base::SeededRandom random{std::random_device()()};
  BleLinkManager::Wishes wishes;
  std::shared_ptr<BluezRadio> radio;
};

}  // namespace
}  // namespace chaski::transport_ble

int main(int argc, char** argv) {
  std::set<std::string> adapters;
  std::uint8_t held = 0;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word.starts_with("held=")) {
      held = static_cast<std::uint8_t>(std::stoi(word.substr(5)));
    } else {
      adapters.insert(word);
    }
  }
  if (adapters.empty()) {
    std::fputs("usage: ble-probe [held=BYTE] ADAPTER...\n", stderr);
    return 2;
  }
  boost::asio::io_context io(1);
  chaski::transport_ble::Probe probe(io, adapters, held);
  probe.start();
  io.run();
  return 0;
}
