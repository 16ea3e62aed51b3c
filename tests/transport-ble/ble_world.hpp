// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <set>
#include <vector>

#include "base/random.hpp"
#include "transport-ble/ble_link_manager.hpp"

namespace chaski::transport_ble {

/// Nodes with a manager each, a BlueZ that does what it is told sooner, later, wrongly or not at
/// all, and one air. Virtual time; everything is drawn from one seed.
///
/// It checks while it runs: slots within the budget, no dial beside a scan, no second dial, five
/// seconds between dials to a tag, every command answered or late in time.
class BleWorld {
 public:
  struct Faults {
    double command_fails = 0;
    double answer_is_lost = 0;      ///< done, or not
    double disconnect_is_lost = 0;  ///< BlueZ forgets to say it
    double link_breaks = 0;         ///< a second and link
    double power_goes = 0;          ///< a second and node
  };
  struct Node {
    explicit Node(std::size_t budget, base::Random& random) : manager(budget, random) {}
    BleLinkManager manager;
    bool powered = true;
    bool scanning = false;
    std::optional<std::uint64_t> dialling;  ///< the command, until BlueZ has ended it
    std::optional<Command> on_air;
    Device address;
    Digest held;
    bool holds_its_own = true;            ///< never in sync with anybody
    std::map<Device, std::size_t> links;  ///< device here -> node there
    std::map<Device, base::Time> dialled;
    std::optional<base::Time> wake_at;
    std::uint64_t generation = 0;  ///< of the power: older answers go nowhere
  };
  struct Meeting {
    std::uint64_t count = 0;
    base::Time last{};
    base::Duration longest_gap{0};
  };

  BleWorld(std::size_t nodes, std::size_t budget, std::uint64_t seed);

  void run(base::Duration duration);
  Node& node(std::size_t i) { return *nodes_[i]; }
  std::size_t size() const { return nodes_.size(); }
  base::Time now() const { return now_; }
  void power(std::size_t i, bool on, bool bluetoothd_too = false);
  void set_range(std::size_t a, std::size_t b, bool near) { far_[key(a, b)] = !near; }
  Meeting& meeting(std::size_t a, std::size_t b) { return meetings_[key(a, b)]; }
  void forget_meetings();
  /// What of a node does not agree with what BlueZ has; empty when all does.
  std::string disagreement(std::size_t i);

  Faults faults;
  std::vector<std::string> violations;
  std::uint64_t dials = 0;

 private:
  using Pair = std::pair<std::size_t, std::size_t>;
  struct Event {
    base::Time at;
    std::uint64_t order;
    std::function<void()> what;
    bool operator<(const Event& other) const {
      return std::tie(other.at, other.order) < std::tie(at, order);
    }
  };

  static Pair key(std::size_t a, std::size_t b) { return {std::min(a, b), std::max(a, b)}; }
  void after(base::Duration delay, std::function<void()> what);
  base::Duration soon(int low_ms, int high_ms);
  bool chance(double p) { return random_.unit() < p; }
  void pump(std::size_t i);
  void execute(std::size_t i, const Command& command);
  void answer(std::size_t i, const Command& command, Answer answer, base::Duration delay);
  void dial(std::size_t i, const Command& command);
  void join(std::size_t i, std::size_t j, const Command& command);
  void part(std::size_t i, Device device);
  void tick();
  void check(std::size_t i, const std::string& when);

  base::SeededRandom random_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::priority_queue<Event> events_;
  std::map<Pair, bool> far_;
  std::map<Pair, Meeting> meetings_;
  std::map<std::uint64_t, std::size_t> owner_of_address_;
  base::Time now_{};
  std::uint64_t next_order_ = 0;
  std::uint64_t next_address_ = 1;
};

}  // namespace chaski::transport_ble
