// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace chaski::dbus {

/// The socket of the D-Bus system bus; empty when its address is of another kind.
std::string system_bus_path();

/// Asks the system bus whether it answers, without blocking: joining a bus waits for it, so we join
/// only one that just spoke. A bare AUTH is answered (D-Bus specification, "Authentication
/// Protocol").
///
/// `done` is called once with what is wrong, empty when the bus answers; not after cancel().
class BusProbe : public std::enable_shared_from_this<BusProbe> {
 public:
  static constexpr std::chrono::seconds kPatience{3};

  BusProbe(boost::asio::io_context& io, std::function<void(std::string problem)> done);
  void start();
  void cancel() { finish(std::nullopt); }

 private:
  void ask();
  void finish(std::optional<std::string> problem);

  boost::asio::local::stream_protocol::socket socket_;
  boost::asio::steady_timer timer_;
  std::function<void(std::string)> done_;
  std::array<char, 256> answer_{};
};

}  // namespace chaski::dbus
