// SPDX-License-Identifier: Apache-2.0
#include "station.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace chaski::mesh_router::test {

Message make_message_for(base::Random& random, const wire::DeliveryTag& tag,
                         const MessageShape& shape) {
  Message message;
  message.tag = tag;
  message.token = random.bytes<wire::ReceiptToken>();
  message.lifetime_s = shape.lifetime_s;
  base::Bytes body(std::max<std::size_t>(shape.body_size, 16));
  random.fill(body);
  std::copy(message.token.bytes.begin(), message.token.bytes.end(), body.begin());
  wire::EnvelopeFields fields;
  fields.priority = shape.priority;
  fields.lifetime_s = shape.lifetime_s;
  fields.tag = tag;
  fields.commitment = wire::commit(message.token);
  fields.body = body;
  message.bytes = wire::encode_envelope(fields);
  message.id = wire::envelope_id(message.bytes);
  return message;
}

Message make_message(base::Random& random, const MessageShape& shape) {
  return make_message_for(random, random.bytes<wire::DeliveryTag>(), shape);
}

std::pair<Message, Message> ground_pair() {
  const auto make = [](std::uint64_t nonce) {
    Message message;
    message.tag.bytes.fill(7);
    message.token.bytes.fill(7);
    message.lifetime_s = 14 * 24 * 3'600;
    base::Bytes body(message.token.bytes.begin(), message.token.bytes.end());
    for (int i = 0; i < 8; ++i) body.push_back(static_cast<std::uint8_t>(nonce >> (8 * i)));
    wire::EnvelopeFields fields;
    fields.lifetime_s = message.lifetime_s;
    fields.tag = message.tag;
    fields.commitment = wire::commit(message.token);
    fields.body = body;
    message.bytes = wire::encode_envelope(fields);
    message.id = wire::envelope_id(message.bytes);
    return message;
  };
  return {make(0x942027), make(0x12E58B2)};
}

base::Bytes make_receipt(const wire::EnvelopeId& id, const wire::ReceiptToken& token,
                         std::uint32_t lifetime_s) {
  wire::EnvelopeFields fields;
  fields.kind = wire::EnvelopeKind::receipt;
  fields.lifetime_s = lifetime_s;
  const base::Bytes body = wire::encode_receipt_body({id, token});
  fields.body = body;
  return wire::encode_envelope(fields);
}

Claim Person::on_envelope(const wire::EnvelopeId& id, const wire::EnvelopeFields& envelope,
                          const wire::CarryState& state, base::Time) {
  ++asked;
  if (!tags.contains(envelope.tag)) return Claim::not_ours;
  ++inbox[id];
  const auto token = wire::ReceiptToken::from(envelope.body.first(wire::ReceiptToken::kSize));
  unanswered.push_back({{id, *token}, envelope.lifetime_s, state.age_ms});
  return Claim::consumed;
}

Station::Station(std::uint64_t seed, const RouterLimits& limits, std::uint64_t store_bytes)
    : store(store_bytes), random_(seed), limits_(limits), durable_store_(store_bytes) {
  router_ = std::make_unique<Router>(limits_, store, &person, random_, at(1h));
}

void Station::drain(base::Time now) {
  for (const auto& answer : std::exchange(person.unanswered, {})) {
    router_->publish_receipt(answer.receipt, answer.lifetime_s, answer.age_ms, now);
  }
  while (const auto event = router_->next_event()) log.push_back(*event);
}

void Station::commit(base::Time now) {
  if (keeps_disk) {
    durable_store_ = store;
    durable_person_ = person;
  }
  router_->committed(now);
}

void Station::settle(base::Time now) {
  drain(now);
  if (router_->dirty()) commit(now);
  drain(now);
}

void Station::crash(base::Time now) {
  CHASKI_ASSERT(keeps_disk);
  const bool accepts = store.accepts();
  store = durable_store_;
  store.set_accepts(accepts);
  person = durable_person_;
  router_ = std::make_unique<Router>(limits_, store, &person, random_, now);
}

wire::EnvelopeId Station::send(const Message& message, base::Time now, std::uint8_t hops) {
  wire::CarryState state;
  state.hops_left = hops;
  const auto id = router_->submit(message.bytes, state, now);
  CHASKI_ASSERT(id.has_value());
  settle(now);
  return *id;
}

bool Station::delivered(const wire::EnvelopeId& id) const {
  const auto all = events<DeliveredEvent>();
  return std::any_of(all.begin(), all.end(),
                     [&](const DeliveredEvent& event) { return event.id == id && event.local; });
}

NeighbourId name_of(std::size_t station) {
  NeighbourId id;
  id.bytes[0] = static_cast<std::uint8_t>(station);
  id.bytes[1] = static_cast<std::uint8_t>(station >> 8);
  id.bytes[31] = 1;
  return id;
}

Station& Net::add(const RouterLimits& limits, std::uint64_t store_bytes) {
  stations_.push_back(std::make_unique<Station>(random.next_u64(), limits, store_bytes));
  return *stations_.back();
}

void Net::connect(std::size_t a, std::size_t b, std::size_t frame_size) {
  const base::LinkId id{next_link_++};
  const auto salt = guessed_salt_.value_or(random.bytes<ShortIdSalt>());
  guessed_salt_.reset();
  const LinkParameters ours{frame_size, base::LinkRole::initiator, salt};
  const LinkParameters theirs{frame_size, base::LinkRole::responder, salt};
  const bool a_up = stations_[a]->router().link_up(id, name_of(b), ours, now);
  const bool b_up = stations_[b]->router().link_up(id, name_of(a), theirs, now);
  CHASKI_ASSERT(a_up && b_up);
  links_.push_back({a, b, frame_size, id});
}

std::optional<Net::Link> Net::find(std::size_t a, std::size_t b) const {
  for (const Link& link : links_) {
    if ((link.a == a && link.b == b) || (link.a == b && link.b == a)) return link;
  }
  return std::nullopt;
}

bool Net::connected(std::size_t a, std::size_t b) const { return find(a, b).has_value(); }
base::LinkId Net::link(std::size_t a, std::size_t b) const { return find(a, b)->id; }

void Net::disconnect(std::size_t a, std::size_t b) {
  const auto link = find(a, b);
  if (!link) return;
  stations_[a]->router().link_down(link->id, now);
  stations_[b]->router().link_down(link->id, now);
  std::erase_if(links_, [&](const Link& other) { return other.id == link->id; });
}

void Net::disconnect_all(std::size_t a) {
  for (std::size_t b = 0; b < size(); ++b) disconnect(a, b);
}

void Net::suspend(std::size_t a) {
  auto& dead = asleep_[a];
  for (const Link& link : links_) {
    if (link.a != a && link.b != a) continue;
    stations_[link.a == a ? link.b : link.a]->router().link_down(link.id, now);
    dead.push_back(link.id);
  }
  std::erase_if(links_, [a](const Link& link) { return link.a == a || link.b == a; });
}

void Net::resume(std::size_t a) {
  for (const base::LinkId link : asleep_[a]) stations_[a]->router().link_down(link, now);
  asleep_.erase(a);
  stations_[a]->router().wake(now);
}

void Net::crash(std::size_t a) {
  disconnect_all(a);
  stations_[a]->crash(now);
}

/// The frame after a liar had its way with its records.
base::Bytes tampered(base::ByteView frame, const std::function<void(std::vector<Said>&)>& tamper) {
  std::vector<Said> records;
  wire::RecordReader reader(frame);
  for (auto record = reader.next(); record && *record; record = reader.next()) {
    records.push_back({(*record)->type, {(*record)->payload.begin(), (*record)->payload.end()}});
  }
  tamper(records);
  std::size_t size = 0;
  for (const Said& said : records) size += said.payload.size() + 8;
  base::Bytes out(size);
  wire::RecordWriter writer(out);
  for (const Said& said : records) CHASKI_ASSERT(writer.add(said.type, said.payload));
  out.resize(writer.size());
  return out;
}

bool Net::move_one(const Link& link, bool from_a) {
  Station& from = *stations_[from_a ? link.a : link.b];
  Station& to = *stations_[from_a ? link.b : link.a];
  base::Bytes frame(link.frame_size);
  const std::size_t size = from.router().next_frame(link.id, frame, now);
  if (size == 0) return false;
  ++frames;
  // As long as the frame, so that a look behind its end is found.
  base::Bytes exact(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size));
  if (from.says) exact = tampered(exact, from.says);
  if (to.hears) exact = tampered(exact, to.hears);
  if (!to.router().receive(link.id, exact, now)) {
    link_broken = true;
    disconnect(link.a, link.b);
    return true;
  }
  to.drain(now);
  if (commit_at_once) to.settle(now);
  return true;
}

void Net::pump() {
  for (bool moved = true; moved;) {
    moved = false;
    const std::vector<Link> links = links_;
    for (const Link& link : links) {
      for (const bool from_a : {true, false}) {
        if (connected(link.a, link.b) && move_one(link, from_a)) moved = true;
      }
    }
    for (const auto& station : stations_) {
      const auto wakeup = station->router().next_wakeup();
      if (wakeup && *wakeup <= now) {
        station->router().wake(now);
        moved = true;
      }
      if (commit_at_once) station->settle(now);
    }
  }
}

bool Net::step() {
  if (links_.empty()) return false;
  const std::size_t first = static_cast<std::size_t>(random.below(links_.size() * 2));
  for (std::size_t i = 0; i < links_.size() * 2; ++i) {
    const std::size_t index = (first + i) % (links_.size() * 2);
    if (move_one(Link{links_[index / 2]}, index % 2 == 0)) return true;
  }
  return false;
}

void Net::run(base::Duration duration) {
  const base::Time end = now + duration;
  for (;;) {
    pump();
    base::Time next = end;
    for (const auto& station : stations_) {
      const auto wakeup = station->router().next_wakeup();
      if (wakeup) next = std::min(next, std::max(*wakeup, now + 1us));
    }
    if (next >= end) break;
    now = next;
  }
  now = end;
  pump();
}

}  // namespace chaski::mesh_router::test
