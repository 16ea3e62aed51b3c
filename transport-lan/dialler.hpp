// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "transport-lan/dial_attempt.hpp"
#include "transport-lan/instance_id.hpp"

namespace chaski::transport_lan {

/// Somebody to be connected to: named in the config, or discovered.
struct Target {
  struct Address {
    int interface = 0;
    boost::asio::ip::tcp::endpoint endpoint;
  };
  std::uint64_t id = 0;
  std::optional<HostPort> configured;  ///< static peers only
  InstanceId instance;                 ///< of a static peer: the last seen; zero: unknown
  std::vector<Address> addresses;
  base::Bytes peer;                    ///< who the owner said it is, when it was last reached
  bool stale = false;                  ///< discovered, but discovery does not work now
  bool busy = false;                   ///< being dialled, or its connection lives
  bool waiting = false;                ///< next_at is set
  int failures = 0;
  std::chrono::steady_clock::time_point next_at;
  std::shared_ptr<DialAttempt> attempt;
};

/// Decides whom to dial and when.
///
/// Rules: (1) a target that a live link reaches is not dialled. (2) One dial per target at a time,
/// kDialsMax in all. (3) After a failure it waits kBackoffMin, doubling to kBackoffMax, a quarter
/// more or less by chance; news (an address, an interface) ends the wait. (4) Of two discovered
/// nodes the one with the smaller instance id dials at once, the other after kYield, so that they
/// do not both. (5) Addresses of a discovered node are tried IPv6 link-local first, kEach each.
/// (6) Who answers is not whom we dialled: no reason to dial again for kWrongPause.
/// (7) When discovery is away, what it found is dialled kStaleFailuresMax times, then forgotten.
class Dialler : public std::enable_shared_from_this<Dialler> {
 public:
  using Tcp = boost::asio::ip::tcp;
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kBackoffMin{200};
  static constexpr std::chrono::milliseconds kBackoffMax{5'000};
  static constexpr std::chrono::milliseconds kYield{1'000};
  static constexpr std::chrono::milliseconds kEach{1'500};
  static constexpr std::chrono::milliseconds kEachConfigured{5'000};
  static constexpr std::chrono::seconds kWrongPause{60};
  static constexpr int kStaleFailuresMax = 8;
  static constexpr std::size_t kDialsMax = 16;
  static constexpr std::size_t kDiscoveredMax = 256;

  struct Events {
    std::function<bool(const Target&)> reached;  ///< does a live link reach it?
    std::function<bool()> room;                  ///< may one more connection be made?
    std::function<void(Tcp::socket, std::uint64_t target)> connected;
    std::function<void(const InstanceId&)> refresh;  ///< its addresses did not answer: look again
    std::function<InstanceId()> own;
  };

  Dialler(boost::asio::io_context& io, Events events);
  void add(const HostPort& peer);
  void stop();

  // What discovery says.
  void seen(const InstanceId& instance, int interface, const Tcp::endpoint& endpoint);
  void lost(const InstanceId& instance, int interface, bool v6);
  void discovery_away();
  void discovery_settled();

  // What became of a connection.
  enum class End { failed, lived, wrong };  ///< wrong: it is ourselves, or somebody else
  void ended(std::uint64_t target, End end);
  void learned(std::uint64_t target, const InstanceId& instance);
  void identified(std::uint64_t target, base::ByteView peer);

  /// The network changed: whoever is not reached is dialled now.
  void redial();
  /// Links changed: look who is not reached any more.
  void look();

  const Target* find(std::uint64_t target) const;
  std::size_t dialling() const;
  std::vector<std::string> services() const;

 private:
  Target* by_instance(const InstanceId& instance);
  void dial(Target& target);
  void dialled(std::uint64_t target, std::optional<Tcp::socket> socket);
  void failed(Target& target, Clock::duration at_least);
  void forget(std::uint64_t target);

  boost::asio::io_context& io_;
  Events events_;
  boost::asio::steady_timer timer_;
  std::minstd_rand jitter_;
  std::uint64_t next_id_ = 1;
  bool stopped_ = false;
  std::map<std::uint64_t, Target> targets_;
};

}  // namespace chaski::transport_lan
