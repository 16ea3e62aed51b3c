// SPDX-License-Identifier: Apache-2.0
// One LanTransport with an owner that only greets and echoes; says what happens as JSON lines.
//
// usage: lan-probe NAME [KEY=VALUE...]   keys: port, listen, peer, interface (repeatable), discover
// Commands on standard input: "status", "rotate", "send" (a frame to every neighbour), "stop".
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/streambuf.hpp>
#include <cstdio>
#include <istream>
#include <nlohmann/json.hpp>

#include "party.hpp"

namespace chaski::transport_lan {
namespace {

using Json = nlohmann::json;

void say(const Json& line) {
  std::printf("%s\n", line.dump().c_str());
  std::fflush(stdout);
}

class Probe {
 public:
  Probe(boost::asio::io_context& context, const std::string& name, const LanConfig& config)
      : party(context, name, config), input(context, ::dup(0)), signals(context, SIGTERM) {
    party.on_event = [this](const char* what, base::LinkId link) {
      const auto& neighbour = party.links.at(link);
      say({{"event", what}, {"link", link.value}, {"peer", neighbour.name},
           {"initiator", neighbour.role == base::LinkRole::initiator}});
    };
    party.on_log = [](int level, const std::string& text) {
      say({{"event", "log"}, {"level", level}, {"text", text}});
    };
    signals.async_wait([this](const boost::system::error_code& error, int) {
      if (!error) quit();
    });
  }

  void start() {
    party.transport.start();
    status();
    read();
  }

 private:
  void status() {
    const auto now = party.transport.status();
    Json links = Json::array();
    for (const auto& [link, neighbour] : party.links) {
      links.push_back({{"link", link.value}, {"peer", neighbour.name}});
    }
    say({{"event", "status"}, {"listening", now.listening}, {"port", now.port},
         {"listen_problem", now.listen_problem}, {"discovery", now.discovery},
         {"discovery_problem", now.discovery_problem}, {"connections", now.connections},
         {"dialling", now.dialling}, {"services", now.services}, {"links", links},
         {"frames", party.frames}});
  }

  void read() {
    boost::asio::async_read_until(input, buffer, '\n',
                                  [this](const boost::system::error_code& error, std::size_t) {
                                    if (error) return quit();
                                    std::istream stream(&buffer);
                                    std::string line;
                                    std::getline(stream, line);
                                    obey(line);
                                    read();
                                  });
  }

  void obey(const std::string& line) {
    if (line == "status") status();
    if (line == "rotate") party.transport.rotate();
    if (line == "stop") quit();
    if (line != "send") return;
    for (const auto& [link, neighbour] : party.links) {
      if (!neighbour.closing && !neighbour.name.empty()) party.send(link, "a frame");
    }
  }

  void quit() {
    signals.cancel();
    boost::system::error_code ignored;
    input.close(ignored);
    party.transport.stop();
  }

  Party party;
  boost::asio::posix::stream_descriptor input;
  boost::asio::signal_set signals;
  boost::asio::streambuf buffer;
};

void set(LanConfig& config, const std::string& key, const std::string& value) {
  if (key == "port") config.port = static_cast<std::uint16_t>(std::stoi(value));
  if (key == "listen") config.listen = {value};
  if (key == "peer") config.peers.push_back(value);
  if (key == "interface") config.interfaces.push_back(value);
  if (key == "discover") config.discover = value == "yes";
}

}  // namespace
}  // namespace chaski::transport_lan

int main(int argc, char** argv) {
  using namespace chaski::transport_lan;
  if (argc < 2) {
    std::fputs("usage: lan-probe NAME [KEY=VALUE...]\n", stderr);
    return 2;
  }
  LanConfig config;
  for (int i = 2; i < argc; ++i) {
    const std::string word = argv[i];
    const auto equals = word.find('=');
    if (equals != std::string::npos) set(config, word.substr(0, equals), word.substr(equals + 1));
  }
  boost::asio::io_context io(1);
  Probe probe(io, argv[1], config);
  probe.start();
  io.run();
  return 0;
}
