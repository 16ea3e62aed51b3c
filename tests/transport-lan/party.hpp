// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "transport-lan/lan_transport.hpp"

namespace chaski::transport_lan {

/// Runs the loop until the condition holds; false when the deadline passes first.
template <class Condition>
bool run_until(boost::asio::io_context& io, std::chrono::milliseconds deadline,
               Condition&& condition) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  io.restart();
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    io.run_one_for(std::chrono::milliseconds(20));
    if (io.stopped()) io.restart();
  }
  return true;
}

/// Runs the loop for so long, for what must not happen.
inline void run_for(boost::asio::io_context& io, std::chrono::milliseconds time) {
  run_until(io, time, [] { return false; });
}

/// A LanTransport with an owner that does what a node would, without cryptography: the first frame
/// of each side is its name, and of two links to one neighbour the one that the smaller name
/// dialled is kept.
class Party {
 public:
  struct Neighbour {
    base::LinkRole role{};
    std::string name;  ///< empty until its first frame came
    std::deque<std::string> out;
    std::vector<std::string> frames;
    std::uint64_t bytes = 0, count = 0;
    bool closing = false;
  };

  Party(boost::asio::io_context& io, std::string own, LanConfig config)
      : name(std::move(own)), transport(io, config, hooks()) {}

  base::TransportHooks hooks() {
    base::TransportHooks hooks;
    hooks.new_link_id = [this] { return base::LinkId{++last_link}; };
    hooks.opened = [this](base::LinkId link, base::LinkRole role, std::size_t, std::uint64_t) {
      if (refuse) return false;
      links[link].role = role;
      ++opened;
      if (greets) links[link].out.push_back("hello " + name);
      event("opened", link);
      return true;
    };
    hooks.received = [this](base::LinkId link, base::MutableByteView frame) {
      received(link, std::string(base::as_text(frame)));
    };
    hooks.next_frame = [this](base::LinkId link, base::MutableByteView out) {
      return next_frame(link, out);
    };
    hooks.closed = [this](base::LinkId link) {
      ++closed;
      event("closed", link);
      links.erase(link);
    };
    hooks.batch_done = [this] { ++batches; };
    hooks.log = [this](int level, std::string text) {
      if (level < 7) logged.push_back(text);
      if (on_log) on_log(level, text);
    };
    return hooks;
  }

  std::size_t next_frame(base::LinkId link, base::MutableByteView out) {
    auto& neighbour = links.at(link);
    if (neighbour.out.empty() && endless != 0 && !neighbour.closing) {
      neighbour.out.push_back(std::string(endless, 'x'));
    }
    if (neighbour.out.empty()) return 0;
    const std::string frame = std::move(neighbour.out.front());
    neighbour.out.pop_front();
    std::memcpy(out.data(), frame.data(), frame.size());
    pulled += frame.size();
    return frame.size();
  }

  void received(base::LinkId link, std::string frame) {
    auto& neighbour = links.at(link);
    if (greets && neighbour.name.empty()) {
      neighbour.name = frame.substr(frame.find(' ') + 1);
      transport.identified(link, base::as_bytes(neighbour.name));
      event("identified", link);
      return keep_one(neighbour.name);
    }
    neighbour.bytes += frame.size();
    ++neighbour.count;
    ++frames;
    if (keep_frames) neighbour.frames.push_back(std::move(frame));
  }

  void keep_one(const std::string& peer) {
    base::LinkId best{};
    for (const auto& [link, neighbour] : links) {
      if (neighbour.name != peer || neighbour.closing) continue;
      const auto& dialler = neighbour.role == base::LinkRole::initiator ? name : peer;
      if (best.value == 0 || dialler == std::min(name, peer)) best = link;
    }
    for (auto& [link, neighbour] : links) {
      if (neighbour.name != peer || neighbour.closing || link == best) continue;
      neighbour.closing = true;
      event("duplicate", link);
      transport.close(link);
    }
  }

  void send(base::LinkId link, std::string frame) {
    links.at(link).out.push_back(std::move(frame));
    transport.kick(link);
  }

  /// Links to this neighbour that are not being closed.
  std::size_t links_to(const std::string& peer) const {
    std::size_t count = 0;
    for (const auto& [link, neighbour] : links) {
      count += neighbour.name == peer && !neighbour.closing;
    }
    return count;
  }
  base::LinkId link_to(const std::string& peer) const {
    for (const auto& [link, neighbour] : links) {
      if (neighbour.name == peer && !neighbour.closing) return link;
    }
    return {};
  }

  void event(const char* what, base::LinkId link) {
    if (on_event) on_event(what, link);
  }

  std::string name;
  bool refuse = false, greets = true, keep_frames = true;
  std::size_t endless = 0;  ///< always has a frame of this size to send
  std::uint64_t last_link = 0, opened = 0, closed = 0, batches = 0, pulled = 0, frames = 0;
  std::map<base::LinkId, Neighbour> links;
  std::vector<std::string> logged;
  std::function<void(const char*, base::LinkId)> on_event;
  std::function<void(int, const std::string&)> on_log;
  LanTransport transport;
};

/// Only loopback, no discovery, port chosen by the kernel.
inline LanConfig loopback(const std::string& address = "127.0.0.1") {
  LanConfig config;
  config.listen = {address};
  config.discover = false;
  return config;
}

inline std::string at_port(std::uint16_t port, const std::string& host = "127.0.0.1") {
  return host + ":" + std::to_string(port);
}

}  // namespace chaski::transport_lan
