// SPDX-License-Identifier: Apache-2.0
// A bare L2CAP channel between two adapters, both ways at once: what frames are measured against.
//
// usage: l2cap-loop OWN-ADDRESS listen|OTHER-ADDRESS:PSM BYTES SDU-SIZE
// The listener prints its PSM; both print {"bytes_per_s"} of what they received.
#include <poll.h>
#include <sys/socket.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "transport-ble/bluez_decode.hpp"
#include "transport-ble/l2cap_socket.hpp"

using namespace chaski::transport_ble;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int kPatience_ms = 60'000;

void fail(const std::string& why) {
  std::fprintf(stderr, "l2cap-loop: %s\n", why.c_str());
  std::exit(1);
}

void wait(int socket, short events) {
  pollfd asked{socket, events, 0};
  if (::poll(&asked, 1, kPatience_ms) != 1) fail("nothing happens for a minute");
}

Descriptor listener(Device own) {
  auto made = listen_l2cap(own);
  if (!made) fail(made.error());
  std::printf("%u\n", made->psm);
  std::fflush(stdout);
  wait(made->socket.get(), POLLIN);
  auto came = accept_l2cap(made->socket.get());
  if (!came) fail("nobody came");
  return std::move(came->socket);
}

Descriptor dialler(Device own, const std::string& to) {
  const auto colon = to.rfind(':');
  const auto device = parse_device(to.substr(0, colon), "public");
  if (!device) fail("no address: " + to);
  auto made = dial_l2cap(own, *device, static_cast<std::uint16_t>(std::stoi(to.substr(colon + 1))));
  if (!made) fail(made.error());
  wait(made->get(), POLLOUT);
  if (const auto problem = l2cap_error(made->get()); !problem.empty()) fail(problem);
  return std::move(*made);
}

/// Seconds from the first byte to the last, sending as much meanwhile.
double exchange(int socket, std::size_t bytes, std::size_t size) {
  // As much as the kernel likes, unlike a link of ours.
  const int buffer = 256 * 1024;
  ::setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
  std::string sdu(size, 'x'), came(4096, '\0');
  std::size_t sent = 0, got = 0;
  auto began = Clock::now();
  while (sent < bytes || got < bytes) {
    wait(socket, static_cast<short>(POLLIN | (sent < bytes ? POLLOUT : 0)));
    const ssize_t in = ::recv(socket, came.data(), came.size(), MSG_DONTWAIT);
    if (in == 0) fail("it closed");
    if (in > 0 && got == 0) began = Clock::now();
    if (in > 0) got += static_cast<std::size_t>(in);
    const ssize_t out =
        sent < bytes ? ::send(socket, sdu.data(), sdu.size(), MSG_DONTWAIT | MSG_NOSIGNAL) : 0;
    if (out > 0) sent += static_cast<std::size_t>(out);
  }
  return std::chrono::duration<double>(Clock::now() - began).count();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) fail("usage: l2cap-loop OWN-ADDRESS listen|OTHER-ADDRESS:PSM BYTES SDU-SIZE");
  const auto own = parse_device(argv[1], "public");
  if (!own) fail(std::string("no address: ") + argv[1]);
  const std::string to = argv[2];
  const std::size_t bytes = std::stoul(argv[3]), size = std::stoul(argv[4]);
  const Descriptor socket = to == "listen" ? listener(*own) : dialler(*own, to);
  const double seconds = exchange(socket.get(), bytes, size);
  std::printf("{\"bytes_per_s\": %.0f}\n", static_cast<double>(bytes) / seconds);
  std::fflush(stdout);
  // What was sent last is still on its way.
  char rest = 0;
  wait(socket.get(), POLLIN | POLLHUP);
  return ::recv(socket.get(), &rest, 1, MSG_DONTWAIT) > 0 ? 1 : 0;
}
