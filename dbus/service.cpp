// SPDX-License-Identifier: Apache-2.0
#include "dbus/service.hpp"

#include <utility>

namespace chaski::dbus {

Service::Service(boost::asio::io_context& io, std::string name, std::string program, Events events)
    : io_(io),
      name_(std::move(name)),
      program_(std::move(program)),
      events_(std::move(events)),
      retry_(io) {}

void Service::start() {
  stopped_ = false;
  probe();
}

void Service::stop() {
  if (std::exchange(stopped_, true)) return;
  retry_.cancel();
  if (probe_) probe_->cancel();
  if (loop_) loop_->stop();
  // Not at once: we may have been called from a handler of this very connection.
  boost::asio::post(io_, [self = shared_from_this()] {
    self->driver_.reset();
    self->loop_.reset();
  });
}

void Service::probe() {
  probe_ = std::make_shared<BusProbe>(io_, [weak = weak_from_this()](const std::string& wrong) {
    auto self = weak.lock();
    if (!self || self->stopped_) return;
    if (!wrong.empty()) return self->retry_later(wrong);
    self->join();
  });
  probe_->start();
}

void Service::join() {
  try {
    auto lost = [weak = weak_from_this()] {
      auto self = weak.lock();
      if (self && !self->stopped_) self->lost();
    };
    loop_ = std::make_shared<SdbusLoop>(io_, sdbus::createSystemBusConnection(), std::move(lost));
    watch_owner();
    ask_owner();
  } catch (const sdbus::Error& error) {
    if (loop_) loop_->stop();
    driver_.reset();
    loop_.reset();
    retry_later("the D-Bus system bus refused us: " + error.getMessage());
  }
}

void Service::watch_owner() {
  const std::string rule =
      "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',"
      "member='NameOwnerChanged',arg0='" +
      name_ + "'";
  auto changed = [weak = weak_from_this()](sdbus::Message& message) {
    auto self = weak.lock();
    if (!self || self->stopped_) return;
    std::string name, before, after;
    message >> name >> before >> after;
    boost::asio::post(self->io_, [self, loop = self->loop_, here = !after.empty()] {
      if (self->stopped_ || !loop || loop != self->loop_) return;
      // From one owner to the next: what the old one knew is gone.
      if (here && std::exchange(self->here_, false)) self->events_.went();
      self->owner(here);
    });
  };
  loop_->connection().addMatch(rule, std::move(changed), sdbus::floating_slot);
}

void Service::ask_owner() {
  driver_ =
      sdbus::createProxy(loop_->connection(), "org.freedesktop.DBus", "/org/freedesktop/DBus");
  auto reply = [weak = weak_from_this()](const sdbus::Error* error, bool here) {
    auto self = weak.lock();
    if (!self || self->stopped_ || error != nullptr) return;
    boost::asio::post(self->io_, [self, loop = self->loop_, here] {
      if (self->stopped_ || !loop || loop != self->loop_ || self->here_) return;
      self->owner(here);
    });
  };
  driver_->callMethodAsync("NameHasOwner")
      .onInterface("org.freedesktop.DBus")
      .withArguments(name_)
      .uponReplyInvoke(std::move(reply));
  loop_->update();
}

void Service::owner(bool here) {
  if (here) {
    if (std::exchange(here_, true)) return;
    events_.problem("");
    events_.came(loop_);
    return;
  }
  if (std::exchange(here_, false)) events_.went();
  events_.problem(program_ + " is not running: start it");
}

void Service::lost() {
  if (std::exchange(here_, false)) events_.went();
  driver_.reset();
  if (loop_) loop_->stop();
  loop_.reset();
  retry_later("the D-Bus system bus went away: start dbus");
}

void Service::retry_later(const std::string& why) {
  events_.problem(why);
  retry_.expires_after(kRetry);
  retry_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    auto self = weak.lock();
    if (!error && self && !self->stopped_) self->probe();
  });
}

}  // namespace chaski::dbus
