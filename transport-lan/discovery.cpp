// SPDX-License-Identifier: Apache-2.0
#include "transport-lan/discovery.hpp"

#include <syslog.h>

#include <boost/asio/post.hpp>
#include <optional>
#include <utility>

#include "dbus/service.hpp"
#include "transport-lan/avahi_browser.hpp"
#include "transport-lan/avahi_publisher.hpp"
#include "transport-lan/avahi_session.hpp"

namespace chaski::transport_lan {
namespace {

namespace asio = boost::asio;

constexpr auto kOrPeers = ", or name peers in the config";
constexpr auto kStarting = "avahi-daemon is starting";
constexpr auto kNoNetwork = "no network interface is up: connect one";
constexpr auto kPublishing = "being announced";
constexpr int kServerRunning = 2;  // avahi-common/defs.h

}  // namespace

/// A session for as long as Avahi is there.
struct Discovery::Impl : std::enable_shared_from_this<Discovery::Impl> {
  Impl(asio::io_context& context, std::shared_ptr<Interfaces> watched, DiscoveryEvents given)
      : io(context), interfaces(std::move(watched)), events(std::move(given)) {}

  void start();
  void avahi_came(const std::shared_ptr<dbus::SdbusLoop>& loop);
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
  bool stopped = true;
  std::shared_ptr<dbus::Service> avahi;
  std::shared_ptr<AvahiSession> session;
  sdbus::Slot signals;
  std::shared_ptr<AvahiPublisher> publisher;
  std::shared_ptr<AvahiBrowser> browser;
  int state = 0;
  std::string problem = kStarting;
  std::optional<std::string> said;  ///< in the log
};

void Discovery::Impl::start() {
  stopped = false;
  dbus::Service::Events life;
  life.came = [weak = weak_from_this()](const std::shared_ptr<dbus::SdbusLoop>& loop) {
    auto self = weak.lock();
    if (self && !self->stopped) self->avahi_came(loop);
  };
  life.went = [weak = weak_from_this()] {
    auto self = weak.lock();
    if (self && !self->stopped) self->avahi_went();
  };
  life.problem = [weak = weak_from_this()](const std::string& wrong) {
    auto self = weak.lock();
    if (self && !self->stopped) self->say(wrong.empty() ? kStarting : wrong + kOrPeers);
  };
  avahi = std::make_shared<dbus::Service>(io, AvahiSession::kName, "avahi-daemon", std::move(life));
  avahi->start();
}

void Discovery::Impl::avahi_came(const std::shared_ptr<dbus::SdbusLoop>& loop) {
  session = std::make_shared<AvahiSession>(loop);
  make_publisher();
  make_browser();
  try {
    signals = loop->connection().addMatch(
        std::string("type='signal',sender='") + AvahiSession::kName + "'",
        [weak = weak_from_this()](sdbus::Message& message) {
          if (auto self = weak.lock()) self->on_signal(message);
        });
    loop->update();
  } catch (const sdbus::Error&) {
    return loop->fail();  // the connection broke: avahi_went() follows
  }
  browser->start();
  ask_state();
}

void Discovery::Impl::avahi_went() {
  // Called from the loop, not from a handler: nothing of the session is on the stack.
  signals.reset();
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
  impl_->start();
}

void Discovery::stop() {
  if (std::exchange(impl_->stopped, true)) return;
  if (impl_->avahi) impl_->avahi->stop();
  // Leaving the bus is the goodbye: Avahi withdraws what a client that went away had published. Not
  // at once, because we may have been called from a handler of this very connection.
  asio::post(impl_->io, [impl = impl_] {
    impl->signals.reset();
    impl->browser.reset();
    impl->publisher.reset();
    impl->session.reset();
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
