// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reconcile/exchange.hpp"
#include "station.hpp"
#include "wire/records.hpp"

namespace chaski::mesh_router::test {

/// A neighbour that says what the test wants, record by record, to one station.
class Liar {
 public:
  Liar(Net& net, std::size_t victim, std::uint64_t name, std::size_t frame_size = 65'519,
       std::uint64_t origin = 0)
      : net_(net), victim_(victim), link_{1'000'000 + name}, frame_size_(frame_size) {
    LinkParameters parameters;
    parameters.frame_size_max = frame_size;
    parameters.origin = origin;
    up_ = net[victim].router().link_up(link_, name_of(1'000 + name), parameters, net.now);
  }
  bool up() const { return up_; }
  base::LinkId link() const { return link_; }
  void leave() { net_[victim_].router().link_down(link_, net_.now); }

  /// What the victim's router said to the frame.
  bool say(wire::RecordType type, base::ByteView payload) {
    base::Bytes frame(payload.size() + 8);
    wire::RecordWriter writer(frame);
    writer.add(type, payload);
    return say_frame(base::ByteView(frame).first(writer.size()));
  }
  bool say_frame(base::ByteView frame) {
    const base::Bytes exact(frame.begin(), frame.end());
    const bool ok = net_[victim_].router().receive(link_, exact, net_.now);
    net_[victim_].settle(net_.now);
    return ok;
  }
  bool carry(base::ByteView envelope, std::uint64_t age_ms = 0, std::uint8_t hops = 16) {
    const wire::CarryState state{age_ms, hops, 0};
    base::Bytes payload(wire::carried_size(state, envelope.size()));
    (void)wire::encode_carried({state, envelope}, payload);
    return say(wire::RecordType::envelope, payload);
  }
  /// Holds the whole exchange as one who has these ids and no others.
  void claim(std::span<const wire::EnvelopeId> ids) {
    std::vector<reconcile::ShortId> short_ids;
    for (const wire::EnvelopeId& id : ids) short_ids.push_back(short_id({}, id));
    claim_short(short_ids);
  }
  void claim_short(std::span<const reconcile::ShortId> ids) {
    reconcile::Exchange exchange(reconcile::Role::solver);
    for (const reconcile::ShortId id : ids) exchange.add(id);
    exchange.start();
    base::Bytes message(wire::kFrameSizeMax - 4);
    for (bool more = true; more;) {
      more = exchange.work();
      while (const std::size_t size = exchange.write(message)) {
        more = true;
        if (!say(wire::RecordType::reconcile, base::ByteView(message).first(size))) return;
      }
      for (auto& [type, payload] : hear_now()) {
        more = true;
        if (type == wire::RecordType::reconcile) {
          exchange.receive(payload);
        } else {
          heard_.emplace_back(type, std::move(payload));
        }
      }
    }
  }
  bool acknowledge(std::uint64_t upto) {
    std::array<std::uint8_t, 16> payload{};
    const std::size_t size = wire::encode_ack({upto}, payload);
    return say(wire::RecordType::ack, base::ByteView(payload).first(size));
  }
  bool refuse(std::uint64_t sequence, wire::RefuseReason reason) {
    std::array<std::uint8_t, 16> payload{};
    const std::size_t size = wire::encode_refuse({sequence, reason}, payload);
    return say(wire::RecordType::refuse, base::ByteView(payload).first(size));
  }
  /// Everything that the victim has to say now, record by record.
  std::vector<std::pair<wire::RecordType, base::Bytes>> hear() {
    auto heard = std::exchange(heard_, {});
    for (auto& record : hear_now()) heard.push_back(std::move(record));
    return heard;
  }
  /// Only the envelopes of it.
  std::vector<wire::EnvelopeId> hear_envelopes() {
    std::vector<wire::EnvelopeId> ids;
    for (const auto& [type, payload] : hear()) {
      if (type != wire::RecordType::envelope) continue;
      ids.push_back(wire::envelope_id(wire::decode_carried(payload)->envelope));
    }
    return ids;
  }

 private:
  std::vector<std::pair<wire::RecordType, base::Bytes>> hear_now() {
    std::vector<std::pair<wire::RecordType, base::Bytes>> heard;
    base::Bytes frame(frame_size_);
    Router& router = net_[victim_].router();
    for (;;) {
      const std::size_t size = router.next_frame(link_, frame, net_.now);
      if (size == 0) {
        const auto wakeup = router.next_wakeup();
        if (!wakeup || *wakeup > net_.now) return heard;
        router.wake(net_.now);
        continue;
      }
      wire::RecordReader reader(base::ByteView(frame).first(size));
      for (auto record = reader.next(); record && *record; record = reader.next()) {
        heard.emplace_back((*record)->type,
                           base::Bytes((*record)->payload.begin(), (*record)->payload.end()));
      }
    }
  }

  Net& net_;
  std::size_t victim_;
  base::LinkId link_;
  std::size_t frame_size_;
  bool up_ = false;
  std::vector<std::pair<wire::RecordType, base::Bytes>> heard_;
};

}  // namespace chaski::mesh_router::test
