// SPDX-License-Identifier: Apache-2.0
// A frame of records, each decoded as what it says it is; what decodes must encode to the same
// bytes.
#include "base/assert.hpp"
#include "wire/envelope.hpp"
#include "wire/offer.hpp"
#include "wire/records.hpp"

using namespace chaski;
using wire::RecordType;

namespace {

template <class Encode>
void same(base::ByteView payload, Encode encode) {
  base::Bytes again(payload.size() + 16);
  again.resize(encode(again));
  CHASKI_ASSERT(base::equal(again, payload));
}

void payload_of(const wire::Record& record) {
  const base::ByteView payload = record.payload;
  switch (record.type) {
    case RecordType::envelope:
      if (const auto carried = wire::decode_carried(payload)) {
        (void)wire::decode_envelope(carried->envelope);
      }
      break;
    case RecordType::fragment:
      if (const auto f = wire::decode_fragment(payload)) {
        same(payload, [&](auto& out) { return *wire::encode_fragment(*f, out); });
      }
      break;
    case RecordType::ack:
      if (const auto ack = wire::decode_ack(payload)) {
        same(payload, [&](auto& out) { return wire::encode_ack(*ack, out); });
      }
      break;
    case RecordType::refuse:
      if (const auto refuse = wire::decode_refuse(payload)) {
        same(payload, [&](auto& out) { return wire::encode_refuse(*refuse, out); });
      }
      break;
    case RecordType::offer:
      if (const auto offer = wire::decode_offer(payload)) {
        same(payload, [&](auto& out) { return wire::encode_offer(*offer, out); });
      }
      break;
    case RecordType::resume:
      if (const auto resume = wire::decode_resume(payload)) {
        same(payload, [&](auto& out) { return wire::encode_resume(*resume, out); });
      }
      break;
    case RecordType::announce:
    case RecordType::want:
      if (const auto ids = wire::decode_ids(payload)) {
        same(payload, [&](auto& out) { return *wire::encode_ids(*ids, out); });
      }
      break;
    default: break;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteView frame(data, size);
  wire::RecordReader reader(frame);
  base::Bytes again(size);
  wire::RecordWriter writer(again);
  auto record = reader.next();
  for (; record && *record; record = reader.next()) {
    payload_of(**record);
    CHASKI_ASSERT(writer.payload_room() >= (*record)->payload.size());
    CHASKI_ASSERT(writer.add((*record)->type, (*record)->payload));
  }
  // A row of records has one encoding too.
  if (record) CHASKI_ASSERT(base::equal(again, frame));
  return 0;
}
