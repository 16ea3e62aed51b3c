// SPDX-License-Identifier: Apache-2.0
// The input drives one router: what several neighbours say, when the owner commits, when the disk
// is full, how time passes, and crashes. After every step the router's promises are checked.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>

#include "mesh-router/memory_envelope_store.hpp"
#include "mesh-router/router.hpp"
#include "reconcile/exchange.hpp"
#include "wire/offer.hpp"
#include "wire/records.hpp"

namespace {

using namespace chaski;
using namespace std::chrono_literals;

void require(bool holds) {
  if (!holds) std::abort();
}

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(data, size) {}
  bool empty() const { return rest_.empty(); }
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const std::uint8_t value = rest_[0];
    rest_ = rest_.subspan(1);
    return value;
  }
  base::ByteView bytes(std::size_t size) {
    const base::ByteView taken = rest_.first(std::min(size, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }

 private:
  base::ByteView rest_;
};

/// Reads whatever has an even first byte in its tag.
class EvenReader final : public mesh_router::Recipient {
 public:
  mesh_router::Claim on_envelope(const wire::EnvelopeId& id, const wire::EnvelopeFields& fields,
                                 const wire::CarryState&, base::Time) override {
    if (fields.tag.bytes[0] % 2 != 0) return mesh_router::Claim::not_ours;
    require(read.insert(id).second);  // once, and never twice
    wire::ReceiptToken token;
    token.bytes[0] = fields.body[0];
    unanswered.push_back({id, token});
    return mesh_router::Claim::consumed;
  }
  std::set<wire::EnvelopeId> read;
  std::vector<wire::ReceiptBody> unanswered;
};

constexpr std::uint64_t kLinks = 4;
constexpr std::size_t kEnvelopesMax = 40;

class World {
 public:
  explicit World(Input input) : input_(input) {
    wire::EnvelopeFields fields;
    const base::Bytes body(17'000, 5);
    fields.lifetime_s = 1'000;
    fields.tag.bytes[0] = 1;
    fields.commitment.bytes[0] = 1;
    fields.body = body;
    large_ = wire::encode_envelope(fields);
    large_id_ = wire::envelope_id(large_);
    start();
  }
  void run() {
    while (!input_.empty()) {
      step();
      check();
    }
  }

 private:
  void start() {
    mesh_router::RouterLimits limits;
    limits.envelopes_max = kEnvelopesMax;
    limits.seen_ids_max = 1'000'000;
    limits.unverified_receipts_max = 10;
    limits.window_envelopes = 8;
    limits.window_bytes = 2'000;
    limits.events_max = 32;
    limits.partial_bytes_max = 20'000;
    router_.emplace(limits, store_, &reader_, random_, now_);
  }

  void step() {
    const std::uint8_t action = input_.byte();
    const base::LinkId link{1u + action / 16 % kLinks};
    switch (action % 16) {
      case 0: case 1: case 2: return say(link, input_.bytes(input_.byte()));
      case 3: case 4: return say_envelope(link);
      case 5: return say_receipt(link);
      case 6: return hear(link);
      case 7: return up(link);
      case 8: return down(link);
      case 9: return commit();
      case 10: store_.set_accepts(input_.byte() % 4 != 0); return;
      case 11:
        now_ += std::chrono::milliseconds(input_.byte() * input_.byte() * 16);
        router_->wake(now_);
        return;
      case 12: return submit();
      case 13: return crash();
      case 14: return say_answer(link);
      default: return say_reconcile(link);
    }
  }

  void up(base::LinkId link) {
    mesh_router::NeighbourId id;
    id.bytes[0] = static_cast<std::uint8_t>(link.value % 3);  // two of them are one neighbour
    const std::size_t frame = 64u + input_.byte() * 4u;
    const auto role = link.value % 2 == 0 ? base::LinkRole::initiator : base::LinkRole::responder;
    if (!router_->link_up(link, id, {frame, role, {}}, now_)) return;
    up_.insert(link.value);
    auto& exchange =
        exchanges_
            .emplace(link.value, role == base::LinkRole::initiator ? reconcile::Role::solver
                                                                   : reconcile::Role::teller)
            .first->second;
    for (std::uint8_t ids = input_.byte() % 8; ids > 0; --ids) exchange.add(1u + input_.byte());
    exchange.add(mesh_router::short_id({}, last_.envelope));
    exchange.start();
  }
  void down(base::LinkId link) {
    router_->link_down(link, now_);
    up_.erase(link.value);
    exchanges_.erase(link.value);
  }
  void say(base::LinkId link, base::ByteView records) {
    const base::Bytes exact(records.begin(), records.end());
    if (!router_->receive(link, exact, now_)) down(link);
    answer();
  }
  void say_record(base::LinkId link, wire::RecordType type, base::ByteView payload) {
    base::Bytes frame(payload.size() + 8);
    wire::RecordWriter writer(frame);
    require(writer.add(type, payload));
    say(link, base::ByteView(frame).first(writer.size()));
  }
  base::Bytes envelope() {
    wire::EnvelopeFields fields;
    base::Bytes body(1u + input_.byte() * 2u, input_.byte());
    wire::ReceiptToken token;
    token.bytes[0] = body[0];
    fields.priority = static_cast<wire::Priority>(input_.byte() % 3);
    fields.lifetime_s = 1u + input_.byte() * 20u;
    fields.tag.bytes[0] = input_.byte();
    fields.tag.bytes[1] = 1;
    fields.commitment = wire::commit(token);
    fields.body = body;
    const base::Bytes bytes = wire::encode_envelope(fields);
    last_ = {wire::envelope_id(bytes), token};
    return bytes;
  }
  void carry(base::LinkId link, base::ByteView bytes) {
    const wire::CarryState state{std::uint64_t{input_.byte()} * 100,
                                 static_cast<std::uint8_t>(input_.byte() % 65), 0};
    base::Bytes payload(wire::carried_size(state, bytes.size()));
    require(wire::encode_carried({state, bytes}, payload).has_value());
    say_record(link, wire::RecordType::envelope, payload);
  }
  void say_envelope(base::LinkId link) { carry(link, envelope()); }
  void say_receipt(base::LinkId link) {
    wire::ReceiptBody receipt = last_;
    receipt.token.bytes[0] = static_cast<std::uint8_t>(receipt.token.bytes[0] + input_.byte() % 3);
    wire::EnvelopeFields fields;
    fields.kind = wire::EnvelopeKind::receipt;
    fields.lifetime_s = 1'000;
    const base::Bytes body = wire::encode_receipt_body(receipt);
    fields.body = body;
    carry(link, wire::encode_envelope(fields));
  }
  void say_answer(base::LinkId link) {
    std::array<std::uint8_t, 16> payload{};
    const std::uint64_t number = input_.byte() % 16;
    const std::uint8_t kind = input_.byte() % 6;
    if (kind == 0) {
      const std::size_t size = wire::encode_ack({number}, payload);
      say_record(link, wire::RecordType::ack, base::ByteView(payload).first(size));
    } else if (kind == 1) {
      const auto reason = static_cast<wire::RefuseReason>(1 + input_.byte() % 5);
      const std::size_t size = wire::encode_refuse({number + 1, reason}, payload);
      say_record(link, wire::RecordType::refuse, base::ByteView(payload).first(size));
    } else if (kind == 2) {
      say_record(link, wire::RecordType::ready, {});
    } else if (kind == 3) {
      const std::size_t size = wire::encode_resume(
          {static_cast<std::uint32_t>(number), input_.byte() * 300u}, payload);
      say_record(link, wire::RecordType::resume, base::ByteView(payload).first(size));
    } else {
      kind == 4 ? say_offer(link) : say_rest(link, static_cast<std::uint32_t>(number));
    }
  }
  void say_offer(base::LinkId link) {
    std::array<std::uint8_t, wire::kOfferSizeMax> payload{};
    wire::Offer offer;
    offer.transfer = input_.byte() % 8;
    offer.id = input_.byte() % 2 == 0 ? large_id_ : last_.envelope;
    if (offer.id.is_zero()) return;
    offer.size = static_cast<std::uint32_t>(large_.size());
    offer.state.hops_left = 3;
    const std::size_t size = wire::encode_offer(offer, payload);
    say_record(link, wire::RecordType::offer, base::ByteView(payload).first(size));
  }
  /// A piece of the large envelope, true or not quite, where it should go on or elsewhere.
  void say_rest(base::LinkId link, std::uint32_t transfer) {
    const std::uint32_t from = input_.byte() * 100u;
    const std::uint32_t offset = input_.byte() * 100u;
    if (from + offset >= large_.size()) return;
    const auto total = static_cast<std::uint32_t>(large_.size() - from);
    base::Bytes piece(large_.begin() + from + offset, large_.end());
    piece.resize(std::min<std::size_t>(piece.size(), 100u * (1u + input_.byte())));
    if (input_.byte() % 8 == 0) piece[0] ^= 1;
    base::Bytes payload(piece.size() + 32);
    const auto size =
        wire::encode_fragment({transfer, offset, total, wire::RecordType::rest, piece}, payload);
    require(size.has_value());
    say_record(link, wire::RecordType::fragment, base::ByteView(payload).first(*size));
  }
  /// What an honest neighbour with some ids would say next in the exchange, or a part of it.
  void say_reconcile(base::LinkId link) {
    const auto found = exchanges_.find(link.value);
    if (found == exchanges_.end()) return;
    while (found->second.work()) {
    }
    base::Bytes message(1u + input_.byte());
    message.resize(found->second.write(message));
    if (!message.empty()) say_record(link, wire::RecordType::reconcile, message);
  }
  void hear(base::LinkId link) {
    base::Bytes frame(64u + input_.byte() * 4u);
    const std::size_t size = router_->next_frame(link, frame, now_);
    require(size <= frame.size());
    wire::RecordReader reader(base::ByteView(frame).first(size));
    for (auto record = reader.next();; record = reader.next()) {
      require(record.has_value());
      if (!*record) return;
      const auto exchange = exchanges_.find(link.value);
      if ((*record)->type == wire::RecordType::reconcile && exchange != exchanges_.end()) {
        (void)exchange->second.receive((*record)->payload);
      }
      if ((*record)->type == wire::RecordType::offer) {
        const auto offer = wire::decode_offer((*record)->payload);
        require(offer && committed_.contains(offer->id));
      }
      // Nothing leaves before it is committed.
      if ((*record)->type != wire::RecordType::envelope) continue;
      const auto carried = wire::decode_carried((*record)->payload);
      require(carried.has_value());
      require(committed_.contains(wire::envelope_id(carried->envelope)));
    }
  }
  void submit() {
    wire::CarryState state;
    state.hops_left = input_.byte() % 65;
    (void)router_->submit(envelope(), state, now_);
  }
  void answer() {
    for (const wire::ReceiptBody& receipt : std::exchange(reader_.unanswered, {})) {
      router_->publish_receipt(receipt, 1'000, 0, now_);
    }
  }
  void commit() {
    durable_ = store_;
    durable_read_ = reader_.read;
    store_.for_each([this](mesh_router::StoreKey, const mesh_router::EnvelopeRecord& record) {
      committed_.insert(record.id);
    });
    router_->committed(now_);
    require(!router_->dirty());
  }
  void crash() {
    const bool accepts = store_.accepts();
    store_ = durable_;
    store_.set_accepts(accepts);
    reader_.read = durable_read_;
    reader_.unanswered.clear();
    up_.clear();
    exchanges_.clear();
    start();
  }
  void check() {
    std::size_t events = 0;
    while (router_->next_event()) ++events;
    require(events <= 64);
    const auto usage = router_->usage();
    require(usage.envelopes <= kEnvelopesMax);
    require(usage.bytes <= usage.bytes_max);
    const auto neighbours = router_->neighbours();
    require(neighbours.size() == up_.size());
    for (const auto& status : neighbours) require(status.unacknowledged <= 8 + 4);
    std::size_t held = 0;
    store_.for_each([&](mesh_router::StoreKey, const mesh_router::EnvelopeRecord& record) {
      require(router_->holds(record.id));
      require(!reader_.read.contains(record.id));
      ++held;
    });
    require(held == usage.envelopes);
    (void)router_->next_wakeup();
    for (const base::LinkId link : router_->ready_links()) require(up_.contains(link.value));
  }

  Input input_;
  base::SeededRandom random_{1};
  base::Time now_ = base::Time{} + 1h;
  mesh_router::MemoryEnvelopeStore store_{20'000};
  mesh_router::MemoryEnvelopeStore durable_{20'000};
  EvenReader reader_;
  std::set<wire::EnvelopeId> durable_read_;
  std::set<wire::EnvelopeId> committed_;
  std::set<std::uint64_t> up_;
  std::map<std::uint64_t, reconcile::Exchange> exchanges_;
  wire::ReceiptBody last_;
  base::Bytes large_;
  wire::EnvelopeId large_id_;
  std::optional<mesh_router::Router> router_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  World(Input(data, size)).run();
  return 0;
}
