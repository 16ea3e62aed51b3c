// SPDX-License-Identifier: Apache-2.0
#include "transport-lan/listener.hpp"

#include <syslog.h>

#include <algorithm>
#include <boost/asio/ip/v6_only.hpp>
#include <utility>

#include "transport-lan/sockets.hpp"

namespace chaski::transport_lan {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

std::string mend(const error_code& error) {
  if (error == asio::error::address_in_use) return "another program has it: choose another port";
  if (error == asio::error::access_denied) return "not permitted: choose a port above 1023";
  if (error == boost::system::errc::address_not_available) {
    return "no interface has this address: tried again when one does";
  }
  return error.message();
}

}  // namespace

Listener::Listener(asio::io_context& io, std::vector<std::string> addresses, std::uint16_t port,
                   Events events)
    : io_(io), port_(port), events_(std::move(events)), retry_(io) {
  for (auto& address : addresses) {
    doors_.push_back(Door{std::move(address), false, tcp::acceptor(io)});
  }
}

void Listener::start() { bind_all(); }

void Listener::stop() {
  stopped_ = true;
  retry_.cancel();
  error_code ignored;
  for (auto& door : doors_) door.acceptor.close(ignored);
}

void Listener::try_again() {
  if (!stopped_ && !problem_.empty()) bind_all();
}

bool Listener::listening() const {
  return std::any_of(doors_.begin(), doors_.end(),
                     [](const Door& door) { return door.acceptor.is_open(); });
}

void Listener::bind_all() {
  std::string problem;
  for (std::size_t i = 0; i < doors_.size(); ++i) {
    if (doors_[i].acceptor.is_open()) continue;
    const auto trouble = bind(doors_[i]);
    if (trouble.empty()) {
      accept(i);
    } else if (problem.empty()) {
      problem = trouble;
    }
  }
  if (!problem.empty()) {
    retry_.expires_after(kRetry);
    retry_.async_wait([weak = weak_from_this()](const error_code& error) {
      auto self = weak.lock();
      if (!error && self && !self->stopped_) self->bind_all();
    });
  }
  if (std::exchange(problem_, problem) != problem) {
    if (!problem.empty()) events_.log(LOG_WARNING, problem);
    events_.changed();
  }
}

/// What is wrong and the mend; empty when the door is open.
std::string Listener::bind(Door& door) {
  error_code error;
  const auto address = asio::ip::make_address(door.address, error);
  if (error) return "cannot listen on \"" + door.address + "\": not an IP address";
  door.wildcard = address.is_unspecified();
  error = open(door, address);
  if (error == asio::error::address_family_not_supported && address.is_v6() && door.wildcard) {
    error = open(door, asio::ip::address_v4::any());
  }
  if (!error) return "";
  const auto where = door.address + " port " + std::to_string(port_);
  return "cannot listen on " + where + ": " + mend(error);
}

error_code Listener::open(Door& door, const asio::ip::address& address) {
  const tcp::endpoint endpoint(address, port_);
  auto& acceptor = door.acceptor;
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && address.is_v6()) {
    acceptor.set_option(asio::ip::v6_only(!door.wildcard), error);
  }
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (!error) acceptor.non_blocking(true, error);
  if (!error && port_ == 0) port_ = acceptor.local_endpoint(error).port();
  error_code ignored;
  if (error) acceptor.close(ignored);
  return error;
}

void Listener::accept(std::size_t door) {
  doors_[door].acceptor.async_wait(tcp::acceptor::wait_read,
                                   [self = shared_from_this(), door](const error_code& error) {
                                     if (!error && !self->stopped_) self->drain(door);
                                   });
}

void Listener::drain(std::size_t door) {
  for (int i = 0; i < kAcceptsPerTurn && !stopped_; ++i) {
    error_code error;
    tcp::socket socket(io_);
    doors_[door].acceptor.accept(socket, error);
    if (would_block(error)) break;
    if (error == asio::error::connection_aborted) continue;
    if (error) return pause(door);
    if (std::exchange(starved_, false)) events_.log(LOG_NOTICE, "accepting connections again");
    events_.accepted(std::move(socket), doors_[door].wildcard);
  }
  if (!stopped_) accept(door);
}

void Listener::pause(std::size_t door) {
  if (!std::exchange(starved_, true)) {
    events_.log(LOG_WARNING, "no more connections for now: the limit of open files is reached");
  }
  auto timer = std::make_shared<asio::steady_timer>(io_, kPause);
  timer->async_wait([self = shared_from_this(), door, timer](const error_code& error) {
    if (!error && !self->stopped_) self->drain(door);
  });
}

}  // namespace chaski::transport_lan
