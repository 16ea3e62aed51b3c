// SPDX-License-Identifier: Apache-2.0
#include "base/hex.hpp"
#include "tools/vectors/page.hpp"
#include "tools/vectors/pieces.hpp"
#include "wire/envelope.hpp"
#include "wire/offer.hpp"
#include "wire/records.hpp"
#include "wire/stamp.hpp"

namespace chaski::vectors {

namespace {

using base::Bytes;
using base::ByteView;
using base::to_hex;

constexpr std::string_view kEnvelopeNames[] = {"version", "kind",       "priority", "lifetime_s",
                                               "tag",     "commitment", "stamp",    "body"};
constexpr std::string_view kCarriedNames[] = {"age_ms", "hops_left", "copies", "envelope"};
constexpr std::string_view kFragmentNames[] = {"transfer", "offset", "total", "type", "data"};
constexpr std::string_view kAckNames[] = {"upto"};
constexpr std::string_view kRefuseNames[] = {"sequence", "reason"};
constexpr std::string_view kOfferNames[] = {"transfer", "id",        "size",
                                            "age_ms",   "hops_left", "copies"};
constexpr std::string_view kResumeNames[] = {"transfer", "offset"};
constexpr std::string_view kIdsNames[] = {"ids"};

/// What the examples share: a sealed envelope, its token and the receipt that answers it.
struct Story {
  wire::ReceiptToken token;
  wire::EnvelopeFields fields;
  Bytes body;
  Bytes envelope;
  wire::EnvelopeId id;
  Bytes receipt;

  explicit Story(base::Random& random)
      : token(random.bytes<wire::ReceiptToken>()), body(random_bytes(random, 160)) {
    fields.lifetime_s = 7 * 24 * 3600;
    fields.tag = random.bytes<wire::DeliveryTag>();
    fields.commitment = wire::commit(token);
    fields.body = body;
    envelope = wire::encode_envelope(fields);
    id = wire::envelope_id(envelope);
    const Bytes receipt_body = wire::encode_receipt_body({id, token});
    wire::EnvelopeFields answer;
    answer.kind = wire::EnvelopeKind::receipt;
    answer.lifetime_s = fields.lifetime_s;
    answer.body = receipt_body;
    receipt = wire::encode_envelope(answer);
  }
};

Vector commitment(const Story& story) {
  return {"commitment",
          "the commitment to a receipt token",
          {{"token", to_hex(story.token.view())},
           {"commitment", to_hex(story.fields.commitment.view())}},
          {}};
}

Vector envelope(const Story& story) {
  return {"envelope",
          "a sealed envelope of the smallest padding class",
          {{"size", story.envelope.size()}, {"id", to_hex(story.id.view())}},
          field_pieces(story.envelope, kEnvelopeNames)};
}

Vector receipt(const Story& story) {
  return {"receipt",
          "the receipt that answers it: the body is the id and the token",
          {{"size", story.receipt.size()},
           {"id", to_hex(wire::envelope_id(story.receipt).view())}},
          field_pieces(story.receipt, kEnvelopeNames)};
}

Bytes carried_bytes(const wire::CarryState& state, ByteView envelope_bytes) {
  Bytes out(wire::carried_size(state, envelope_bytes.size()));
  wire::encode_carried({state, envelope_bytes}, out).value();
  return out;
}

Vector carried(const Story& story) {
  const wire::CarryState state{90'500, 9, 13};
  return {"carried",
          "the receipt on its way: carried for 90.5 s, 9 hops left, 13 copies",
          {{"age_ms", state.age_ms}, {"hops_left", state.hops_left}, {"copies", state.copies}},
          field_pieces(carried_bytes(state, story.receipt), kCarriedNames)};
}

/// A record of 70 bytes for a link that takes 64: two frames.
std::vector<Vector> fragments(const Story& story) {
  const Bytes whole = carried_bytes({90'500, 9, 13}, ByteView(story.receipt));
  std::vector<Vector> out;
  Bytes frame(64);
  for (std::size_t at = 0; at < whole.size();) {
    wire::RecordWriter writer(frame);
    const std::size_t room = wire::fragment_data_room(writer.payload_room());
    const ByteView data = ByteView(whole).subspan(at, std::min(room, whole.size() - at));
    Bytes payload(64);
    payload.resize(wire::encode_fragment({3, static_cast<std::uint32_t>(at),
                                          static_cast<std::uint32_t>(whole.size()),
                                          wire::RecordType::envelope, data},
                                         payload)
                       .value());
    writer.add(wire::RecordType::fragment, payload);
    ByteView rest = ByteView(frame).first(writer.size());
    const std::string means = "record: fragment, " + std::to_string(payload.size()) + " bytes";
    std::vector<Piece> pieces{cut(rest, writer.size() - payload.size(), means)};
    for (Piece& piece : field_pieces(rest, kFragmentNames)) pieces.push_back(std::move(piece));
    const std::string number = std::to_string(out.size() + 1);
    out.push_back({"fragment-" + number,
                   "piece " + number + " of that record, cut for frames of 64 bytes",
                   {{"transfer", 3}, {"offset", at}, {"total", whole.size()}},
                   std::move(pieces)});
    at += data.size();
  }
  return out;
}

Vector ack() {
  Bytes out(11);
  out.resize(wire::encode_ack({300}, out));
  return {"ack", "custody of the first 300 envelope records", {}, field_pieces(out, kAckNames)};
}

Vector refuse() {
  Bytes out(14);
  out.resize(wire::encode_refuse({301, wire::RefuseReason::storage_full}, out));
  return {"refuse", "envelope record 301 was not taken: the store is full", {},
          field_pieces(out, kRefuseNames)};
}

Vector offer(const Story& story) {
  Bytes out(wire::kOfferSizeMax);
  out.resize(wire::encode_offer({4, story.id, 27'600, {90'500, 9, 0}}, out));
  return {"offer", "an envelope of 27,600 bytes is about to come as transfer 4", {},
          field_pieces(out, kOfferNames)};
}

Vector resume() {
  Bytes out(wire::kResumeSizeMax);
  out.resize(wire::encode_resume({4, 12'000}, out));
  return {"resume", "the answer: 12,000 bytes of it are there", {},
          field_pieces(out, kResumeNames)};
}

Vector announce(const Story& story) {
  const wire::EnvelopeId ids[] = {story.id, wire::envelope_id(story.receipt)};
  Bytes out(wire::ids_size(2));
  out.resize(wire::encode_ids(ids, out).value());
  return {"announce", "two envelopes are held here", {}, field_pieces(out, kIdsNames)};
}

Vector frame() {
  Bytes out(16);
  wire::RecordWriter writer(out);
  Bytes payload(11);
  payload.resize(wire::encode_ack({300}, payload));
  writer.add(wire::RecordType::ping, std::size_t{0});
  writer.add(wire::RecordType::ack, payload);
  writer.add(wire::RecordType::ready, std::size_t{0});
  writer.add(wire::RecordType::padding, writer.payload_room());
  return {"frame", "a frame of four records, filled up to 16 bytes", {}, record_pieces(out)};
}

Vector stamp(const Story& story) {
  constexpr unsigned kBits = 16;
  wire::StampSubject subject;
  std::copy(story.id.bytes.begin(), story.id.bytes.end(), subject.bytes.begin());
  wire::StampSearch search(subject, kBits, 0);
  while (!search.work(std::uint64_t{1} << kBits)) continue;
  return {"stamp",
          "the first nonce from 0 on that is a stamp of 16 bits for that id and 16 zero bytes",
          {{"subject", to_hex(subject.view())},
           {"nonce", *search.nonce()},
           {"bits", wire::stamp_bits(subject, *search.nonce())}},
          {}};
}

}  // namespace

Page wire_vectors(base::Random& random) {
  const Story story(random);
  Page page;
  page.vectors = {commitment(story), envelope(story), receipt(story), carried(story)};
  for (Vector& vector : fragments(story)) page.vectors.push_back(std::move(vector));
  page.vectors.push_back(ack());
  page.vectors.push_back(refuse());
  page.vectors.push_back(offer(story));
  page.vectors.push_back(resume());
  page.vectors.push_back(announce(story));
  page.vectors.push_back(frame());
  page.vectors.push_back(stamp(story));
  return page;
}

}  // namespace chaski::vectors
