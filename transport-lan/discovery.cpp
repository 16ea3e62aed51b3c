// SPDX-License-Identifier: Apache-2.0
#include "transport-lan/discovery.hpp"

#include <syslog.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <utility>

#include "dbus/bus_probe.hpp"
#include "transport-lan/avahi_browser.hpp"
#include "transport-lan/avahi_publisher.hpp"
#include "transport-lan/avahi_session.hpp"

namespace chaski::transport_lan {
namespace {

namespace asio = boost::asio;

constexpr auto kNoAvahi = "avahi-daemon is not running: start it, or name peers in the config";
constexpr auto kOrPeers = ", or name peers in the config";
constexpr auto kStarting = "avahi-daemon is starting";
constexpr auto kNoNetwork = "no network interface is up: connect one";
constexpr auto kPublishing = "being announced";
constexpr int kServerRunning = 2;  // avahi-common/defs.h

}  // namespace

/// The life of bus and Avahi: probe, join, session; and back to the start when either goes.
struct Discovery::Impl : std::enable_shared_from_this<Discovery::Impl> {
  Impl(asio::io_context& context, std::shared_ptr<Interfaces> watched, DiscoveryEvents given)
      : io(context), interfaces(std::move(watched)), events(std::move(given)), retry(context) {}

  void probe();
  void join();
  void retry_later(const std::string& why);
  void lost();
  void listen_to_bus();
  void ask_for_avahi();
  void avahi_came();
  void avahi_went();
  void make_browser();
  void make_publisher();
  void ask_state();
  void on_signal(sdbus::Message& message);
  void server_state(int state);
  void publish();
  void republish_later();
  void judge();
  void say(const std::string& words);

  asio::io_context& io;
  std::shared_ptr<Interfaces> interfaces;
  DiscoveryEvents events;
  asio::steady_timer retry;
  bool stopped = true;
  std::shared_ptr<dbus::BusProbe> bus_probe;
  std::shared_ptr<dbus::SdbusLoop> loop;
  std::unique_ptr<sdbus::IProxy> bus_driver;
  std::shared_ptr<AvahiSession> session;
  std::shared_ptr<AvahiPublisher> publisher;
  std::shared_ptr<AvahiBrowser> browser;
  int state = 0;
  std::string problem = kStarting;
  std::optional<std::string> said;  ///< in the log
};

void Discovery::Impl::probe() {
  bus_probe =
      std::make_shared<dbus::BusProbe>(io, [weak = weak_from_this()](const std::string& wrong) {
        auto self = weak.lock();
        if (!self || self->stopped) return;
        if (!wrong.empty()) return self->retry_later(wrong + kOrPeers);
        self->join();
      });
  bus_probe->start();
}

void Discovery::Impl::retry_later(const std::string& why) {
  say(why);
  retry.expires_after(kRetry);
  retry.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    auto self = weak.lock();
    if (!error && self && !self->stopped) self->probe();
  });
}

void Discovery::Impl::join() {
  try {
    auto connection = sdbus::createSystemBusConnection();
    loop = std::make_shared<dbus::SdbusLoop>(io, std::move(connection), [weak = weak_from_this()] {
      auto self = weak.lock();
      if (self && !self->stopped) self->lost();
    });
    listen_to_bus();
    loop->update();
    ask_for_avahi();
  } catch (const sdbus::Error& error) {
    lost();
    say("the D-Bus system bus refused us: " + error.getMessage());
  }
}

void Discovery::Impl::lost() {
  avahi_went();
  bus_driver.reset();
  if (loop) loop->stop();
  loop.reset();
  retry_later("the D-Bus system bus went away: start dbus, or name peers in the config");
}

void Discovery::Impl::listen_to_bus() {
  const std::string avahi = std::string("type='signal',sender='") + AvahiSession::kName + "'";
  loop->connection().addMatch(
      avahi,
      [weak = weak_from_this()](sdbus::Message& message) {
        if (auto self = weak.lock()) self->on_signal(message);
      },
      sdbus::floating_slot);
  const std::string owner =
      "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',"
      "member='NameOwnerChanged',arg0='" +
      std::string(AvahiSession::kName) + "'";
  loop->connection().addMatch(
      owner,
      [weak = weak_from_this()](sdbus::Message& message) {
        auto self = weak.lock();
        if (!self || self->stopped) return;
        std::string name, before, after;
        message >> name >> before >> after;
        // Not from within the handler: it may end objects that are being called.
        asio::post(self->io, [self, here = !after.empty()] {
          if (self->stopped || !self->loop) return;
          self->avahi_went();
          if (here) return self->avahi_came();
          self->say(kNoAvahi);
        });
      },
      sdbus::floating_slot);
}

void Discovery::Impl::ask_for_avahi() {
  bus_driver =
      sdbus::createProxy(loop->connection(), "org.freedesktop.DBus", "/org/freedesktop/DBus");
  auto reply = [weak = weak_from_this()](const sdbus::Error* error, bool here) {
    auto self = weak.lock();
    if (!self || self->stopped || error != nullptr || self->session) return;
    if (here) return self->avahi_came();
    self->say(kNoAvahi);
  };
  bus_driver->callMethodAsync("NameHasOwner")
      .onInterface("org.freedesktop.DBus")
      .withArguments(std::string(AvahiSession::kName))
      .uponReplyInvoke(std::move(reply));
  loop->update();
}

void Discovery::Impl::avahi_came() {
  if (session) return;
  say(kStarting);
  session = std::make_shared<AvahiSession>(loop);
  make_publisher();
  make_browser();
  browser->start();
  ask_state();
}

void Discovery::Impl::avahi_went() {
  if (!session) return;
  // Called from the loop, not from a handler: nothing of the session is on the stack.
  browser.reset();
  publisher.reset();
  session.reset();
  state = 0;
  events.away();
}

void Discovery::Impl::make_publisher() {
  AvahiPublisher::Events wanted;
  wanted.changed = [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->judge();
  };
  wanted.name_taken = [weak = weak_from_this()] {
    auto self = weak.lock();
    if (!self) return;
    asio::post(self->io, [self] {
      if (!self->stopped) self->events.name_taken();
    });
  };
  publisher = std::make_shared<AvahiPublisher>(session, std::move(wanted));
}

void Discovery::Impl::make_browser() {
  AvahiBrowser::Events wanted;
  wanted.changed = [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->judge();
  };
  wanted.allowed = [watched = interfaces](int interface) { return watched->allowed(interface); };
  wanted.seen = events.seen;
  wanted.lost = events.lost;
  wanted.settled = events.settled;
  browser = std::make_shared<AvahiBrowser>(io, session, std::move(wanted));
}

void Discovery::Impl::ask_state() {
  auto reply = [weak = weak_from_this()](const sdbus::Error* error, std::int32_t now) {
    auto self = weak.lock();
    if (self && !self->stopped && error == nullptr) self->server_state(now);
  };
  session->call("/", AvahiSession::kServer, "GetState", std::move(reply));
}

void Discovery::Impl::on_signal(sdbus::Message& message) {
  if (stopped || !session) return;
  const std::string interface = message.getInterfaceName(), member = message.getMemberName();
  if (interface == AvahiSession::kBrowser) {
    return browser->signal(message.getPath(), member, message);
  }
  if (member != "StateChanged") return;
  std::int32_t now = 0;
  std::string error;
  message >> now >> error;
  if (interface == AvahiSession::kServer) {
    server_state(now);
  } else if (interface == AvahiSession::kGroup) {
    publisher->group_state(message.getPath(), now, error);
  }
}

void Discovery::Impl::server_state(int now) {
  state = now;
  if (state == kServerRunning) return publish();
  publisher->withdraw();
}

void Discovery::Impl::publish() {
  if (!publisher || state != kServerRunning) return;
  Publication wanted;
  wanted.name = to_name(events.own());
  wanted.port = events.port();
  if (wanted.port != 0) {
    for (const auto& interface : interfaces->all()) {
      if (!interfaces->allowed(interface)) continue;
      auto addresses = addresses_to_publish(interface);
      if (!addresses.empty()) wanted.addresses[interface.index] = std::move(addresses);
    }
  }
  publisher->publish(wanted);
}

/// What to say now.
void Discovery::Impl::judge() {
  if (!session || stopped) return;
  if (state != kServerRunning) return say(kStarting);
  if (!publisher->problem().empty()) return say(publisher->problem());
  if (!browser->problem().empty()) return say(browser->problem());
  if (events.port() == 0) return say("not listening, so nothing is published");
  if (publisher->published() && browser->browsing()) return say("");
  bool any = false;
  for (const auto& interface : interfaces->all()) any = any || interfaces->allowed(interface);
  say(any ? kPublishing : kNoNetwork);
}

void Discovery::Impl::say(const std::string& words) {
  problem = words;
  if (words == kStarting || words == kPublishing) return;  // on the way: not worth a line
  if (std::exchange(said, words) == words) return;
  if (words.empty()) return events.log(LOG_INFO, "neighbours on the LAN are looked for");
  events.log(LOG_NOTICE, "neighbours on the LAN are not looked for: " + words);
}

Discovery::Discovery(asio::io_context& io, std::shared_ptr<Interfaces> interfaces,
                     DiscoveryEvents events)
    : impl_(std::make_shared<Impl>(io, std::move(interfaces), std::move(events))) {}

Discovery::~Discovery() {
  stop();
}

void Discovery::start() {
  impl_->stopped = false;
  impl_->probe();
}

void Discovery::stop() {
  if (std::exchange(impl_->stopped, true)) return;
  impl_->retry.cancel();
  if (impl_->bus_probe) impl_->bus_probe->cancel();
  if (impl_->loop) impl_->loop->stop();
  // Leaving the bus is the goodbye: Avahi withdraws what a client that went away had published. Not
  // at once, because we may have been called from a handler of this very connection.
  asio::post(impl_->io, [impl = impl_] {
    impl->browser.reset();
    impl->publisher.reset();
    impl->session.reset();
    impl->bus_driver.reset();
    impl->loop.reset();
  });
}

void Discovery::republish() {
  if (impl_->stopped) return;
  impl_->publish();
  if (impl_->browser) impl_->browser->interfaces_changed();
  impl_->judge();
}

void Discovery::refresh(const InstanceId& instance) {
  if (!impl_->stopped && impl_->browser) impl_->browser->refresh(instance);
}

bool Discovery::working() const {
  return impl_->problem.empty();
}

const std::string& Discovery::problem() const {
  return impl_->problem;
}

}  // namespace chaski::transport_lan
