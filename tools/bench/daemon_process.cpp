// SPDX-License-Identifier: Apache-2.0
#include "tools/bench/daemon_process.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>

namespace chaski::bench {
namespace {

void write_config(const std::string& file, const std::string& folder, const std::string& socket,
                  std::uint16_t port, const std::vector<std::uint16_t>& peers) {
  std::string list;
  for (const auto peer : peers) list += fmt::format("\"127.0.0.1:{}\", ", peer);
  std::ofstream(file) << fmt::format(
      "[node]\nstate = \"{}/state\"\n[store]\nquota_bytes = 34359738368\n[api]\nsocket = "
      "\"{}\"\n[lan]\nport = {}\n"
      "listen = [\"127.0.0.1\"]\ndiscover = false\npeers = [{}]\n[log]\nlevel = \"warning\"\n",
      folder, socket, port, list);
}

std::string read_all(const std::string& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool bound = ::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(fd);
  if (!bound) throw std::runtime_error("no free port on loopback");
  return ntohs(address.sin_port);
}

DaemonProcess::DaemonProcess(const std::string& program, const std::string& folder,
                             const std::string& name, std::uint16_t port,
                             const std::vector<std::uint16_t>& peers)
    : folder_(folder + "/" + name), socket_(folder_ + "/api.sock") {
  std::filesystem::create_directories(folder_);
  const std::string config = folder_ + "/chaskid.toml";
  write_config(config, folder_, socket_, port, peers);
  pid_ = ::fork();
  if (pid_ == 0) {
    const int log = ::open((folder_ + "/log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(log, 1);
    ::dup2(log, 2);
    ::execl(program.c_str(), program.c_str(), "--config", config.c_str(), nullptr);
    ::_exit(127);
  }
  for (int i = 0; i < 500; ++i) {
    try {
      get("/v1/status");
      return;
    } catch (const std::runtime_error&) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  throw std::runtime_error(name + " does not answer: " + read_all(folder_ + "/log"));
}

DaemonProcess::~DaemonProcess() {
  if (fd_ >= 0) ::close(fd_);
  if (pid_ > 0) {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }
}

int DaemonProcess::connection() {
  if (fd_ >= 0) return fd_;
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket_.copy(address.sun_path, sizeof address.sun_path - 1);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    ::close(fd);
    throw std::runtime_error("cannot connect to " + socket_);
  }
  return fd_ = fd;
}

std::string DaemonProcess::request(const std::string& method, const std::string& path,
                                   const std::string& body, const std::string& content_type) {
  const int fd = connection();
  const std::string out =
      fmt::format("{} {} HTTP/1.1\r\nHost: x\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n",
                  method, path, content_type, body.size()) +
      body;
  for (std::size_t sent = 0; sent < out.size();) {
    const ssize_t n = ::send(fd, out.data() + sent, out.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) throw std::runtime_error("the daemon closed its API connection");
    sent += static_cast<std::size_t>(n);
  }
  std::string in;
  std::size_t head = std::string::npos;
  std::size_t need = std::string::npos;
  std::vector<char> chunk(std::size_t{256} * 1024);
  while (need == std::string::npos || in.size() < need) {
    const ssize_t n = ::recv(fd, chunk.data(), chunk.size(), 0);
    if (n <= 0) throw std::runtime_error("the daemon closed its API connection");
    in.append(chunk.data(), static_cast<std::size_t>(n));
    if (head != std::string::npos) continue;
    head = in.find("\r\n\r\n");
    if (head != std::string::npos) {
      const auto at = in.find("Content-Length: ");
      if (at == std::string::npos || at > head) throw std::runtime_error("no length: " + in);
      need = head + 4 + std::stoul(in.substr(at + 16));
    }
  }
  if (in.compare(0, 12, "HTTP/1.1 200") != 0) throw std::runtime_error("API: " + in);
  return in.substr(head + 4);
}

nlohmann::json DaemonProcess::get(const std::string& path) {
  return nlohmann::json::parse(request("GET", path, "", "application/json"));
}
nlohmann::json DaemonProcess::post(const std::string& path, const nlohmann::json& body) {
  return nlohmann::json::parse(request("POST", path, body.dump(), "application/json"));
}
std::string DaemonProcess::post_lines(const std::string& lines) {
  return request("POST", "/v1/messages", lines, "application/x-ndjson");
}

Usage DaemonProcess::usage() const {
  Usage usage;
  const std::string stat = read_all(fmt::format("/proc/{}/stat", pid_));
  std::istringstream fields(stat.substr(stat.rfind(')') + 2));
  std::string word;
  double ticks = 0;
  for (int i = 3; i <= 15 && fields >> word; ++i) {
    if (i == 14 || i == 15) ticks += std::stod(word);
  }
  usage.cpu_s = ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
  std::istringstream status(read_all(fmt::format("/proc/{}/status", pid_)));
  while (status >> word) {
    if (word == "VmRSS:") status >> usage.rss_kib;
    if (word == "VmHWM:") status >> usage.rss_peak_kib;
  }
  return usage;
}

}  // namespace chaski::bench
