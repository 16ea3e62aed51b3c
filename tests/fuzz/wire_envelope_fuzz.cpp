// SPDX-License-Identifier: Apache-2.0
// Whatever decodes must encode to the very bytes that came: one message, one encoding, one id.
#include "base/assert.hpp"
#include "wire/envelope.hpp"

using namespace chaski;

namespace {

bool inside(base::ByteView part, base::ByteView whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void envelope(base::ByteView bytes) {
  const auto fields = wire::decode_envelope(bytes);
  if (!fields) return;
  CHASKI_ASSERT(inside(fields->body, bytes) && inside(fields->stamp, bytes));
  CHASKI_ASSERT(base::equal(wire::encode_envelope(*fields), bytes));
  (void)wire::envelope_id(bytes);
  if (const auto receipt = wire::decode_receipt_body(fields->body)) {
    CHASKI_ASSERT(base::equal(wire::encode_receipt_body(*receipt), fields->body));
    (void)wire::commit(receipt->token);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteView bytes(data, size);
  envelope(bytes);
  if (const auto carried = wire::decode_carried(bytes)) {
    CHASKI_ASSERT(inside(carried->envelope, bytes));
    base::Bytes again(wire::carried_size(carried->state, carried->envelope.size()));
    const auto used = wire::encode_carried(*carried, again);
    CHASKI_ASSERT(used && *used == again.size() && base::equal(again, bytes));
    envelope(carried->envelope);
  }
  return 0;
}
