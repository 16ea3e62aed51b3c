// SPDX-License-Identifier: Apache-2.0
#include "daemon/node_host.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <ctime>
#include <utility>

#include "base/hex.hpp"
#include "daemon/api_json.hpp"

namespace chaski::daemon {

using transport_ble::BleTransport;
using transport_lan::LanTransport;
using transport_serial::SerialTransport;

NodeHost::NodeHost(boost::asio::io_context& io, const Config& config, SqliteStore& store,
                   BootClock& clock, base::Random& random, Log& log, EventHub& events)
    : io_(io), config_(config), store_(store), clock_(clock), random_(random), log_(log),
      events_(events), wake_timer_(io), retry_timer_(io), gather_timer_(io), started_(clock.now()) {
  build_node();
}

NodeHost::~NodeHost() = default;

node::WallTime NodeHost::wall() const { return {std::time(nullptr)}; }

void NodeHost::build_node() {
  node::NodeConfig config;
  config.network_key = config_.network_key;
  config.fixed_node_key = config_.fixed_key;
  config.locked = !store_.vault_is_open();
  links_.clear();
  armed_.reset();
  node_.reset();
  node_ = std::make_unique<node::Node>(config, store_, random_, now());
  node_->set_wall_time(wall());
}

void NodeHost::start() {
  if (config_.lan_enabled) start_lan();
  if (config_.ble_enabled) start_ble();
  start_serial();
  touched();
}

void NodeHost::start_lan() {
  lan_ = std::make_unique<LanTransport>(io_, config_.lan, hooks(base::TransportKind::lan, "lan"));
  lan_->start();
}

void NodeHost::stop_lan() {
  if (!lan_) return;
  close_links_of(base::TransportKind::lan);
  lan_->stop();
  lan_.reset();
}

void NodeHost::start_ble() {
  ble_ = std::make_unique<BleTransport>(
      io_, config_.ble, random_, [this] { return now(); }, hooks(base::TransportKind::ble, "ble"));
  wishes_ = {};
  ble_->start();
}

void NodeHost::stop_ble() {
  if (!ble_) return;
  close_links_of(base::TransportKind::ble);
  ble_.reset();
}

void NodeHost::start_serial() {
  if (config_.serial.devices.empty()) return;
  serial_ = std::make_unique<SerialTransport>(
      io_, config_.serial, random_, [this] { return now(); },
      hooks(base::TransportKind::serial, "serial"));
  serial_->start();
}

void NodeHost::stop_serial() {
  if (!serial_) return;
  close_links_of(base::TransportKind::serial);
  serial_.reset();
}

void NodeHost::close_links_of(base::TransportKind kind) {
  for (auto it = links_.begin(); it != links_.end();) {
    if (it->second != kind) {
      ++it;
      continue;
    }
    node_->link_closed(it->first, now());
    it = links_.erase(it);
  }
}

base::TransportHooks NodeHost::hooks(base::TransportKind kind, const char* name) {
  base::TransportHooks hooks;
  hooks.new_link_id = [this] { return base::LinkId{next_link_++}; };
  hooks.opened = [this, kind](base::LinkId link, base::LinkRole role, std::size_t frame_size_max,
                              std::uint64_t origin) {
    mesh_router::LinkParameters parameters;
    parameters.frame_size_max = frame_size_max;
    parameters.role = role;
    parameters.origin = origin;
    return opened(link, parameters, kind);
  };
  hooks.received = [this](base::LinkId link, base::MutableByteView frame) {
    if (!links_.contains(link)) return;
    gathered_ += frame.size();
    node_->receive(link, frame, now());
  };
  hooks.next_frame = [this](base::LinkId link, base::MutableByteView out) {
    if (!links_.contains(link)) return std::size_t{0};
    const std::size_t size = node_->next_frame(link, out, now());
    // Looking for a frame stops at a bound, or begins to wait for something: it is to go on then.
    if (size == 0) arm_timer();
    return size;
  };
  hooks.closed = [this](base::LinkId link) {
    if (links_.erase(link) == 0) return;
    node_->link_closed(link, now());
    touched();
  };
  hooks.batch_done = [this] { touched(); };
  hooks.log = [this, name](int level, const std::string& line) {
    log_about(level, std::string(name) + ": " + line);
  };
  return hooks;
}

void NodeHost::log_about(int level, const std::string& line) const {
  log_.write(level <= 3 ? LogLevel::error : level == 4 ? LogLevel::warning
                                        : level <= 6   ? LogLevel::info
                                                       : LogLevel::debug,
             line);
}

bool NodeHost::opened(base::LinkId link, const mesh_router::LinkParameters& parameters,
                      base::TransportKind kind) {
  if (broken_ || stopping_) return false;
  if (!node_->link_opened(link, kind, parameters.role, parameters.frame_size_max, now(),
                          parameters.origin)) {
    return false;
  }
  links_.emplace(link, kind);
  touched();
  return true;
}

void NodeHost::touched() {
  if (pump_posted_) return;
  pump_posted_ = true;
  // Posted, so that everything else that is ready in this turn of the loop shares the flush.
  boost::asio::post(io_, [this] {
    pump_posted_ = false;
    pump();
  });
}

void NodeHost::after_commit(std::function<void(bool)> done) {
  waiting_.push_back(std::move(done));
  touched();
}

void NodeHost::finish_waiting(bool durable) {
  std::vector<std::function<void(bool)>> ready;
  ready.swap(waiting_);
  for (const auto& done : ready) done(durable);
}

bool NodeHost::gathers() {
  const bool much = gathered_ >= kGatherMin && gathered_ < kGatherMax;
  if (!much || !waiting_.empty() || stopping_ || !node_->dirty()) return false;
  const base::Time at = now();
  if (gather_ends_) return at < *gather_ends_;
  if (!streamed_at_ || at > *streamed_at_ + kStreamPause) return false;
  gather_ends_ = at + kGatherTime;
  gather_timer_.expires_after(kGatherTime);
  gather_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) pump();
  });
  return true;
}

void NodeHost::pump() {
  if (gathers()) return arm_timer();
  gather_ends_.reset();
  gather_timer_.cancel();
  const std::size_t gathered = std::exchange(gathered_, 0);
  if (!flush()) return;
  if (gathered >= kGatherMin) streamed_at_ = now();
  finish_waiting(true);
  drain_events();
  kick_links();
  tell_wishes();
  arm_timer();
}

void NodeHost::tell_wishes() {
  if (!ble_ || stopping_) return;
  if (const auto wishes = wishes_.look(*node_, config_.ble_on_battery, now())) ble_->wish(*wishes);
}

bool NodeHost::flush() {
  node_->set_wall_time(wall());
  if (!node_->dirty()) return true;
  if (broken_) return finish_waiting(false), false;
  if (const auto bytes = clock_.to_save(false)) store_.save_value(BootClock::kKey, *bytes);
  const auto flushed = node_->flush(now());
  if (!flushed) broke(flushed.error());
  return flushed.has_value();
}

void NodeHost::drain_events() {
  while (const auto event = node_->next_event()) handle(*event);
}

void NodeHost::handle(const node::NodeEvent& event) {
  if (const auto* up = std::get_if<node::NeighbourUp>(&event)) {
    log_.info("neighbour " + base::short_hex(up->neighbour.view()) + " is here");
  } else if (const auto* opened = std::get_if<node::LinkOpened>(&event)) {
    tell_who(*opened);
  } else if (const auto* down = std::get_if<node::NeighbourDown>(&event)) {
    log_.info("neighbour " + base::short_hex(down->neighbour.view()) + " is gone");
  } else if (const auto* closed = std::get_if<node::LinkClosed>(&event)) {
    // It stays in links_ until the transport closed it: its last frame says why.
    const auto link = links_.find(closed->link);
    if (link != links_.end()) close_link(link->first, link->second);
  }
  if (events_.listened_to()) {
    const auto* message = std::get_if<node::MessageChanged>(&event);
    const auto json = event_json(*node_, store_.people(), event, now());
    if (json) events_.publish(*json, message != nullptr ? message->message : 0);
  }
}

void NodeHost::tell_who(const node::LinkOpened& event) {
  const auto known = links_.find(event.link);
  if (known == links_.end()) return;
  const base::ByteView who = event.neighbour.view();
  if (known->second == base::TransportKind::lan && lan_) lan_->identified(event.link, who);
  if (known->second == base::TransportKind::ble && ble_) ble_->identified(event.link, who);
  if (known->second == base::TransportKind::serial && serial_) {
    serial_->identified(event.link, who);
  }
}

void NodeHost::kick_links() {
  for (const base::LinkId link : node_->ready_links()) {
    const auto known = links_.find(link);
    if (known == links_.end()) continue;
    if (known->second == base::TransportKind::lan && lan_) lan_->kick(link);
    if (known->second == base::TransportKind::ble && ble_) ble_->kick(link);
    if (known->second == base::TransportKind::serial && serial_) serial_->kick(link);
  }
}

void NodeHost::close_link(base::LinkId link, base::TransportKind kind) {
  if (kind == base::TransportKind::lan && lan_) lan_->close(link);
  if (kind == base::TransportKind::ble && ble_) ble_->close(link);
  if (kind == base::TransportKind::serial && serial_) serial_->close(link);
}

void NodeHost::arm_timer() {
  if (stopping_) return;
  const auto wakeup = node_->next_wakeup();
  if (wakeup == armed_) return;
  armed_ = wakeup;
  if (!wakeup) {
    wake_timer_.cancel();
    return;
  }
  const base::Duration most = kSleepMax;
  wake_timer_.expires_after(std::clamp(*wakeup - now(), base::Duration::zero(), most));
  wake_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error || stopping_) return;
    armed_.reset();
    node_->wake(now());
    pump();
  });
}

void NodeHost::unlock_person() {
  node_->set_wall_time(wall());
  node_->unlock(now());
  touched();
}

void NodeHost::lock_person() {
  if (flush()) {
    finish_waiting(true);
    drain_events();
  }
  forget_person();
}

bool NodeHost::commit_store() {
  const auto done = store_.commit();
  if (!done) broke(done.error());
  return done.has_value();
}

void NodeHost::forget_person() {
  node_->lock(now());
  touched();
}

void NodeHost::broke(mesh_router::StoreError error) {
  log_.error(std::string("the store refuses (") + mesh_router::to_string(error) + "): " +
             store_.problem() + "; nothing accepted is lost, trying again");
  broken_ = true;
  // Links of the dropped node end: their acknowledgements must never be sent.
  const auto links = std::exchange(links_, {});
  build_node();
  for (const auto& [link, kind] : links) close_link(link, kind);
  if (lan_) lan_->rotate();
  if (ble_) ble_->rotate();
  finish_waiting(false);
  retry_pause_ = kRetryFirst;
  if (!stopping_) retry();
}

void NodeHost::retry() {
  retry_timer_.expires_after(retry_pause_);
  retry_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error || stopping_) return;
    if (!store_.probe()) {
      retry_pause_ = std::min(retry_pause_ * 2, kRetryLast);
      retry();
      return;
    }
    broken_ = false;
    log_.info("the store can be written again");
    touched();
  });
}

void NodeHost::reload(const Config& wanted) {
  store_.set_limits(wanted.quota_bytes, wanted.free_reserve_bytes);
  store_.set_files_quota(wanted.files_quota_bytes);
  log_.set_level(wanted.log_level);
  for (const std::string& key : needs_restart(config_, wanted)) {
    log_.warning("the new " + key + " takes effect at the next start");
  }
  config_.quota_bytes = wanted.quota_bytes;
  config_.free_reserve_bytes = wanted.free_reserve_bytes;
  config_.files_quota_bytes = wanted.files_quota_bytes;
  config_.invite_price = wanted.invite_price;
  config_.log_level = wanted.log_level;
  config_.passphrase_cost = wanted.passphrase_cost;
  config_.lock_after_s = wanted.lock_after_s;
  config_.ble_on_battery = wanted.ble_on_battery;
  reload_transports(wanted);
}

void NodeHost::reload_transports(const Config& wanted) {
  if (wanted.lan_enabled != config_.lan_enabled || wanted.lan != config_.lan) {
    config_.lan_enabled = wanted.lan_enabled;
    config_.lan = wanted.lan;
    stop_lan();
    if (config_.lan_enabled) start_lan();
  }
  if (wanted.ble_enabled != config_.ble_enabled || wanted.ble != config_.ble) {
    config_.ble_enabled = wanted.ble_enabled;
    config_.ble = wanted.ble;
    stop_ble();
    if (config_.ble_enabled) start_ble();
  }
  if (wanted.serial != config_.serial) {
    config_.serial = wanted.serial;
    stop_serial();
    start_serial();
  }
  touched();
}

std::optional<transport_lan::LanStatus> NodeHost::lan_status() const {
  if (!lan_) return std::nullopt;
  return lan_->status();
}

std::optional<transport_ble::BleStatus> NodeHost::ble_status() const {
  if (!ble_) return std::nullopt;
  return ble_->status();
}

std::optional<transport_serial::SerialStatus> NodeHost::serial_status() const {
  if (!serial_) return std::nullopt;
  return serial_->status();
}

std::size_t NodeHost::connections() const {
  std::size_t count = ble_ ? ble_->links() : 0;
  if (serial_) count += serial_->links();
  if (const auto lan = lan_status()) count += lan->connections + lan->dialling;
  return count;
}

void NodeHost::stop() {
  if (stopping_) return;
  stopping_ = true;
  wake_timer_.cancel();
  retry_timer_.cancel();
  gather_timer_.cancel();
  node_->close_all(link::CloseReason::going_away, now());
  if (!broken_) {
    if (const auto bytes = clock_.to_save(true)) {
      store_.save_value(BootClock::kKey, *bytes);
    }
    if (!node_->flush(now())) log_.error("the last commit failed: " + store_.problem());
  }
  finish_waiting(!broken_);
  kick_links();
  drain_events();
  // They write the goodbyes; destroyed with this.
  if (lan_) lan_->stop();
  if (ble_) ble_->stop();
  if (serial_) serial_->stop();
}

}  // namespace chaski::daemon
