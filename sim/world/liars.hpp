// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "link/link.hpp"
#include "reconcile/exchange.hpp"
#include "sim/world/actor.hpp"
#include "wire/reassembler.hpp"

namespace chaski::sim {

/// Takes every envelope, acknowledges it at once, and forgets it: a black hole.
class BlackHole final : public Actor {
 public:
  explicit BlackHole(std::uint64_t seed);
  std::uint64_t swallowed() const { return swallowed_; }
  void set_sink(EventSink sink) override { sink_ = std::move(sink); }
  /// As one who holds something else after each envelope that it got.
  std::array<std::uint64_t, 2> held_sum() const override { return {swallowed_ + 1, salt_}; }

  bool link_opened(base::LinkId link, base::TransportKind kind, base::LinkRole role,
                   std::size_t frame_size_max, base::Time now) override;
  void link_closed(base::LinkId link, base::Time now) override;
  void receive(base::LinkId link, base::MutableByteView frame, base::Time now) override;
  std::size_t next_frame(base::LinkId link, base::MutableByteView out, base::Time now) override;
  std::vector<base::LinkId> ready_links() override;
  std::vector<base::LinkId> closed_links() override;
  bool settle(base::Time) override { return true; }
  std::optional<base::Time> next_wakeup() const override;
  void wake(base::Time now) override;
  bool idle() const override { return true; }

 private:
  struct Victim {
    Victim(link::Link link_in, reconcile::Role role) : link(std::move(link_in)), exchange(role) {}
    link::Link link;
    wire::Reassembler reassembler;
    std::uint64_t received = 0;
    std::uint64_t acknowledged = 0;
    reconcile::Exchange exchange;  ///< as one who holds nothing
    bool told = false;             ///< that it is open
    std::vector<std::uint32_t> offered;  ///< transfers that wait for an answer
  };
  base::SeededRandom random_;
  link::NodeKey key_;
  std::map<base::LinkId, std::unique_ptr<Victim>> victims_;
  std::vector<base::LinkId> ready_;
  EventSink sink_;
  std::uint64_t salt_;  ///< of what it tells of what it holds
  std::uint64_t swallowed_ = 0;
};

/// Speaks what nobody understands, or nothing at all.
class JunkSpeaker final : public Actor {
 public:
  enum class Manner : std::uint8_t {
    silent,  ///< connects and says nothing
    noise,   ///< random frames at full speed
    replay,  ///< the frames of an earlier handshake, overheard elsewhere
  };
  /// `script`: what is replayed, one frame after another.
  JunkSpeaker(std::uint64_t seed, Manner manner, std::vector<base::Bytes> script = {});
  std::uint64_t bytes_heard() const { return bytes_heard_; }
  std::uint64_t bytes_said() const { return bytes_said_; }
  /// As one who holds what nobody else does.
  std::array<std::uint64_t, 2> held_sum() const override { return {1, salt_}; }

  bool link_opened(base::LinkId link, base::TransportKind kind, base::LinkRole role,
                   std::size_t frame_size_max, base::Time now) override;
  void link_closed(base::LinkId link, base::Time now) override;
  void receive(base::LinkId link, base::MutableByteView frame, base::Time now) override;
  std::size_t next_frame(base::LinkId link, base::MutableByteView out, base::Time now) override;
  std::vector<base::LinkId> ready_links() override;
  std::vector<base::LinkId> closed_links() override { return {}; }
  bool settle(base::Time) override { return true; }
  std::optional<base::Time> next_wakeup() const override { return std::nullopt; }
  void wake(base::Time) override {}
  bool idle() const override { return true; }

 private:
  static constexpr std::size_t kFramesPerLink = 200;
  base::SeededRandom random_;
  std::uint64_t salt_;
  Manner manner_;
  std::vector<base::Bytes> script_;
  std::map<base::LinkId, std::size_t> said_;  ///< frames, by link
  std::vector<base::LinkId> ready_;
  std::uint64_t bytes_heard_ = 0;
  std::uint64_t bytes_said_ = 0;
};

}  // namespace chaski::sim
