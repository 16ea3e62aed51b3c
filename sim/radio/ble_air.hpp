// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "sim/contacts/contact.hpp"
#include "sim/radio/ble_adapter.hpp"
#include "sim/radio/ble_events.hpp"
#include "sim/radio/ble_parameters.hpp"
#include "sim/radio/path_loss.hpp"
#include "sim/world/world.hpp"

namespace chaski::sim {

/// Bluetooth LE for every node of a world: the production BleLinkManager decides who advertises,
/// scans and dials; the air decides who hears it and how long it takes.
///
/// Rules: (1) who comes within range, from a ContactSource, may be heard; who leaves it is lost
/// after the supervision time. (2) A scanning node hears an advertising one after a time that is
/// drawn: packets come every interval, and each is heard with the probability that
/// BleParameters says. What does not change is heard again every kHeardAgain. (3) A dial takes its
/// time, fails by chance, out of range and when the other's controller is full; where BlueZ says
/// nothing until it is called off, neither does it here. (4) All links of a node share its radio.
/// (5) bluetoothd answers within kAnswerMax. (6) Where Signals say how strong two hear each other,
/// packets are lost by packet_loss(): advertisements are missed, dials fail, and what is sent over
/// a link is sent again until it arrives. Everything is drawn from the seed.
class BleAir final : public Companion {
 public:
  static constexpr base::Duration kHeardAgain = std::chrono::seconds(25);
  static constexpr base::Duration kAnswerMax = std::chrono::milliseconds(60);

  /// All nodes of `world` get an adapter. All must outlive this. Without `signals` everybody
  /// within range is heard alike, at a strength that is drawn.
  BleAir(World& world, ContactSource& contacts, const BleParameters& parameters, std::uint64_t seed,
         Signals* signals = nullptr);
  ~BleAir() override;

  /// To be called for each event of a node.
  void node_event(NodeIndex node, const node::NodeEvent& event);
  /// The node's battery is to be spared.
  void set_on_battery(NodeIndex node, bool on_battery);
  /// Bluetooth of this node is switched off or on.
  void set_power(NodeIndex node, bool on);
  /// The same without a word to anybody: off, it is out of everybody's reach, who find out by the
  /// supervision time.
  void set_silent(NodeIndex node, bool silent);

  /// Of one node so far.
  BleUse use(NodeIndex node);
  BleUse use();
  std::uint64_t contacts() const { return contacts_begun_; }
  std::size_t connections() const { return connections_.size() - free_connections_.size(); }
  const BleAdapter& adapter(NodeIndex node) const { return *adapters_[node]; }

  base::Time next_time() const override;
  void step(base::Time now) override;
  void served(NodeIndex node, base::Time now) override;
  double sends(base::LinkId link, base::Time now) override;
  void sent(base::LinkId link, NodeIndex from, NodeIndex to, std::uint64_t bytes, bool heard,
            base::Time now) override;
  void carried(base::LinkId link, NodeIndex from, NodeIndex to, std::size_t bytes,
               base::Time now) override;

 private:
  using Device = transport_ble::Device;
  using Command = transport_ble::Command;

  /// One connection of two controllers.
  struct Connection {
    std::array<NodeIndex, 2> ends{};  ///< the dialler first
    std::array<Device, 2> as{};       ///< as what the other end knows them
    std::optional<base::LinkId> link;
    base::Time since{};
    bool up = false;
    bool in_range = true;
    std::uint32_t generation = 0;
  };

  // What happens.
  void happen(const BleEvent& event);
  void contact(const ContactChange& change);
  void leave_range(NodeIndex a, NodeIndex b);
  void out_of_range(std::uint32_t connection);
  void switch_adapter(NodeIndex node, bool on);
  void start(NodeIndex node);
  void hear(NodeIndex node, NodeIndex other);
  /// The dial that is under way comes to nothing.
  void fail_dial(NodeIndex node);
  void hear_afresh(NodeIndex node, NodeIndex other);
  void arrive(const BleEvent& event);
  void link_ended(base::LinkId link, NodeIndex end);

  // What managers want.
  void pump(NodeIndex node);
  void execute(NodeIndex node, const Command& command);
  void advertise(NodeIndex node, const Command& command);
  void set_scanning(NodeIndex node, bool on);
  void dial(NodeIndex node, const Command& command);
  void answer(NodeIndex node, std::uint64_t command, transport_ble::Answer answer,
              base::Duration delay);
  void wish(NodeIndex node);

  // Who hears whom, how strong, and when.
  int rssi(NodeIndex a, NodeIndex b);
  /// Draws whether a packet is lost for want of a signal.
  bool lost(NodeIndex a, NodeIndex b, std::uint32_t bytes);
  void plan_hearing(NodeIndex node, InRange& other);
  void plan_hearing_of(NodeIndex node);

  // Connections.
  void connect(NodeIndex dialler, NodeIndex other, Device device);
  void hang_up(NodeIndex node, Device device);
  /// Both managers are told; the link ends with it.
  void drop(std::uint32_t connection);

  base::Duration between(base::Duration min, base::Duration max);
  void plan(BleEvent::Kind kind, base::Duration delay, NodeIndex node, NodeIndex other = 0,
            std::uint64_t value = 0);

  World& world_;
  ContactSource& source_;
  const BleParameters parameters_;
  Signals* const signals_;
  base::SeededRandom random_;
  base::Time now_{};
  std::optional<ContactChange> next_contact_;
  std::uint64_t contacts_begun_ = 0;
  BleEvents events_;
  std::vector<std::unique_ptr<BleAdapter>> adapters_;
  std::vector<NodeIndex> owners_;  ///< of addresses
  std::vector<Connection> connections_;
  std::vector<std::uint32_t> free_connections_;
  std::unordered_map<std::uint64_t, std::uint32_t> by_link_;  ///< never walked through
};

}  // namespace chaski::sim
