// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <limits>
#include <queue>
#include <vector>

#include "sim/contacts/contact.hpp"
#include "sim/ideal/bit_rows.hpp"
#include "sim/ideal/predictabilities.hpp"
#include "sim/ideal/recorder.hpp"
#include "sim/ideal/strategy.hpp"
#include "sim/results/run_result.hpp"
#include "sim/traffic/message_plan.hpp"

namespace chaski::sim {

/// Links of infinite bandwidth; see InstantWorld.
struct InstantRules {
  Strategy strategy;
  std::uint64_t buffer_bytes = std::numeric_limits<std::uint64_t>::max();  ///< of each node
  bool stop_when_delivered = false;  ///< as soon as every planned message is
};

/// One strategy over links on which everything moves in no time, as long as there is contact.
///
/// Who comes into contact exchanges what the strategy wants to; what a node gets it offers at once
/// to all it is in contact with, so that an epidemic fills a connected component in an instant. At
/// equal times lifetimes end first, then contacts change, then messages are written. A full buffer
/// drops what it received first, own messages too, and a node that dropped a message does not take
/// it again; nothing else could end the exchange of two full neighbours. The recipient delivers a
/// message and does not carry it, and delivery takes no copy from who sprays. PRoPHETv2 looks at a
/// contact when it begins, and at a message when it arrives.
///
/// Nodes times messages must not exceed kCellsMax: a cell takes 2.4 bytes, 4.4 when spraying.
class InstantWorld {
 public:
  static constexpr std::uint64_t kCellsMax = std::uint64_t{1} << 31;

  /// Both must outlive the world. The plan names only nodes that the contacts have.
  InstantWorld(ContactSource& contacts, const MessagePlan& plan, const InstantRules& rules,
               const Recording& record = {});

  /// Plays all of it; once.
  RunResult run();

  /// For tests: what a node holds now, and when spraying of how many copies.
  bool holds(NodeIndex node, std::uint32_t message) const { return held_.test(node, message); }
  std::uint32_t copies(NodeIndex node, std::uint32_t message) const;
  std::uint64_t bytes_held(NodeIndex node) const { return nodes_[node].bytes; }

 private:
  struct Node {
    std::vector<NodeIndex> neighbours;  ///< in the order in which they came
    std::vector<std::uint32_t> addressed;  ///< messages to it that were written
    std::deque<std::uint32_t> received;    ///< what it took, oldest first; kept with a bound alone
    std::uint64_t bytes = 0;
  };
  struct Expiry {
    base::Time at;
    std::uint32_t message;
    bool operator>(const Expiry& other) const {
      return at != other.at ? at > other.at : message > other.message;
    }
  };
  struct Arrival {
    NodeIndex node;
    std::uint32_t message;
  };

  void change(const ContactChange& change);
  void write(std::uint32_t message);
  void expire(std::uint32_t message);
  void offer_all(NodeIndex from, NodeIndex to);
  void offer(NodeIndex from, NodeIndex to, std::uint32_t message);
  bool wants(NodeIndex from, NodeIndex to, std::uint32_t message) const;
  void deliver(NodeIndex from, std::uint32_t message);
  bool take(NodeIndex node, std::uint32_t message, std::uint16_t copies);
  bool make_room(NodeIndex node, std::uint32_t size_bytes);
  void forget(NodeIndex node, std::uint32_t message, CopyEnd how);
  void spread();
  RunMoment moment() const;
  void note_until(base::Time at);
  void parted(NodeIndex a, NodeIndex b);
  std::size_t cell(NodeIndex node, std::uint32_t message) const {
    return std::size_t{node} * plan_.size() + message;
  }

  ContactSource& contacts_;
  const MessagePlan& plan_;
  InstantRules rules_;
  base::Time now_{};
  std::vector<Node> nodes_;
  BitRows held_;
  BitRows refused_;  ///< a node has it, had it, or it was delivered there
  BitRows offered_;  ///< held, and offered to others than its recipient
  std::vector<std::uint16_t> hops_;
  std::vector<std::uint16_t> copies_;
  std::vector<Predictabilities> predictabilities_;
  std::priority_queue<Expiry, std::vector<Expiry>, std::greater<>> expiries_;
  std::vector<Arrival> arrivals_;
  std::size_t undelivered_;
  std::uint64_t copies_held_ = 0;
  std::uint64_t bytes_held_ = 0;
  Recorder recorder_;
  RunResult result_;
};

}  // namespace chaski::sim
