// SPDX-License-Identifier: Apache-2.0
// What comes back from a disk: as it is, and with its checksum put right.
#include "base/assert.hpp"
#include "base/random.hpp"
#include "e2ee/codec.hpp"
#include "e2ee/session.hpp"

using namespace chaski;

namespace {

void look_at(base::ByteView record) {
  if (const auto identity = e2ee::Identity::load(record)) {
    CHASKI_ASSERT(base::equal(identity->save(), record));
  }
  if (const auto pending = e2ee::PendingInvite::load(record)) {
    CHASKI_ASSERT(base::equal(pending->save(), record));
  }
  if (const auto unpaid = e2ee::UnpaidAnswer::load(record)) {
    CHASKI_ASSERT(base::equal(unpaid->save(), record));
  }
  auto session = e2ee::Session::load(record);
  if (!session) return;
  CHASKI_ASSERT(base::equal(session->save(), record));
  base::SeededRandom random(1);
  session->expected_tags();
  e2ee::TagChanges changes;
  session->expire(base::from_us(0), changes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  look_at({data, size});
  base::Bytes record(data, data + size);
  record.resize(size + e2ee::kSaveChecksumSize);
  e2ee::finish_record(record);
  look_at(record);
  return 0;
}
