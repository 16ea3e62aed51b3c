// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <queue>
#include <vector>

#include "sim/contacts/contact.hpp"
#include "sim/ideal/bit_rate_rules.hpp"
#include "sim/ideal/bit_rows.hpp"
#include "sim/ideal/message_buffer.hpp"
#include "sim/ideal/predictabilities.hpp"
#include "sim/ideal/recorder.hpp"
#include "sim/ideal/update_order.hpp"
#include "sim/results/run_result.hpp"
#include "sim/traffic/message_plan.hpp"

namespace chaski::sim {

/// One strategy over links of a plain bit rate, by The ONE's rules (docs/simulator/ideal.md).
///
/// The same contacts and messages give what The ONE gives, transfer by transfer: time is a double
/// that ticks are added to, orders are those of Java's collections and of its generator. Only nodes
/// whose situation changed are looked at: a look at another finds nothing to do. Nodes times
/// messages must not exceed kCellsMax.
class BitRateWorld {
 public:
  static constexpr std::uint64_t kCellsMax = std::uint64_t{1} << 34;  ///< 3 bits each: 6.5 GB

  /// Both must outlive the world. The plan names only nodes that the contacts have.
  BitRateWorld(ContactSource& contacts, const MessagePlan& plan, const BitRateRules& rules,
               const Recording& record = {});

  /// Plays all of it; once.
  RunResult run();

  /// For tests.
  const MessageBuffer& buffer(NodeIndex node) const { return nodes_[node].buffer; }
  bool transferring(NodeIndex node) const {
    return nodes_[node].sending != kNone || nodes_[node].links_busy > 0;
  }
  /// Copies of a message that are on their way: what their receiver will have.
  std::uint32_t copies_in_flight(std::uint32_t message) const;
  std::uint64_t looks() const { return looks_; }

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  enum class Answer : std::uint8_t { accepted, later, denied };

  struct Link {
    NodeIndex a = 0;
    NodeIndex b = 0;
    bool up = false;
    bool busy = false;  ///< something is on its way, even after the link went down
    NodeIndex sender = 0;
    HeldCopy copy;  ///< as the sender held it
    double done_s = 0;
    std::uint64_t serial = 0;  ///< of the transfer
    NodeIndex other(NodeIndex node) const { return node == a ? b : a; }
  };
  struct Node {
    MessageBuffer buffer;
    std::vector<std::uint32_t> links;      ///< up, in the order in which they came
    std::vector<std::uint32_t> addressed;  ///< messages to it that were written
    std::uint32_t sending = kNone;         ///< link on which it sends
    std::uint32_t links_busy = 0;          ///< of `links`
    bool late = false;     ///< with the check of lifetimes
    bool awaited = false;  ///< has a turn in this look, or in the next one
  };
  struct Turn {
    std::uint32_t place;
    NodeIndex node;
    bool operator>(const Turn& other) const { return place > other.place; }
  };
  struct TransferEnd {
    double at_s;
    std::uint32_t link;
    std::uint64_t serial;
    bool operator>(const TransferEnd& other) const {
      return at_s != other.at_s ? at_s > other.at_s : serial > other.serial;
    }
  };
  /// Of a node that is not late with it: who sends is.
  struct LifetimeCheck {
    double last_s;
    NodeIndex node;
    bool operator>(const LifetimeCheck& other) const {
      return last_s != other.last_s ? last_s > other.last_s : node > other.node;
    }
  };
  struct Offer {
    HeldCopy copy;
    std::uint32_t link;
    double likelihood;  ///< of PRoPHETv2: that who is offered it meets the recipient
  };

  // bit_rate_world.cpp: time, contacts, messages
  bool next_event(double until_s);
  void connect(NodeIndex a, NodeIndex b);
  void disconnect(NodeIndex a, NodeIndex b);
  void write(std::uint32_t message);
  void look();
  void look_at(NodeIndex node);
  bool anything_to_do();
  double next_moment_s() const;
  void await(NodeIndex node);
  void await_around(NodeIndex node);
  void check_lifetimes(NodeIndex node);
  bool check_due(double last_s) const;
  void let_checks_in();
  std::int64_t second() const;
  base::Time now() const;
  void go_on_to(double s);
  void parted(const Link& link);
  RunMoment moment(base::Time at) const;

  // bit_rate_transfers.cpp: what begins, ends, is dropped
  Answer start(NodeIndex from, std::uint32_t link, const HeldCopy& copy);
  bool transferred(const Link& link) const;
  void finish_sending(NodeIndex node);
  void arrive(const Link& link);
  void release(std::uint32_t link);
  bool make_room(NodeIndex node, std::uint64_t size_bytes);
  void erase(NodeIndex node, const HeldCopy& copy, CopyEnd how);
  bool expired(std::uint32_t message) const;

  // bit_rate_offers.cpp: what is offered to whom, in which order
  void offer_something(NodeIndex node);
  bool offer_deliverable(NodeIndex node);
  bool ask_for_deliverable(NodeIndex node);
  bool give_deliverable(NodeIndex node, std::uint32_t link);
  void offer_to_all(NodeIndex node);
  void offer_likelier(NodeIndex node);
  bool offers(const HeldCopy& copy, NodeIndex node) const;
  std::optional<mesh_router::Withheld> why_not(NodeIndex from, NodeIndex to, std::uint32_t message,
                                               const Link& link);
  bool misses_anything(NodeIndex other, NodeIndex node) const;
  bool misses_something(NodeIndex other, NodeIndex node) const;
  template <class Item>
  void order_by_queue(std::vector<Item>& items) const;

  ContactSource& contacts_;
  const MessagePlan& plan_;
  BitRateRules rules_;
  double now_s_ = 0;
  std::optional<ContactChange> next_change_;
  std::uint32_t next_message_ = 0;
  std::vector<std::uint32_t> hashes_;  ///< of names, by message
  std::vector<Node> nodes_;
  std::vector<Link> links_;
  std::vector<std::uint32_t> free_links_;
  BitRows held_;
  BitRows refused_;  ///< a node has it, or it was delivered there
  BitRows carried_;  ///< ever
  std::vector<Predictabilities> predictabilities_;
  UpdateOrder order_;
  std::priority_queue<Turn, std::vector<Turn>, std::greater<>> turns_;
  std::vector<NodeIndex> next_turns_;  ///< at the next look
  std::uint32_t turn_ = 0;             ///< place of who is looked at
  bool looking_ = false;
  std::priority_queue<TransferEnd, std::vector<TransferEnd>, std::greater<>> ends_;
  std::uint64_t next_serial_ = 0;
  std::priority_queue<LifetimeCheck, std::vector<LifetimeCheck>, std::greater<>> checks_;
  double check_interval_s_;
  std::uint64_t looks_ = 0;
  std::vector<Offer> offers_;
  std::vector<HeldCopy> queue_;
  std::uint64_t delivered_ = 0;
  Recorder recorder_;
  RunResult result_;
};

}  // namespace chaski::sim
