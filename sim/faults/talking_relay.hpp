// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "link/link.hpp"
#include "mesh-router/memory_envelope_store.hpp"
#include "mesh-router/router.hpp"
#include "sim/world/actor.hpp"
#include "wire/records.hpp"

namespace chaski::sim {

/// A record of a frame that somebody may look at, or tamper with.
struct SpokenRecord {
  wire::RecordType type{};
  base::Bytes payload;
};

/// What a TalkingRelay does beside what a relay does.
struct RelayManner {
  using Records = std::vector<SpokenRecord>;
  /// Somebody's link proved who is there; it is over.
  std::function<void(base::LinkId, const link::NodePublicKey&, base::Time)> meets;
  std::function<void(base::LinkId)> parts;
  /// What came, before the router has it; may be changed.
  std::function<void(base::LinkId, Records&, base::Time)> hears;
  /// What goes, after the router said it; may be changed. `room`: bytes of the frame.
  std::function<void(base::LinkId, Records&, std::size_t room, base::Time)> says;
  /// Envelopes of its own, `writes()` each `writes_every`.
  std::function<base::Bytes()> writes;
  base::Duration writes_every{};
};

struct RelaySetup {
  std::uint64_t seed = 1;
  std::uint64_t store_bytes_max = 64u << 20;
  base::Time now{};
};

/// The production router behind production links, without a person: a relay whose owner may look at
/// what passes and change it.
class TalkingRelay final : public Actor {
 public:
  /// What became of the envelopes of its own.
  struct Written {
    std::uint64_t written = 0;
    std::uint64_t not_written = 0;  ///< its own router refused
    std::uint64_t taken = 0;        ///< times that a neighbour took custody of one
    std::uint64_t refused = 0;      ///< times that one refused
  };

  TalkingRelay(const RelaySetup& setup, RelayManner manner);
  ~TalkingRelay() override;

  const Written& written() const { return written_; }
  const mesh_router::Router& router() const { return router_; }

  void set_sink(EventSink sink) override { sink_ = std::move(sink); }
  std::array<std::uint64_t, 2> held_sum() const override { return router_.held_sum(); }
  bool link_opened(base::LinkId link, base::TransportKind kind, base::LinkRole role,
                   std::size_t frame_size_max, base::Time now) override;
  void link_closed(base::LinkId link, base::Time now) override;
  void receive(base::LinkId link, base::MutableByteView frame, base::Time now) override;
  std::size_t next_frame(base::LinkId link, base::MutableByteView out, base::Time now) override;
  std::vector<base::LinkId> ready_links() override;
  std::vector<base::LinkId> closed_links() override;
  bool settle(base::Time now) override;
  std::optional<base::Time> next_wakeup() const override;
  void wake(base::Time now) override;
  bool idle() const override;

 private:
  struct Hop {
    explicit Hop(link::Link link_in) : link(std::move(link_in)) {}
    link::Link link;
    base::LinkRole role{};
    std::size_t records_max = 0;
    bool routed = false;
  };
  void follow(base::LinkId id, Hop& hop, base::Time now);
  void end(base::LinkId id, Hop& hop, base::Time now);
  void write(base::Time now);
  std::size_t tampered(base::LinkId id, base::MutableByteView frame, std::size_t size,
                       std::size_t room, base::Time now);

  base::SeededRandom random_;
  link::NodeKey key_;
  mesh_router::MemoryEnvelopeStore store_;
  mesh_router::Router router_;
  RelayManner manner_;
  std::map<base::LinkId, std::unique_ptr<Hop>> hops_;
  std::vector<base::LinkId> ready_;
  std::vector<base::LinkId> closed_;
  std::optional<base::Time> write_at_;
  EventSink sink_;
  Written written_;
};

}  // namespace chaski::sim
