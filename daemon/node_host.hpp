// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "daemon/config.hpp"
#include "daemon/event_hub.hpp"
#include "daemon/log.hpp"
#include "daemon/node_clock.hpp"
#include "daemon/secure_process.hpp"
#include "daemon/sqlite_store.hpp"
#include "daemon/radio_wishes.hpp"
#include "node/node.hpp"
#include "transport-ble/transport.hpp"
#include "transport-lan/lan_transport.hpp"
#include "transport-serial/transport.hpp"

namespace chaski::daemon {

/// Feeds and drains one Node: the loop around the pure core.
///
/// Rules: (1) all inputs of one turn of the loop share one flush (pump() runs once a turn, after
/// them), and in a stream of large ones those of kGatherTime. (2) Nothing leaves before that flush;
/// answers to clients wait in after_commit(). (3) When a flush fails, all links are closed, the
/// Node is dropped and built anew from the store, and no link is opened until a small write
/// succeeded again (asked with a growing pause). (4) Frames are pulled after pump(), and that can
/// leave the node with more to do: whenever there was no frame, the timer is set anew.
class NodeHost {
 public:
  static constexpr std::chrono::seconds kRetryFirst{1};
  static constexpr std::chrono::seconds kRetryLast{30};
  /// In a stream of large inputs a flush waits so long for more, unless a client waits for it. A
  /// stream is when so many bytes came since a flush that followed on as many within kStreamPause:
  /// what comes alone does not wait.
  static constexpr base::Duration kGatherTime = std::chrono::milliseconds(4);
  static constexpr base::Duration kStreamPause = std::chrono::milliseconds(20);
  static constexpr std::size_t kGatherMin = 32u << 10;
  static constexpr std::size_t kGatherMax = 4u << 20;  ///< bytes that wait for no more
  /// Also after a suspend the node is woken within this time.
  static constexpr std::chrono::seconds kSleepMax{60};

  NodeHost(boost::asio::io_context& io, const Config& config, SqliteStore& store, BootClock& clock,
           base::Random& random, Log& log, EventHub& events);
  ~NodeHost();
  NodeHost(const NodeHost&) = delete;
  NodeHost& operator=(const NodeHost&) = delete;

  void start();
  /// Says goodbye on every link, commits, stops the transports. The loop then runs out of work.
  void stop();
  /// Takes over what can change while it runs.
  void reload(const Config& config);

  /// The store's people() may be used from now on.
  void unlock_person();
  /// Commits what can be committed; the person is gone from memory afterwards, links stay.
  void lock_person();
  /// Commits what was put into the store beside the node; false when the disk refuses.
  bool commit_store();
  /// As lock_person(), without a commit.
  void forget_person();

  node::Node& node() { return *node_; }
  SqliteStore& store() { return store_; }
  base::Time now() const { return clock_.now(); }
  node::WallTime wall() const;
  const Config& config() const { return config_; }
  bool stopping() const { return stopping_; }
  /// False while the disk refuses to be written.
  bool writable() const { return !broken_; }
  std::optional<transport_lan::LanStatus> lan_status() const;
  std::optional<transport_ble::BleStatus> ble_status() const;
  std::optional<transport_serial::SerialStatus> serial_status() const;
  /// Connections of all transports, with those that only say goodbye.
  std::size_t connections() const;
  base::Time started() const { return started_; }
  MemoryLock memory() const { return memory_; }
  void set_memory(MemoryLock memory) { memory_ = memory; }
  /// When it goes on by itself; never later than the node asks for once the loop has nothing to do.
  std::optional<base::Time> wakes_at() const { return armed_; }

  /// The node was given something to do: pump() soon.
  void touched();
  /// `done(true)` once everything given to the node so far is durable; `done(false)` when it was
  /// lost because the disk refused.
  void after_commit(std::function<void(bool durable)> done);

 private:
  void build_node();
  void start_lan();
  void stop_lan();
  void start_ble();
  void stop_ble();
  void start_serial();
  void stop_serial();
  void reload_transports(const Config& wanted);
  void close_links_of(base::TransportKind kind);
  base::TransportHooks hooks(base::TransportKind kind, const char* name);
  bool opened(base::LinkId link, const mesh_router::LinkParameters& parameters,
              base::TransportKind kind);
  void close_link(base::LinkId link, base::TransportKind kind);

  void pump();
  bool flush();
  /// Whether it is worth waiting for more before the next flush; then pump() is called again.
  bool gathers();
  void drain_events();
  void handle(const node::NodeEvent& event);
  void tell_who(const node::LinkOpened& event);
  void kick_links();
  void tell_wishes();
  void arm_timer();
  void finish_waiting(bool durable);
  void broke(mesh_router::StoreError error);
  void retry();
  void log_about(int level, const std::string& line) const;

  boost::asio::io_context& io_;
  Config config_;
  SqliteStore& store_;
  BootClock& clock_;
  base::Random& random_;
  Log& log_;
  EventHub& events_;
  boost::asio::steady_timer wake_timer_;
  boost::asio::steady_timer retry_timer_;
  boost::asio::steady_timer gather_timer_;

  std::unique_ptr<node::Node> node_;
  std::unique_ptr<transport_lan::LanTransport> lan_;
  std::unique_ptr<transport_ble::BleTransport> ble_;
  std::unique_ptr<transport_serial::SerialTransport> serial_;
  RadioWishes wishes_;
  std::unordered_map<base::LinkId, base::TransportKind> links_;  ///< those that node_ knows
  std::uint64_t next_link_ = 1;
  base::Time started_{};
  MemoryLock memory_ = MemoryLock::none;
  std::optional<base::Time> armed_;
  std::vector<std::function<void(bool)>> waiting_;
  std::size_t gathered_ = 0;  ///< bytes received since the last flush
  std::optional<base::Time> gather_ends_;
  std::optional<base::Time> streamed_at_;  ///< the last flush of much
  bool pump_posted_ = false;
  bool broken_ = false;
  bool stopping_ = false;
  std::chrono::seconds retry_pause_ = kRetryFirst;
};

}  // namespace chaski::daemon
