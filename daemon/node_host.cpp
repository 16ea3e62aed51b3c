// SPDX-License-Identifier: Apache-2.0
#include "daemon/node_host.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <ctime>
#include <utility>

#include "base/hex.hpp"
#include "daemon/api_json.hpp"

namespace chaski::daemon {

using transport_lan::LanTransport;

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
  touched();
}

void NodeHost::start_lan() {
  lan_ = std::make_unique<LanTransport>(io_, config_.lan, hooks());
  lan_->start();
}

void NodeHost::stop_lan() {
  if (!lan_) return;
  for (const base::LinkId link : std::exchange(links_, {})) node_->link_closed(link, now());
  lan_->stop();
  lan_.reset();
}

base::TransportHooks NodeHost::hooks() {
  base::TransportHooks hooks;
  hooks.new_link_id = [this] { return base::LinkId{next_link_++}; };
  hooks.opened = [this](base::LinkId link, base::LinkRole role, std::size_t frame_size_max,
                        std::uint64_t origin) {
    return opened(link, role, frame_size_max, origin);
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
  hooks.log = [this](int level, const std::string& line) { log_about(level, "lan: " + line); };
  return hooks;
}

void NodeHost::log_about(int level, const std::string& line) const {
  log_.write(level <= 3 ? LogLevel::error : level == 4 ? LogLevel::warning
                                        : level <= 6   ? LogLevel::info
                                                       : LogLevel::debug,
             line);
}

bool NodeHost::opened(base::LinkId link, base::LinkRole role, std::size_t frame_size_max,
                      std::uint64_t origin) {
  if (broken_ || stopping_) return false;
  if (!node_->link_opened(link, base::TransportKind::lan, role, frame_size_max, now(), origin)) {
    return false;
  }
  links_.insert(link);
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
  arm_timer();
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
    neighbour_up(*up);
  } else if (const auto* down = std::get_if<node::NeighbourDown>(&event)) {
    log_.info("neighbour " + base::short_hex(down->neighbour.view()) + " is gone");
  } else if (const auto* closed = std::get_if<node::LinkClosed>(&event)) {
    // It stays in links_ until the transport closed it: its last frame says why.
    if (lan_) lan_->close(closed->link);
  }
  if (events_.listened_to()) {
    const auto* message = std::get_if<node::MessageChanged>(&event);
    const auto json = event_json(*node_, store_.people(), event, now());
    if (json) events_.publish(*json, message != nullptr ? message->message : 0);
  }
}

void NodeHost::neighbour_up(const node::NeighbourUp& event) {
  log_.info("neighbour " + base::short_hex(event.neighbour.view()) + " is here");
  if (!lan_) return;
  for (const node::NeighbourInfo& info : node_->neighbours()) {
    if (info.key == event.neighbour) lan_->identified(info.routing.link, event.neighbour.view());
  }
}

void NodeHost::kick_links() {
  const auto ready = node_->ready_links();
  if (!lan_) return;
  for (const base::LinkId link : ready) lan_->kick(link);
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
  if (lan_) {
    for (const base::LinkId link : links) lan_->close(link);
    lan_->rotate();
  }
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
  const auto same_lan = [](const transport_lan::LanConfig& a, const transport_lan::LanConfig& b) {
    return a.port == b.port && a.listen == b.listen && a.peers == b.peers &&
           a.interfaces == b.interfaces && a.discover == b.discover;
  };
  const bool lan_changed =
      wanted.lan_enabled != config_.lan_enabled || !same_lan(wanted.lan, config_.lan);
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
  if (!lan_changed) return;
  config_.lan_enabled = wanted.lan_enabled;
  config_.lan = wanted.lan;
  stop_lan();
  if (config_.lan_enabled) start_lan();
  touched();
}

std::optional<transport_lan::LanStatus> NodeHost::lan_status() const {
  if (!lan_) return std::nullopt;
  return lan_->status();
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
  if (lan_) lan_->stop();  // writes the goodbyes; destroyed with this
}

}  // namespace chaski::daemon
