// SPDX-License-Identifier: Apache-2.0
#include "dbus/bus_probe.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace chaski::dbus {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using namespace std::string_view_literals;

constexpr auto kQuestion = "\0AUTH\r\n"sv;
constexpr auto kNotThere = "there is no D-Bus system bus: start dbus";
constexpr auto kSilent = "the D-Bus system bus does not answer: restart dbus";

}  // namespace

std::string system_bus_path() {
  const char* set = std::getenv("DBUS_SYSTEM_BUS_ADDRESS");
  const std::string_view where = set != nullptr ? set : "unix:path=/run/dbus/system_bus_socket";
  constexpr auto kUnixPath = "unix:path="sv;
  if (!where.starts_with(kUnixPath)) return "";
  const auto path = where.substr(kUnixPath.size());
  return std::string(path.substr(0, path.find_first_of(",;")));
}

BusProbe::BusProbe(asio::io_context& io, std::function<void(std::string)> done)
    : socket_(io), timer_(io), done_(std::move(done)) {}

void BusProbe::start() {
  const auto path = system_bus_path();
  constexpr std::size_t kUnixPathMax = 107;
  if (path.empty() || path.size() > kUnixPathMax) {
    asio::post(timer_.get_executor(), [self = shared_from_this()] { self->finish(""); });
    return;
  }
  timer_.expires_after(kPatience);
  timer_.async_wait([self = shared_from_this()](const error_code& error) {
    if (!error) self->finish(kSilent);
  });
  socket_.async_connect(asio::local::stream_protocol::endpoint(path),
                        [self = shared_from_this()](const error_code& error) {
                          if (error) return self->finish(kNotThere);
                          self->ask();
                        });
}

void BusProbe::ask() {
  if (!done_) return;
  asio::async_write(socket_, asio::buffer(kQuestion),
                    [self = shared_from_this()](const error_code& error, std::size_t) {
                      if (error) self->finish(kNotThere);
                    });
  socket_.async_read_some(asio::buffer(answer_),
                          [self = shared_from_this()](const error_code& error, std::size_t) {
                            self->finish(error ? kSilent : "");
                          });
}

void BusProbe::finish(std::optional<std::string> problem) {
  auto done = std::exchange(done_, nullptr);
  timer_.cancel();
  error_code ignored;
  socket_.close(ignored);
  if (done && problem) done(*problem);
}

}  // namespace chaski::dbus
