// SPDX-License-Identifier: Apache-2.0
#pragma once

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
  bool list(std::span<const wire::EnvelopeId> ids, bool last) {
    base::Bytes payload(wire::id_list_size_max(ids.size()));
    const auto size = wire::encode_id_list(last, ids, payload);
    return say(wire::RecordType::id_list, base::ByteView(payload).first(*size));
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
    std::vector<std::pair<wire::RecordType, base::Bytes>> heard;
    base::Bytes frame(frame_size_);
    for (;;) {
      const std::size_t size = net_[victim_].router().next_frame(link_, frame, net_.now);
      if (size == 0) return heard;
      wire::RecordReader reader(base::ByteView(frame).first(size));
      for (auto record = reader.next(); record && *record; record = reader.next()) {
        heard.emplace_back((*record)->type,
                           base::Bytes((*record)->payload.begin(), (*record)->payload.end()));
      }
    }
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
  Net& net_;
  std::size_t victim_;
  base::LinkId link_;
  std::size_t frame_size_;
  bool up_ = false;
};

}  // namespace chaski::mesh_router::test
