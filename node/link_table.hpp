// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "link/link.hpp"
#include "mesh-router/router.hpp"
#include "node/event_queue.hpp"
#include "node/link_preference.hpp"
#include "node/neighbour_talk.hpp"
#include "node/node.hpp"

namespace chaski::node {

/// All links of a node, from the first byte of the handshake to the last of the goodbye.
///
/// Rules:
///  1. At most links_max links, handshakes_max of them not yet authenticated; a quarter of the
///     latter is kept for links that we dialled. A handshake older than kHandshakePatience makes
///     room for a new one.
///  2. Of the links to one neighbour the one that carries_before() the others carries what we send;
///     what comes in is taken from every open link, so nothing is lost while the ends change over.
///  3. Duplicates on one transport are closed by one end only: see closes_duplicate().
///  4. The router learns of a link when it first carries, or when its first records arrive.
///  5. What two neighbours say to each other beside the router (NeighbourTalk) goes over the link
///     that carries, and is never given to the router of anybody.
///  6. Of a neighbour with more than one link, the one that carries is given up sooner when it is
///     silent (LinkTimers); another takes over.
///  7. A link asked to close that cannot say goodbye within kGoodbyePatience is closed without.
class LinkTable {
 public:
  static constexpr base::Duration kHandshakePatience = std::chrono::seconds(1);
  static constexpr base::Duration kGoodbyePatience = std::chrono::seconds(1);
  /// Open links to one neighbour: one a transport, and room for those about to be closed.
  static constexpr std::size_t kLinksPerNeighbourMax = 8;

  LinkTable(const NodeConfig& config, const link::NodeKey& key, base::Random& random,
            mesh_router::Router& router, EventQueue& events, NeighbourTalk& talk);

  /// What the transport says of a link.
  struct Medium {
    base::TransportKind kind;
    base::LinkRole role;
    std::size_t frame_size_max = 0;  ///< sealed
    std::uint64_t origin = 0;
  };
  bool open(base::LinkId id, const Medium& medium, base::Time now);
  void transport_closed(base::LinkId id, base::Time now);
  void receive(base::LinkId id, base::MutableByteView frame, base::Time now);
  std::size_t next_frame(base::LinkId id, base::MutableByteView out, base::Time now);
  /// Links that may have a frame; each call empties the list.
  std::vector<base::LinkId> ready();
  void close_all(link::CloseReason reason, base::Time now);

  std::optional<base::Time> next_wakeup() const { return wakeup_; }
  void wake(base::Time now);

  std::size_t handshakes() const { return handshakes_; }
  std::vector<NeighbourInfo> neighbours() const;
  /// Of each neighbour the link that carries.
  std::vector<TalkLink> carrying() const;
  const std::vector<std::pair<link::CloseReason, std::uint64_t>>& close_counts() const {
    return close_counts_;
  }

 private:
  struct Entry {
    base::LinkId id;
    LinkRank rank;
    link::Link link;
    std::size_t frame_size_max = 0;  ///< of the transport, sealed
    std::uint64_t origin = 0;        ///< of the transport, for the router
    std::size_t records_max = 0;     ///< plaintext of one frame to this peer
    base::Time opened{};
    bool neighbour = false;  ///< open and listed in neighbours_
    bool routed = false;     ///< the router knows it
    bool carrying = false;   ///< the first of its neighbour's links
    bool marked = false;     ///< in ready_
    std::optional<link::CloseReason> closing;
    base::Time goodbye_until{};
  };
  using Neighbour = std::vector<base::LinkId>;  ///< best first

  Entry* find(base::LinkId id);
  bool room_for_handshake(base::LinkRole role, base::Time now);
  /// Acts on what the link's state has become.
  void follow(Entry& entry, base::Time now);
  void opened(Entry& entry, base::Time now);
  void settle_duplicates(const link::NodePublicKey& peer, base::Time now);
  bool ensure_routed(Entry& entry, base::Time now);
  void start_carrying(const link::NodePublicKey& peer, base::Time now);
  void ask_close(Entry& entry, link::CloseReason reason, base::Time now);
  /// It leaves the router and its neighbour, but may still say goodbye.
  void detach(Entry& entry, base::Time now);
  void remove(Entry& entry, link::CloseReason reason, bool tell, base::Time now);
  void count(link::CloseReason reason);
  void mark(Entry& entry);
  static TalkLink talk_link(const Entry& entry);
  void carry(Entry& entry, bool carries);
  void hand_over(const Entry& entry, base::ByteView records);
  void lower_wakeup(const Entry& entry);

  const NodeConfig& config_;
  const link::NodeKey& key_;
  base::Random& random_;
  mesh_router::Router& router_;
  EventQueue& events_;
  NeighbourTalk& talk_;
  std::unordered_map<base::LinkId, Entry> links_;
  std::map<link::NodePublicKey, Neighbour> neighbours_;
  std::vector<base::LinkId> ready_;
  std::size_t handshakes_ = 0;
  std::uint64_t next_opened_ = 1;
  std::optional<base::Time> wakeup_;
  std::vector<std::pair<link::CloseReason, std::uint64_t>> close_counts_;
};

}  // namespace chaski::node
