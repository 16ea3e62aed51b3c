// SPDX-License-Identifier: Apache-2.0
#include "transport-lan/dial_attempt.hpp"

#include <boost/asio/post.hpp>
#include <utility>

namespace chaski::transport_lan {

namespace asio = boost::asio;
using boost::system::error_code;

DialAttempt::DialAttempt(asio::io_context& io, std::chrono::milliseconds each, Done done)
    : io_(io), each_(each), done_(std::move(done)), socket_(io), timer_(io) {}

void DialAttempt::start(std::vector<Tcp::endpoint> addresses) {
  addresses_ = std::move(addresses);
  asio::post(io_, [self = shared_from_this()] { self->next(); });
}

void DialAttempt::start(const HostPort& peer) {
  error_code error;
  const auto address = asio::ip::make_address(peer.host, error);
  if (!error) return start({Tcp::endpoint(address, peer.port)});
  resolver_ = std::make_unique<Tcp::resolver>(io_);
  resolver_->async_resolve(
      peer.host, std::to_string(peer.port),
      [self = shared_from_this()](const error_code& failed, Tcp::resolver::results_type results) {
        if (!failed) {
          for (const auto& entry : results) {
            if (self->addresses_.size() == kAddressesMax) break;
            self->addresses_.push_back(entry.endpoint());
          }
        }
        self->next();
      });
}

void DialAttempt::cancel() {
  done_ = nullptr;
  timer_.cancel();
  if (resolver_) resolver_->cancel();
  error_code ignored;
  socket_.close(ignored);
}

void DialAttempt::next() {
  if (!done_) return;
  if (at_ == addresses_.size()) return finish(std::nullopt);
  const auto address = addresses_[at_++];
  socket_ = Tcp::socket(io_);
  timer_.expires_after(each_);
  timer_.async_wait([self = shared_from_this()](const error_code& error) {
    error_code ignored;
    if (!error && self->done_) self->socket_.close(ignored);  // its connect then fails
  });
  socket_.async_connect(address, [self = shared_from_this()](const error_code& error) {
    if (!self->done_) return;
    self->timer_.cancel();
    if (error || !self->socket_.is_open()) return self->next();
    self->finish(std::move(self->socket_));
  });
}

void DialAttempt::finish(std::optional<Tcp::socket> socket) {
  auto done = std::exchange(done_, nullptr);
  done(std::move(socket));
}

}  // namespace chaski::transport_lan
