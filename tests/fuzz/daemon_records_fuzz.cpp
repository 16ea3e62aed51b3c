// SPDX-License-Identifier: Apache-2.0
// The plain rows of the vault, as a restored backup may bring them: read or refused, and what is
// read is written the same. The first byte says which kind of row.
#include "base/assert.hpp"
#include "daemon/people_records.hpp"

using namespace chaski;

namespace {

/// Whether `bytes` are a row of this kind and nothing else.
void look_at(std::uint8_t kind, base::ByteView bytes) {
  const auto same = [bytes](base::ByteView again) { CHASKI_ASSERT(base::equal(again, bytes)); };
  switch (kind % 7) {
    case 0:
      if (const auto contact = daemon::decode_contact(bytes)) {
        same(daemon::encode_contact(*contact));
      }
      break;
    case 1:
      if (const auto head = daemon::decode_head(bytes)) {
        CHASKI_ASSERT(bytes.size() == daemon::kHeadSize);
        same(daemon::encode_head(*head));
      }
      break;
    case 2:
      if (const auto life = daemon::decode_life(bytes)) same(daemon::encode_life(*life));
      break;
    case 3:
      if (const auto item = daemon::decode_item(bytes)) {
        same(daemon::encode_item(item->name, item->value));
      }
      break;
    case 4:
      if (const auto thread = daemon::decode_thread(bytes)) same(daemon::encode_thread(*thread));
      break;
    case 5:
      if (const auto row = daemon::decode_undelivered(bytes)) {
        same(daemon::encode_undelivered(*row));
      }
      break;
    default:
      if (const auto file = daemon::decode_file(bytes)) same(daemon::encode_file(*file));
      break;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 0) look_at(data[0], {data + 1, size - 1});
  return 0;
}
