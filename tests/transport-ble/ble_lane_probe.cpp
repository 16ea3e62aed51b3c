// SPDX-License-Identifier: Apache-2.0
// One end of lanes through bluetoothd, for the Bluetooth lab; says what happens as JSON lines.
//
// usage: ble-lane-probe frames=N size=BYTES serve ADAPTER
//        ble-lane-probe frames=N size=BYTES salt=BYTE dial WRITE_PATH NOTIFY_PATH
//
// Each end of a lane sends N frames, the listener when it has heard the first; each checks that
// those of the other come whole, in order and from one sender. A listener reads lines: "psm
// NUMBER", "release DEVICE_PATH". Both end when their standard input does.
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <cstdio>
#include <istream>
#include <map>
#include <nlohmann/json.hpp>

#include "dbus/service.hpp"
#include "transport-ble/bluez_clock.hpp"
#include "transport-ble/bluez_service.hpp"

namespace chaski::transport_ble {
namespace {

using Json = nlohmann::json;

struct Wanted {
  std::uint32_t frames = 0;
  std::size_t size = 0;
  std::uint8_t salt = 0;
  std::vector<std::string> words;
};

void say(const Json& line) {
  std::printf("%s\n", line.dump().c_str());
  std::fflush(stdout);
}

/// Salt, number, and bytes that follow from both.
base::Bytes frame_of(const Wanted& wanted, std::uint32_t number) {
  base::Bytes frame(std::max<std::size_t>(wanted.size, 5));
  for (std::size_t i = 5; i < frame.size(); ++i) {
    frame[i] = static_cast<std::uint8_t>(wanted.salt + 7 * number + i);
  }
  frame[0] = wanted.salt;
  for (std::size_t i = 0; i < 4; ++i)
    frame[1 + i] = static_cast<std::uint8_t>(number >> (24 - 8 * i));
  return frame;
}

/// What one lane carries.
class Talk {
 public:
  Talk(std::string device, std::unique_ptr<FramePipe> pipe, const Wanted& wanted, bool dialler)
      : device_(std::move(device)),
        pipe_(std::move(pipe)),
        wanted_(wanted),
        began_(steady_now()),
        speaks_(dialler) {
    FramePipe::Events events;
    events.received = [this](base::MutableByteView frame) { received(frame); };
    events.room = [this] { pour(); };
    events.ended = [this](const char* why) {
      say({{"event", "ended"}, {"device", device_}, {"why", why}, {"got", got_}});
    };
    pipe_->start(std::move(events));
    pour();
  }

 private:
  void pour() {
    while (speaks_ && sent_ < wanted_.frames && pipe_->room()) {
      pipe_->send(frame_of(wanted_, sent_++));
    }
  }

  void received(base::ByteView frame) {
    if (got_ == 0) {
      began_ = steady_now();
      other_.salt = frame[0];
      other_.size = frame.size();
      speaks_ = true;
    }
    if (!base::equal(frame, frame_of(other_, got_))) {
      say({{"event", "wrong"}, {"device", device_}, {"got", got_}, {"salt", other_.salt}});
      return pipe_->end();
    }
    ++got_;
    if (got_ == wanted_.frames) done();
    pour();
  }

  void done() const {
    const auto took = std::chrono::duration<double>(steady_now() - began_).count();
    // The first frame began the clock.
    const double bytes = static_cast<double>(other_.size) * (wanted_.frames - 1);
    const auto counts = dynamic_cast<const LanePipe&>(*pipe_).counts();
    say({{"event", "done"},
         {"device", device_},
         {"salt", other_.salt},
         {"seconds", took},
         {"bytes_per_s", took > 0 ? bytes / took : 0},
         {"sent_again", counts.sent_again},
         {"dropped", counts.dropped}});
  }

  std::string device_;
  std::unique_ptr<FramePipe> pipe_;
  Wanted wanted_, other_{};
  base::Time began_;
  bool speaks_;
  std::uint32_t sent_ = 0, got_ = 0;
};

class Probe {
 public:
  Probe(boost::asio::io_context& context, Wanted what)
      : io_(context), wanted_(std::move(what)), input_(context, ::dup(0)) {
    dbus::Service::Events life;
    life.came = [this](const std::shared_ptr<dbus::SdbusLoop>& loop) { came(loop); };
    life.went = [] { say({{"event", "went"}}); };
    life.problem = [](const std::string& text) { say({{"event", "problem"}, {"text", text}}); };
    bus_ = std::make_shared<dbus::Service>(io_, BluezSession::kName, "bluetoothd", life);
  }

  void start() {
    bus_->start();
    read_line();
  }

 private:
  void came(const std::shared_ptr<dbus::SdbusLoop>& loop) {
    session_ = std::make_shared<BluezSession>(loop);
    const auto& words = wanted_.words;
    if (words.at(0) == "serve") return serve(words.at(1));
    const auto done = [this](std::unique_ptr<FramePipe> pipe, const std::string& problem) {
      if (!pipe) return say({{"event", "not dialled"}, {"problem", problem}});
      say({{"event", "dialled"}});
      talks_[""] = std::make_unique<Talk>("", std::move(pipe), wanted_, true);
    };
    dial_lane(io_, session_, words.at(1), words.at(2), done);
  }

  void serve(const std::string& adapter) {
    BluezService::Events events;
    events.lane = [this](const std::string& device, std::unique_ptr<FramePipe> pipe) {
      say({{"event", "lane"}, {"device", device}});
      talks_[device] = std::make_unique<Talk>(device, std::move(pipe), wanted_, false);
    };
    service_ = std::make_unique<BluezService>(io_, session_->loop()->connection(),
                                              "/org/chaski/probe/" + adapter, std::move(events));
    const auto registered = [](const sdbus::Error* error) {
      say({{"event", "registered"}, {"error", error == nullptr ? "" : error->getMessage()}});
    };
    session_->call<>("/org/bluez/" + adapter, "org.bluez.GattManager1", "RegisterApplication",
                     BluezSession::kTimeout, registered, sdbus::ObjectPath(service_->path()),
                     Properties());
  }

  void read_line() {
    boost::asio::async_read_until(
        input_, buffer_, '\n', [this](const boost::system::error_code& error, std::size_t) {
          if (error) return io_.stop();
          std::istream stream(&buffer_);
          std::string verb, argument;
          stream >> verb >> argument;
          stream.ignore();
          if (verb == "psm") service_->set_psm(static_cast<std::uint16_t>(std::stoi(argument)));
          if (verb == "release") service_->release(argument);
          say({{"event", "did"}, {"verb", verb}});
          read_line();
        });
  }

  boost::asio::io_context& io_;
  Wanted wanted_;
  boost::asio::posix::stream_descriptor input_;
  boost::asio::streambuf buffer_;
  std::shared_ptr<dbus::Service> bus_;
  std::shared_ptr<BluezSession> session_;
  std::unique_ptr<BluezService> service_;
  std::map<std::string, std::unique_ptr<Talk>> talks_;  ///< by device
};

}  // namespace
}  // namespace chaski::transport_ble

int main(int argc, char** argv) {
  chaski::transport_ble::Wanted wanted;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const auto number = [&] { return std::stoul(word.substr(word.find('=') + 1)); };
    if (word.starts_with("frames=")) {
      wanted.frames = static_cast<std::uint32_t>(number());
    } else if (word.starts_with("size=")) {
      wanted.size = number();
    } else if (word.starts_with("salt=")) {
      wanted.salt = static_cast<std::uint8_t>(number());
    } else {
      wanted.words.push_back(word);
    }
  }
  const auto& words = wanted.words;
  const bool serves = words.size() == 2 && words[0] == "serve";
  if (!serves && !(words.size() == 3 && words[0] == "dial")) {
    std::fputs(
        "usage: ble-lane-probe frames=N size=BYTES serve ADAPTER\n"
        "       ble-lane-probe frames=N size=BYTES salt=BYTE dial WRITE NOTIFY\n",
        stderr);
    return 2;
  }
  boost::asio::io_context io(1);
  chaski::transport_ble::Probe probe(io, wanted);
  probe.start();
  io.run();
  return 0;
}
