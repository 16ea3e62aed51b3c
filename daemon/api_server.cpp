// SPDX-License-Identifier: Apache-2.0
#include "daemon/api_server.hpp"

#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <cstring>
#include <vector>

#include "daemon/api_session.hpp"
#include "daemon/start_error.hpp"
#include "daemon/status_report.hpp"

namespace chaski::daemon {
namespace {

namespace asio = boost::asio;
using Protocol = asio::local::stream_protocol;
using boost::system::error_code;

constexpr std::chrono::seconds kStatusLookEvery{1};
constexpr std::chrono::milliseconds kAcceptPause{200};

[[noreturn]] void throw_socket(const std::string& path, const std::string& why,
                               const std::string& mend) {
  throw StartError(kExitState, "cannot listen on " + path + ": " + why + "; " + mend);
}

/// Removes the socket of a daemon that died. Anything else in its place stays.
void remove_stale(asio::io_context& io, const std::string& path) {
  struct stat about {};
  if (::lstat(path.c_str(), &about) != 0) return;
  if (!S_ISSOCK(about.st_mode)) {
    throw_socket(path, "something else is there", "name another file in api.socket");
  }
  Protocol::socket probe(io);
  error_code error;
  probe.connect(Protocol::endpoint(path), error);
  if (!error) {
    throw_socket(path, "another daemon answers there",
                 "stop it or name another file in api.socket");
  }
  ::unlink(path.c_str());
}

}  // namespace

struct ApiServer::Impl : std::enable_shared_from_this<ApiServer::Impl> {
  Impl(asio::io_context& io_context, NodeHost& node_host, VaultDesk& vault_desk, EventHub& hub,
       Log& logger, std::function<void()> stop_callback)
      : io(io_context), host(node_host), vault(vault_desk), events(hub), log(logger),
        acceptor(io_context), pause(io_context), status_timer(io_context),
        shared(std::make_shared<ApiShared>(
            ApiShared{node_host, vault_desk, hub, std::move(stop_callback), {}})) {}

  void forget_ended() {
    std::erase_if(sessions, [](const auto& session) { return session.expired(); });
  }

  void listen(const std::string& path);
  void accept();
  void accepted(Protocol::socket socket);
  void watch_status();
  void tell_changes();

  asio::io_context& io;
  NodeHost& host;
  VaultDesk& vault;
  EventHub& events;
  Log& log;
  Protocol::acceptor acceptor;
  asio::steady_timer pause;
  asio::steady_timer status_timer;
  std::shared_ptr<ApiShared> shared;
  std::vector<std::weak_ptr<ApiSession>> sessions;
  std::string socket_path;
  std::string last_problems;
  bool watching = false;
};

ApiServer::ApiServer(asio::io_context& io, NodeHost& host, VaultDesk& vault, EventHub& events,
                     Log& log, std::function<void()> stop)
    : impl_(std::make_shared<Impl>(io, host, vault, events, log, std::move(stop))) {}

ApiServer::~ApiServer() = default;

void ApiServer::start() {
  impl_->shared->session_ended = [weak = std::weak_ptr(impl_)] {
    if (const auto impl = weak.lock()) impl->forget_ended();
  };
  impl_->listen(impl_->host.config().socket_path());
  impl_->accept();
}

void ApiServer::Impl::listen(const std::string& path) {
  if (path.size() >= sizeof(sockaddr_un::sun_path)) {
    throw_socket(path, "the name is too long", "name a shorter one in api.socket");
  }
  remove_stale(io, path);
  error_code error;
  acceptor.open(Protocol(), error);
  if (!error) {
    // Nobody may connect before the mode is what the config says.
    const mode_t before = ::umask(0177);
    acceptor.bind(Protocol::endpoint(path), error);
    ::umask(before);
  }
  if (!error && ::chmod(path.c_str(), host.config().socket_mode) != 0) {
    error = error_code(errno, boost::system::system_category());
  }
  if (!error) acceptor.listen(static_cast<int>(kClientsMax), error);
  if (error) throw_socket(path, error.message(), "check the folder or name another in api.socket");
  socket_path = path;
}

void ApiServer::Impl::accept() {
  acceptor.async_accept([self = shared_from_this()](error_code error, Protocol::socket socket) {
    if (!self->acceptor.is_open()) return;
    if (!error) {
      self->accepted(std::move(socket));
      return self->accept();
    }
    // Most likely out of file descriptors: wait for some to come back.
    self->pause.expires_after(kAcceptPause);
    self->pause.async_wait([self](error_code stopped) {
      if (!stopped) self->accept();
    });
  });
}

void ApiServer::Impl::accepted(Protocol::socket socket) {
  if (sessions.size() >= kClientsMax) {
    log.warning("api: too many clients, one is turned away");
    return;  // closed
  }
  auto session = make_api_session(std::move(socket), shared);
  sessions.push_back(session);
  session->start();
  if (watching) return;
  tell_changes();
  watch_status();
}

/// Tells listeners when what works changes; looks only while somebody is connected.
void ApiServer::Impl::watch_status() {
  watching = !sessions.empty();
  if (!watching) return;
  status_timer.expires_after(kStatusLookEvery);
  status_timer.async_wait([self = shared_from_this()](error_code stopped) {
    if (stopped) return;
    self->tell_changes();
    self->watch_status();
  });
}

void ApiServer::Impl::tell_changes() {
  Json status = status_json(host, vault);
  const std::string now =
      status["problems"].dump() + status["state"].dump() + status["vault"].dump();
  if (!last_problems.empty() && now != last_problems) {
    status["event"] = "status";
    events.publish(status);
  }
  last_problems = now;
}

void ApiServer::stop() {
  error_code ignored;
  if (impl_->acceptor.is_open()) {
    impl_->acceptor.close(ignored);
    ::unlink(impl_->socket_path.c_str());
  }
  impl_->pause.cancel();
  impl_->status_timer.cancel();
  for (const auto& weak : std::vector(impl_->sessions)) {
    if (const auto session = weak.lock()) session->stop();
  }
}

std::size_t ApiServer::clients() const { return impl_->sessions.size(); }

}  // namespace chaski::daemon
