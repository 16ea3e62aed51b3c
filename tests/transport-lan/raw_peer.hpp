// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <string>

#include "transport-lan/preamble.hpp"
#include "transport-lan/sockets.hpp"

namespace chaski::transport_lan {

/// A peer that says exactly what the test says, over a plain socket.
struct RawPeer {
  explicit RawPeer(boost::asio::io_context& io) : socket(io) {}
  RawPeer(boost::asio::io_context& io, std::uint16_t port) : RawPeer(io) { connect(port); }

  void connect(std::uint16_t port) {
    using namespace boost::asio::ip;
    socket.connect(tcp::endpoint(make_address("127.0.0.1"), port));
    socket.non_blocking(true);
  }

  /// Gives to the kernel what it takes.
  std::size_t say(const std::string& bytes) {
    boost::system::error_code error;
    return socket.write_some(boost::asio::buffer(bytes), error);
  }

  static std::string preamble() {
    const auto bytes = encode_preamble(random_instance_id());
    return {bytes.begin(), bytes.end()};
  }
  static std::string length(std::uint32_t value) {
    std::array<std::uint8_t, kLengthSize> bytes;
    encode_length(bytes, value);
    return {bytes.begin(), bytes.end()};
  }
  static std::string frame(const std::string& content) {
    return length(static_cast<std::uint32_t>(content.size())) + content;
  }

  /// Reads what is there; true while the other side has not closed.
  bool listen() {
    std::array<char, 65536> buffer;
    while (open) {
      boost::system::error_code error;
      const auto got = socket.read_some(boost::asio::buffer(buffer), error);
      heard.append(buffer.data(), got);
      if (would_block(error)) break;
      if (error) open = false;
    }
    return open;
  }

  boost::asio::ip::tcp::socket socket;
  std::string heard;
  bool open = true;
};

}  // namespace chaski::transport_lan
