// SPDX-License-Identifier: Apache-2.0
#include "transport-ble/bluez_links.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "transport-ble/l2cap_pipe.hpp"

namespace chaski::transport_ble {

using boost::system::error_code;
using Stream = boost::asio::posix::stream_descriptor;

BluezLinks::BluezLinks(std::shared_ptr<PipeLinkHost> host, std::shared_ptr<BluezAdapter> adapter,
                       Events events)
    : host_(std::move(host)),
      adapter_(std::move(adapter)),
      events_(std::move(events)),
      accept_pause_(host_->io) {}

void BluezLinks::listen(Device own, bool channels) {
  if (own_ == own) return;
  own_ = own;
  channels_ = channels;
  listening_.reset();
  adapter_->set_psm(0);
  if (!channels) return;
  auto made = listen_l2cap(own);
  problem_ = made ? "" : made.error();
  if (!made) return log(problem_);
  adapter_->set_psm(made->psm);
  listening_.emplace(host_->io, made->socket.release());
  wait_accept();
}

void BluezLinks::wait_accept() {
  listening_->async_wait(Stream::wait_read, [weak = weak_from_this()](const error_code& error) {
    auto self = weak.lock();
    if (error || !self || !self->listening_) return;
    if (auto came = accept_l2cap(self->listening_->native_handle())) {
      self->accepted(std::move(*came));
      self->wait_accept();
    } else {
      self->accept_later();
    }
  });
}

/// Somebody waits who cannot be taken, as when no descriptor is left: asking again at once would
/// never end.
void BluezLinks::accept_later() {
  accept_pause_.expires_after(kAcceptPause);
  accept_pause_.async_wait([weak = weak_from_this()](const error_code& error) {
    auto self = weak.lock();
    if (!error && self && self->listening_) self->wait_accept();
  });
}

void BluezLinks::accepted(L2capAccepted came) {
  const std::size_t mtu = l2cap_mtu(came.socket.get());
  if (mtu == 0 || !adapter_->speaks(came.device)) return;  // closed with its descriptor
  add(came.device, std::make_unique<L2capPipe>(host_->io, std::move(came.socket), mtu),
      PipeKind::l2cap, base::LinkRole::responder);
}

void BluezLinks::lane(Device device, std::unique_ptr<FramePipe> pipe) {
  if (!adapter_->speaks(device)) return;
  add(device, std::move(pipe), PipeKind::lane, base::LinkRole::responder);
}

void BluezLinks::connected(Device device) { places_.try_emplace(device); }

void BluezLinks::resolved(Device device) {
  const auto found = places_.find(device);
  const Slot* slot = adapter_->manager().slots().find(device);
  if (found == places_.end() || slot == nullptr || !slot->ours || !own_) return;
  if (found->second.dial || !found->second.links.empty()) return;
  PipeDial::Whom whom;
  whom.own = *own_;
  whom.device = device;
  whom.lane_only = !channels_;
  whom.find = [adapter = std::weak_ptr(adapter_), device](const std::string& uuid) {
    const auto here = adapter.lock();
    return here ? here->characteristic(device, uuid) : std::nullopt;
  };
  auto done = [weak = weak_from_this(), device](std::unique_ptr<FramePipe> pipe, PipeKind kind,
                                                const std::string& problem) {
    if (auto self = weak.lock()) self->dialled(device, std::move(pipe), kind, problem);
  };
  found->second.dial = std::make_shared<PipeDial>(host_->io, adapter_->session(), std::move(whom),
                                                  std::move(done));
  found->second.dial->start();
}

void BluezLinks::dialled(Device device, std::unique_ptr<FramePipe> pipe, PipeKind kind,
                         const std::string& problem) {
  const auto found = places_.find(device);
  if (found == places_.end()) return;
  found->second.dial.reset();
  if (pipe) return add(device, std::move(pipe), kind, base::LinkRole::initiator);
  log("no link: " + problem);
  hang_up_if_idle(device);
}

void BluezLinks::add(Device device, std::unique_ptr<FramePipe> pipe, PipeKind kind,
                     base::LinkRole role) {
  const auto found = places_.find(device);
  if (found == places_.end()) return;
  auto& links = found->second.links;
  const bool twice = std::any_of(links.begin(), links.end(),
                                 [&](const auto& link) { return link->role() == role; });
  if (twice) return;
  const auto weak = weak_from_this();
  const auto self_of = std::make_shared<std::weak_ptr<PipeLink>>();
  PipeLink::Events events;
  events.greeted = [weak, self_of, device](const Tag& theirs) {
    const auto self = weak.lock();
    const auto link = self_of->lock();
    return self && link && self->greeted(device, *link, theirs);
  };
  events.carried = [weak, device] {
    if (auto self = weak.lock()) self->adapter_->carried(device);
  };
  events.waiting = [weak, device](bool waiting) {
    if (auto self = weak.lock()) self->adapter_->manager().waiting_for(device, waiting);
  };
  events.ended = [weak, self_of, device](const char* why) {
    const auto self = weak.lock();
    const auto link = self_of->lock();
    if (self && link) self->ended(device, *link, why);
  };
  const Greeting own{adapter_->manager().tag(), kind};
  auto link = std::make_shared<PipeLink>(host_, std::move(pipe), own, role, std::move(events));
  *self_of = link;
  links.push_back(link);
  link->start();
}

bool BluezLinks::greeted(Device device, const PipeLink& link, const Tag& theirs) {
  const auto found = places_.find(device);
  if (found == places_.end()) return false;
  Place& place = found->second;
  const bool incoming = link.role() == base::LinkRole::responder;
  const bool ours_first = adapter_->manager().tag() < theirs;
  const auto other = std::find_if(place.links.begin(), place.links.end(),
                                  [&](const auto& one) { return one.get() != &link; });
  const bool other_counts = other != place.links.end() && ((*other)->open() || incoming);
  if (other_counts || (incoming && place.dial)) {
    // The pipe that stands is that of the side with the smaller tag.
    if (incoming == ours_first) return false;
    if (place.dial) std::exchange(place.dial, nullptr)->cancel();
    if (other != place.links.end()) (*other)->abort("the other end's channel stands");
  }
  if (incoming) adapter_->manager().said(device, theirs);
  // Told of a link that is open, which it is when this call has returned.
  boost::asio::post(host_->io, [weak = weak_from_this(), one = link.weak_from_this()] {
    const auto self = weak.lock();
    const auto opened = std::const_pointer_cast<PipeLink>(one.lock());
    if (self && opened && opened->open()) self->events_.opened(opened->link(), opened);
  });
  return true;
}

void BluezLinks::ended(Device device, const PipeLink& link, const char* why) {
  log(std::string("link ended: ") + why);
  events_.ended(link.link());
  const auto found = places_.find(device);
  if (found == places_.end()) return;
  std::erase_if(found->second.links, [&](const auto& one) { return one.get() == &link; });
  hang_up_if_idle(device);
}

void BluezLinks::hang_up_if_idle(Device device) {
  const auto found = places_.find(device);
  if (found == places_.end() || found->second.dial || !found->second.links.empty()) return;
  adapter_->close(device);
}

void BluezLinks::disconnected(Device device) {
  const auto found = places_.find(device);
  if (found == places_.end()) return;
  const Place place = std::move(found->second);
  places_.erase(found);
  if (place.dial) place.dial->cancel();
  for (const auto& link : place.links) link->abort("the device is not connected any more");
}

void BluezLinks::end() {
  listening_.reset();
  own_.reset();
  while (!places_.empty()) disconnected(places_.begin()->first);
}

void BluezLinks::identified(base::LinkId link, const Neighbour& neighbour) {
  for (const auto& [device, place] : places_) {
    for (const auto& one : place.links) {
      if (one->open() && one->link() == link) adapter_->authenticated(device, neighbour);
    }
  }
}

void BluezLinks::close_all() {
  for (auto& [device, place] : places_) {
    if (place.dial) std::exchange(place.dial, nullptr)->cancel();
    for (const auto& link : place.links) link->close();
  }
}

std::size_t BluezLinks::size() const {
  std::size_t count = 0;
  for (const auto& [device, place] : places_) count += place.links.size() + (place.dial ? 1u : 0u);
  return count;
}

std::size_t BluezLinks::open() const { return open(PipeKind::l2cap) + open(PipeKind::lane); }

std::size_t BluezLinks::open(PipeKind kind) const {
  std::size_t count = 0;
  for (const auto& [device, place] : places_) {
    for (const auto& link : place.links) count += link->open() && link->kind() == kind ? 1u : 0u;
  }
  return count;
}

}  // namespace chaski::transport_ble
