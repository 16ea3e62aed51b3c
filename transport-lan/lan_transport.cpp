// SPDX-License-Identifier: Apache-2.0
#include "transport-lan/lan_transport.hpp"

#include <syslog.h>

#include <boost/asio/post.hpp>
#include <map>
#include <utility>

#include "transport-lan/connection.hpp"
#include "transport-lan/dialler.hpp"
#include "transport-lan/discovery.hpp"
#include "transport-lan/interfaces.hpp"
#include "transport-lan/listener.hpp"
#include "transport-lan/sockets.hpp"

namespace chaski::transport_lan {
namespace {

namespace asio = boost::asio;
using asio::ip::address;
using Clock = std::chrono::steady_clock;

/// A connection that lived so long was a good one: its end is no reason to wait. Less would let a
/// peer that accepts and closes make us dial without pause.
constexpr std::chrono::seconds kGoodAfter{5};
/// Without carrier for so long, connections over an interface are over.
constexpr std::chrono::seconds kCarrierPatience{3};

}  // namespace

/// The conductor: connections by number and by link, and the units that make and end them.
struct LanTransport::Impl : std::enable_shared_from_this<LanTransport::Impl> {
  struct Entry {
    std::shared_ptr<Connection> connection;
    address from;  ///< what it counts as for the limit; unset when we dialled
    Clock::time_point since;
  };

  Impl(asio::io_context& context, const LanConfig& configuration, base::TransportHooks given)
      : io(context),
        config(configuration),
        host(std::make_shared<ConnectionHost>(context)),
        interfaces(std::make_shared<Interfaces>(context, configuration.interfaces)),
        carrier_timer(context) {
    host->hooks = std::move(given);
    host->own = random_instance_id();
  }

  void wire();
  void wire_dialler();
  void wire_discovery();
  void start();
  void stop();
  void end_all();
  void log(int level, const std::string& text) {
    if (host->alive && host->hooks.log) host->hooks.log(level, text);
  }

  void accepted(Tcp::socket socket, bool wildcard);
  void connected(Tcp::socket socket, std::uint64_t target);
  void add(const std::shared_ptr<Connection>& connection, const address& from);
  bool greeted(Connection& connection);
  void ended(Connection& connection);
  bool answered_by_another(const Connection& connection) const;
  bool reached(const Target& target) const;
  bool claim_believed(const Connection& connection, const Target& target) const;
  void identified(base::LinkId link, base::ByteView peer);
  void interfaces_changed();
  void drop_without_carrier();
  void renew();
  Connection* by_link(base::LinkId link);

  asio::io_context& io;
  LanConfig config;
  std::shared_ptr<ConnectionHost> host;
  std::shared_ptr<Interfaces> interfaces;
  std::shared_ptr<Listener> listener;
  std::shared_ptr<Dialler> dialler;
  std::unique_ptr<Discovery> discovery;
  asio::steady_timer carrier_timer;
  bool running = false;
  std::uint64_t next_number = 1;
  std::map<std::uint64_t, Entry> connections;
  std::map<base::LinkId, std::uint64_t> links;
  std::map<address, std::size_t> per_address;
};

void LanTransport::Impl::wire() {
  std::weak_ptr<Impl> weak = weak_from_this();
  host->greeted = [weak](Connection& connection) {
    auto self = weak.lock();
    return self && self->greeted(connection);
  };
  host->ended = [weak](Connection& connection) {
    if (auto self = weak.lock()) self->ended(connection);
  };
  Listener::Events events;
  events.accepted = [weak](Tcp::socket socket, bool wildcard) {
    if (auto self = weak.lock()) self->accepted(std::move(socket), wildcard);
  };
  events.changed = [weak] {
    auto self = weak.lock();
    if (self && self->discovery) self->discovery->republish();
  };
  events.log = [weak](int level, const std::string& text) {
    if (auto self = weak.lock()) self->log(level, text);
  };
  listener = std::make_shared<Listener>(io, config.listen, config.port, std::move(events));
  wire_dialler();
  if (config.discover) wire_discovery();
}

void LanTransport::Impl::wire_dialler() {
  Dialler::Events events;
  std::weak_ptr<Impl> weak = weak_from_this();
  events.reached = [weak](const Target& target) {
    auto self = weak.lock();
    return self && self->reached(target);
  };
  events.room = [weak] {
    auto self = weak.lock();
    return self && self->connections.size() < self->config.connections_max;
  };
  events.connected = [weak](Tcp::socket socket, std::uint64_t target) {
    if (auto self = weak.lock()) self->connected(std::move(socket), target);
  };
  events.refresh = [weak](const InstanceId& instance) {
    auto self = weak.lock();
    if (self && self->discovery) self->discovery->refresh(instance);
  };
  events.own = [shared = host] { return shared->own; };
  dialler = std::make_shared<Dialler>(io, std::move(events));
  for (const auto& text : config.peers) {
    if (const auto peer = parse_host_port(text)) {
      dialler->add(*peer);
    } else {
      log(LOG_ERR, "peer \"" + text + "\" is not host:port or [address]:port: ignored");
    }
  }
}

void LanTransport::Impl::wire_discovery() {
  DiscoveryEvents events;
  std::weak_ptr<Impl> weak = weak_from_this();
  events.own = [shared = host] { return shared->own; };
  events.port = [weak]() -> std::uint16_t {
    auto self = weak.lock();
    return self && self->listener->listening() ? self->listener->port() : std::uint16_t{0};
  };
  events.name_taken = [weak] {
    if (auto self = weak.lock()) self->renew();
  };
  events.seen = [weak](const InstanceId& instance, int interface, const Tcp::endpoint& endpoint) {
    auto self = weak.lock();
    if (self && instance != self->host->own) self->dialler->seen(instance, interface, endpoint);
  };
  events.lost = [weak](const InstanceId& instance, int interface, bool v6) {
    if (auto self = weak.lock()) self->dialler->lost(instance, interface, v6);
  };
  events.away = [weak] {
    if (auto self = weak.lock()) self->dialler->discovery_away();
  };
  events.settled = [weak] {
    if (auto self = weak.lock()) self->dialler->discovery_settled();
  };
  events.log = [weak](int level, const std::string& text) {
    if (auto self = weak.lock()) self->log(level, text);
  };
  discovery = std::make_unique<Discovery>(io, interfaces, std::move(events));
}

void LanTransport::Impl::start() {
  if (std::exchange(running, true)) return;
  interfaces->start([weak = weak_from_this()] {
    if (auto self = weak.lock()) self->interfaces_changed();
  });
  listener->start();
  if (discovery) discovery->start();
  dialler->look();
}

void LanTransport::Impl::stop() {
  if (!std::exchange(running, false)) return;
  listener->stop();
  dialler->stop();
  if (discovery) discovery->stop();
  interfaces->stop();
  carrier_timer.cancel();
  for (auto& [number, entry] : connections) entry.connection->close();
}

void LanTransport::Impl::end_all() {
  stop();
  host->alive = false;
  for (auto& [number, entry] : connections) entry.connection->abort("the transport ended");
}

void LanTransport::Impl::accepted(Tcp::socket socket, bool wildcard) {
  boost::system::error_code error;
  const auto remote = socket.remote_endpoint(error).address();
  const auto local = socket.local_endpoint(error).address();
  const auto from = limit_key(remote);
  // A few places are kept for those whom we dial.
  const std::size_t limit = config.connections_max - config.connections_max / 8;
  const auto count = per_address.find(from);
  const bool refused = error || connections.size() >= limit ||
                       (count != per_address.end() &&
                        count->second >= config.connections_per_address_max) ||
                       (wildcard && !interfaces->accepts(plain(local)));
  if (refused) return set_reset_on_close(socket);
  ++per_address[from];
  add(std::make_shared<Connection>(host, std::move(socket), base::LinkRole::responder), from);
}

void LanTransport::Impl::connected(Tcp::socket socket, std::uint64_t target) {
  auto connection =
      std::make_shared<Connection>(host, std::move(socket), base::LinkRole::initiator);
  connection->target = target;
  add(connection, address());
}

void LanTransport::Impl::add(const std::shared_ptr<Connection>& connection,
                             const address& from) {
  connection->number = next_number++;
  connections[connection->number] = {connection, from, Clock::now()};
  connection->start();
}

bool LanTransport::Impl::greeted(Connection& connection) {
  if (!running || connection.instance() == host->own) return false;
  if (connection.role() == base::LinkRole::initiator) {
    const Target* target = dialler->find(connection.target);
    if (target == nullptr) return false;
    if (answered_by_another(connection)) return false;
    if (target->configured) dialler->learned(connection.target, connection.instance());
    for (const auto& [number, entry] : connections) {
      const auto& other = *entry.connection;
      if (other.open() && other.role() == base::LinkRole::initiator &&
          other.instance() == connection.instance()) {
        return false;  // two of our targets are one node
      }
    }
  }
  links[connection.link()] = connection.number;
  return true;
}

void LanTransport::Impl::ended(Connection& connection) {
  const auto found = connections.find(connection.number);
  if (found == connections.end()) return;
  const Entry entry = found->second;
  connections.erase(found);
  links.erase(connection.link());
  if (connection.role() == base::LinkRole::responder && --per_address[entry.from] == 0) {
    per_address.erase(entry.from);
  }
  log(LOG_DEBUG, std::string("connection ended: ") + connection.why());
  if (!running) return;
  if (connection.target == 0) return dialler->look();
  const bool good = Clock::now() - entry.since >= kGoodAfter;
  auto end = good ? Dialler::End::lived : Dialler::End::failed;
  if (answered_by_another(connection)) end = Dialler::End::wrong;
  dialler->ended(connection.target, end);
}

/// We dialled somebody, and it is ourselves or another instance than the one we dialled.
bool LanTransport::Impl::answered_by_another(const Connection& connection) const {
  const auto& said = connection.instance();
  if (said.is_zero()) return false;  // it did not come to that
  const Target* target = dialler->find(connection.target);
  const bool expected = target == nullptr || target->configured || target->instance == said;
  return said == host->own || !expected;
}

bool LanTransport::Impl::reached(const Target& target) const {
  for (const auto& [number, entry] : connections) {
    const auto& connection = *entry.connection;
    if (!connection.open()) continue;
    if (connection.target == target.id) return true;
    if (!target.peer.empty() && connection.peer == target.peer) return true;
    if (!target.instance.is_zero() && connection.instance() == target.instance &&
        claim_believed(connection, target)) {
      return true;
    }
  }
  return false;
}

/// Anybody may say any instance id: it keeps us from dialling only when it was we who dialled, or
/// when it comes from where that instance is.
bool LanTransport::Impl::claim_believed(const Connection& connection, const Target& target) const {
  if (connection.role() == base::LinkRole::initiator) return true;
  const auto from = unscoped(connection.remote());
  for (const auto& known : target.addresses) {
    if (unscoped(known.endpoint.address()) == from) return true;
  }
  boost::system::error_code error;
  if (!target.configured) return false;
  const auto named = asio::ip::make_address(target.configured->host, error);
  return !error && unscoped(named) == from;
}

void LanTransport::Impl::identified(base::LinkId link, base::ByteView peer) {
  Connection* fresh = by_link(link);
  if (fresh == nullptr) return;
  fresh->peer.assign(peer.begin(), peer.end());
  if (fresh->target != 0) dialler->identified(fresh->target, peer);
  dialler->look();
}

void LanTransport::Impl::interfaces_changed() {
  if (!running) return;
  listener->try_again();
  bool quiet = true;
  for (auto& [number, entry] : connections) {
    auto& connection = *entry.connection;
    if (!interfaces->has(connection.local())) connection.abort("our address is gone");
    quiet = quiet && interfaces->carries(connection.local());
  }
  if (!quiet) {
    carrier_timer.expires_after(kCarrierPatience);
    carrier_timer.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
      auto self = weak.lock();
      if (!error && self) self->drop_without_carrier();
    });
  }
  if (discovery) discovery->republish();
  dialler->redial();
}

void LanTransport::Impl::drop_without_carrier() {
  for (auto& [number, entry] : connections) {
    auto& connection = *entry.connection;
    if (!interfaces->carries(connection.local())) connection.abort("the cable is out");
  }
}

void LanTransport::Impl::renew() {
  host->own = random_instance_id();
  if (discovery) discovery->republish();
}

Connection* LanTransport::Impl::by_link(base::LinkId link) {
  const auto found = links.find(link);
  return found == links.end() ? nullptr : connections.at(found->second).connection.get();
}

LanTransport::LanTransport(asio::io_context& io, const LanConfig& config,
                           base::TransportHooks hooks)
    : impl_(std::make_shared<Impl>(io, config, std::move(hooks))) {
  impl_->wire();
}

LanTransport::~LanTransport() { impl_->end_all(); }

void LanTransport::start() { impl_->start(); }

void LanTransport::stop() { impl_->stop(); }

void LanTransport::kick(base::LinkId link) {
  if (Connection* connection = impl_->by_link(link)) connection->kick();
}

void LanTransport::close(base::LinkId link) {
  if (Connection* connection = impl_->by_link(link)) connection->close();
}

void LanTransport::rotate() { impl_->renew(); }

void LanTransport::identified(base::LinkId link, base::ByteView peer) {
  impl_->identified(link, peer);
}

LanStatus LanTransport::status() const {
  LanStatus status;
  status.listening = impl_->listener->listening();
  status.port = impl_->listener->port();
  status.listen_problem = impl_->listener->problem();
  if (impl_->discovery) {
    status.discovery = impl_->discovery->working();
    status.discovery_problem = impl_->discovery->problem();
  }
  for (const auto& [number, entry] : impl_->connections) {
    (entry.connection->open() ? status.connections : status.dialling) += 1;
  }
  status.dialling += impl_->dialler->dialling();
  status.services = impl_->dialler->services();
  return status;
}

}  // namespace chaski::transport_lan
