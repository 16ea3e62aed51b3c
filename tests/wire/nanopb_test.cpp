// SPDX-License-Identifier: Apache-2.0
// Afraid of: records that are no Protocol Buffers any more, which only a second reader tells.
#include <gtest/gtest.h>
#include <pb_decode.h>
#include <rapidcheck/gtest.h>

#include "base/random.hpp"
#include "chaski.pb.h"
#include "wire/offer.hpp"
#include "wire/records.hpp"

namespace chaski::wire {
namespace {

template <class Message>
bool read(base::ByteView bytes, const pb_msgdesc_t* fields, Message& message) {
  pb_istream_t stream = pb_istream_from_buffer(bytes.data(), bytes.size());
  return pb_decode(&stream, fields, &message);
}

/// A number of any length.
template <class T>
T any(base::Random& random) {
  return static_cast<T>(random.below(~std::uint64_t{0}) >> random.below(64));
}

RC_GTEST_PROP(Nanopb, ReadsOurRecords, (std::uint64_t seed)) {
  base::SeededRandom random(seed);
  base::Bytes out(400);

  const Ack ack{any<std::uint64_t>(random)};
  chaski_wire_Ack ack_read{};
  RC_ASSERT(
      read(base::ByteView(out).first(encode_ack(ack, out)), chaski_wire_Ack_fields, ack_read));
  RC_ASSERT(ack_read.upto == ack.upto);

  const Refuse refuse{any<std::uint64_t>(random) | 1, RefuseReason::known};
  chaski_wire_Refuse refuse_read{};
  RC_ASSERT(read(base::ByteView(out).first(encode_refuse(refuse, out)), chaski_wire_Refuse_fields,
                 refuse_read));
  RC_ASSERT(refuse_read.sequence == refuse.sequence);
  RC_ASSERT(refuse_read.reason == static_cast<std::uint8_t>(refuse.reason));

  Offer offer{any<std::uint32_t>(random), {}, any<std::uint32_t>(random), {}};
  random.fill(offer.id.bytes);
  offer.state = {any<std::uint64_t>(random), any<std::uint8_t>(random), any<std::uint16_t>(random)};
  chaski_wire_Offer offer_read{};
  RC_ASSERT(read(base::ByteView(out).first(encode_offer(offer, out)), chaski_wire_Offer_fields,
                 offer_read));
  RC_ASSERT(offer_read.transfer == offer.transfer);
  RC_ASSERT(offer_read.size == offer.size);
  RC_ASSERT(offer_read.age_ms == offer.state.age_ms);
  RC_ASSERT(offer_read.hops_left == offer.state.hops_left);
  RC_ASSERT(offer_read.copies == offer.state.copies);
  RC_ASSERT(base::Bytes(offer_read.id.bytes, offer_read.id.bytes + offer_read.id.size) ==
            base::Bytes(offer.id.bytes.begin(), offer.id.bytes.end()));

  const Resume resume{any<std::uint32_t>(random), any<std::uint32_t>(random)};
  chaski_wire_Resume resume_read{};
  RC_ASSERT(read(base::ByteView(out).first(encode_resume(resume, out)), chaski_wire_Resume_fields,
                 resume_read));
  RC_ASSERT(resume_read.transfer == resume.transfer);
  RC_ASSERT(resume_read.offset == resume.offset);
}

/// Whatever we take, it takes too, and as the same.
RC_GTEST_PROP(Nanopb, AgreesOnWhatIsARecord, (std::uint64_t seed)) {
  base::SeededRandom random(seed);
  base::Bytes bytes(1 + random.below(14));
  random.fill(bytes);
  bytes[0] = static_cast<std::uint8_t>(8 * random.below(3));
  if (const auto ack = decode_ack(bytes)) {
    chaski_wire_Ack message{};
    RC_ASSERT(read(bytes, chaski_wire_Ack_fields, message));
    RC_ASSERT(message.upto == ack->upto);
  }
  if (const auto refuse = decode_refuse(bytes)) {
    chaski_wire_Refuse message{};
    RC_ASSERT(read(bytes, chaski_wire_Refuse_fields, message));
    RC_ASSERT(message.sequence == refuse->sequence);
    RC_ASSERT(message.reason == static_cast<std::uint8_t>(refuse->reason));
  }
  if (const auto resume = decode_resume(bytes)) {
    chaski_wire_Resume message{};
    RC_ASSERT(read(bytes, chaski_wire_Resume_fields, message));
    RC_ASSERT(message.transfer == resume->transfer);
    RC_ASSERT(message.offset == resume->offset);
  }
}

TEST(Nanopb, ReadsAFragment) {
  const base::Bytes data(200, 7);
  const Fragment fragment{3, 100, 60'000, RecordType::envelope, data};
  base::Bytes out(fragment_size(fragment));
  ASSERT_EQ(encode_fragment(fragment, out), out.size());
  chaski_wire_Fragment message{};
  ASSERT_TRUE(read(out, chaski_wire_Fragment_fields, message));
  EXPECT_EQ(message.transfer, 3u);
  EXPECT_EQ(message.offset, 100u);
  EXPECT_EQ(message.total, 60'000u);
  EXPECT_EQ(message.type, static_cast<std::uint8_t>(RecordType::envelope));
}

}  // namespace
}  // namespace chaski::wire
