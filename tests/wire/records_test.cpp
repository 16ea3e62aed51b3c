// SPDX-License-Identifier: Apache-2.0
#include "wire/records.hpp"

#include <gtest/gtest.h>

#include "base/hex.hpp"
#include "wire/offer.hpp"

namespace chaski::wire {
namespace {

using base::Bytes;
using base::ByteView;

Bytes hex(const char* text) { return *base::from_hex(text); }

TEST(RecordReader, ReadsARow) {
  const Bytes frame = hex("0100" "10020a0b" "c80101" "0003000000");
  RecordReader reader(frame);
  auto record = reader.next().value();
  EXPECT_EQ(record->type, RecordType::ping);
  EXPECT_TRUE(record->payload.empty());
  record = reader.next().value();
  EXPECT_EQ(record->type, RecordType::envelope);
  EXPECT_TRUE(base::equal(record->payload, hex("0a0b")));
  record = reader.next().value();
  EXPECT_EQ(static_cast<int>(record->type), 200) << "unknown types are handed out, to be skipped";
  record = reader.next().value();
  EXPECT_EQ(record->type, RecordType::padding);
  EXPECT_FALSE(reader.next().value()) << "the end";
  EXPECT_FALSE(reader.next().value()) << "and it stays";
}

TEST(RecordReader, RefusesWhatIsNoRow) {
  EXPECT_EQ(RecordReader(hex("10")).next().error(), WireError::truncated);
  EXPECT_EQ(RecordReader(hex("1001")).next().error(), WireError::truncated);
  EXPECT_EQ(RecordReader(hex("1080")).next().error(), WireError::truncated);
  EXPECT_EQ(RecordReader(hex("10810000")).next().error(), WireError::malformed) << "long length";
  EXPECT_EQ(RecordReader(hex("1080808001")).next().error(), WireError::malformed) << "four bytes";
}

TEST(RecordWriter, UsesEveryByteOfEveryFrame) {
  // For each frame size: what payload_room() promises fits, and one byte more does not.
  for (std::size_t size = 0; size < 400; ++size) {
    Bytes frame(size);
    RecordWriter writer(frame);
    const std::size_t room = writer.payload_room();
    EXPECT_FALSE(RecordWriter(frame).add(RecordType::envelope, room + 1)) << size;
    if (size < 2) {
      EXPECT_EQ(room, 0U);
      EXPECT_FALSE(writer.add(RecordType::envelope, std::size_t{0}));
      continue;
    }
    ASSERT_TRUE(writer.add(RecordType::envelope, room)) << size;
    EXPECT_EQ(writer.size(), record_size(room));
    EXPECT_LE(writer.size(), size);
  }
  for (const std::size_t size : {16'385UL, 16'386UL, 16'387UL, 16'388UL, 65'519UL, 3'000'000UL}) {
    Bytes frame(size);
    const std::size_t room = RecordWriter(frame).payload_room();
    EXPECT_TRUE(RecordWriter(frame).add(RecordType::envelope, room)) << size;
    EXPECT_FALSE(RecordWriter(frame).add(RecordType::envelope, room + 1)) << size;
  }
}

TEST(RecordWriter, WhatItWritesIsRead) {
  Bytes frame(64);
  RecordWriter writer(frame);
  EXPECT_TRUE(writer.add(RecordType::ready, std::size_t{0}));
  EXPECT_TRUE(writer.add(RecordType::ack, hex("0805")));
  EXPECT_FALSE(writer.add(RecordType::envelope, Bytes(59)));
  EXPECT_EQ(base::to_hex(ByteView(frame).first(writer.size())), "1500" "13020805");
}

TEST(Fragment, HasGoldenBytes) {
  const Bytes data{1, 2, 3};
  const Fragment fragment{7, 200, 203, RecordType::envelope, data};
  Bytes out(64);
  out.resize(encode_fragment(fragment, out).value());
  EXPECT_EQ(out.size(), fragment_size(fragment));
  EXPECT_EQ(base::to_hex(out), "0807" "10c801" "18cb01" "2010" "2a03010203");
  const auto decoded = decode_fragment(out);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->transfer, 7U);
  EXPECT_EQ(decoded->offset, 200U);
  EXPECT_EQ(decoded->total, 203U);
  EXPECT_EQ(decoded->type, RecordType::envelope);
  EXPECT_TRUE(base::equal(decoded->data, data));
  EXPECT_GE(decoded->data.data(), out.data());
  for (std::size_t size = 0; size < out.size(); ++size) {
    EXPECT_FALSE(decode_fragment(ByteView(out).first(size))) << size;
  }
}

TEST(Fragment, RefusesWhatCannotBe) {
  const Bytes data{1, 2, 3};
  Bytes out(64);
  const auto error = [&](const Fragment& fragment) {
    return encode_fragment(fragment, out).error();
  };
  const RecordType type = RecordType::envelope;
  EXPECT_EQ(error({0, 0, 3, type, {}}), WireError::malformed) << "no data";
  EXPECT_EQ(error({0, 0, 2, type, data}), WireError::malformed) << "beyond its total";
  EXPECT_EQ(error({0, 3, 3, type, data}), WireError::malformed);
  EXPECT_EQ(error({0, 0xFFFFFFFF, 3, type, data}), WireError::malformed);
  EXPECT_EQ(error({0, 0, 3, RecordType::fragment, data}), WireError::malformed) << "nested";
  EXPECT_EQ(error({0, 0, 3, RecordType::close, data}), WireError::malformed) << "the link's own";
  EXPECT_EQ(error({0, 0, 3, RecordType::pairing, data}), WireError::malformed);
  EXPECT_EQ(error({0, 0, kRecordSizeMax + 1, type, data}), WireError::oversized);
  EXPECT_TRUE(encode_fragment({0, 0, 3, static_cast<RecordType>(99), data}, out))
      << "unknown records may be cut";
  EXPECT_EQ(decode_fragment(hex("18032001" "2a03010203")).error(), WireError::malformed);
  EXPECT_EQ(decode_fragment(hex("18ffffffff0f2010" "2a03010203")).error(), WireError::oversized);
}

TEST(Fragment, DataRoomIsEnoughForAnyHeader) {
  for (std::size_t room = 20; room < 300; ++room) {
    const std::size_t size = fragment_data_room(room);
    const Bytes data(size, 1);
    const Fragment worst{0xFFFFFFFF, static_cast<std::uint32_t>(kRecordSizeMax - size),
                         kRecordSizeMax, static_cast<RecordType>(255), data};
    Bytes out(room);
    EXPECT_TRUE(encode_fragment(worst, out)) << room;
  }
  EXPECT_EQ(fragment_data_room(0), 0U);
  EXPECT_EQ(fragment_data_room(19), 0U);
  EXPECT_EQ(fragment_data_room(20), 1U);
  EXPECT_GE(fragment_data_room(kFrameSizeMin - 2), 1U) << "the smallest frame makes progress";
}

TEST(Ack, HasGoldenBytes) {
  Bytes out(11);
  EXPECT_EQ(encode_ack({300}, out), 3U);
  EXPECT_EQ(base::to_hex(ByteView(out).first(3)), "08ac02");
  EXPECT_EQ(decode_ack(ByteView(out).first(3))->upto, 300U);
  EXPECT_EQ(encode_ack({UINT64_MAX}, out), 11U);
  EXPECT_EQ(decode_ack(out)->upto, UINT64_MAX);
  EXPECT_EQ(decode_ack({})->upto, 0U);
  EXPECT_FALSE(decode_ack(hex("08ac0208ac02")));
}

TEST(Refuse, HasGoldenBytes) {
  Bytes out(14);
  EXPECT_EQ(encode_refuse({2, RefuseReason::quota}, out), 4U);
  EXPECT_EQ(base::to_hex(ByteView(out).first(4)), "08021002");
  const auto refuse = decode_refuse(ByteView(out).first(4));
  ASSERT_TRUE(refuse);
  EXPECT_EQ(refuse->sequence, 2U);
  EXPECT_EQ(refuse->reason, RefuseReason::quota);
  EXPECT_LE(encode_refuse({UINT64_MAX, RefuseReason::invalid}, out), 14U);
  EXPECT_EQ(decode_refuse(hex("1001")).error(), WireError::reserved_value) << "no record 0";
  EXPECT_EQ(decode_refuse(hex("0801")).error(), WireError::reserved_value) << "no reason";
  EXPECT_EQ(decode_refuse(hex("0801108002")).error(), WireError::malformed) << "reason 256";
}

TEST(WireError, HasANameForEach) {
  for (int error = 0; error <= static_cast<int>(WireError::no_room); ++error) {
    EXPECT_STRNE(to_string(static_cast<WireError>(error)), "unknown error") << error;
  }
}

TEST(Offer, ComesBackAndRefusesWhatCannotBe) {
  Offer offer;
  offer.transfer = 0xFFFF'FFFF;
  offer.id.bytes.fill(0xAB);
  offer.size = kEnvelopeSizeMax;
  offer.state = {UINT64_MAX, kHopsMax, 0xFFFF};
  Bytes out(kOfferSizeMax);
  out.resize(encode_offer(offer, out));
  EXPECT_LE(out.size(), kOfferSizeMax);
  const auto back = decode_offer(out);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->transfer, offer.transfer);
  EXPECT_EQ(back->id, offer.id);
  EXPECT_EQ(back->size, offer.size);
  EXPECT_EQ(back->state.age_ms, UINT64_MAX);
  EXPECT_EQ(back->state.hops_left, kHopsMax);
  EXPECT_EQ(back->state.copies, 0xFFFF);
  const auto refused = [](Offer wrong) {
    Bytes bytes(kOfferSizeMax);
    bytes.resize(encode_offer(wrong, bytes));
    return decode_offer(bytes).error();
  };
  Offer wrong = offer;
  wrong.size = 0;
  EXPECT_EQ(refused(wrong), WireError::reserved_value);
  wrong.size = kEnvelopeSizeMax + 1;
  EXPECT_EQ(refused(wrong), WireError::oversized);
  wrong = offer;
  wrong.state.hops_left = kHopsMax + 1;
  EXPECT_EQ(refused(wrong), WireError::reserved_value);
  wrong = offer;
  wrong.id = {};
  EXPECT_EQ(refused(wrong), WireError::reserved_value);
  out.pop_back();
  EXPECT_FALSE(decode_offer(out));
  EXPECT_EQ(decode_offer(hex("0801120103")).error(), WireError::malformed) << "part of an id";
}

TEST(Resume, ComesBackAndHasABound) {
  Bytes out(kResumeSizeMax);
  out.resize(encode_resume({3, 40'000}, out));
  EXPECT_EQ(out, hex("080310c0b802"));
  const auto back = decode_resume(out);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->transfer, 3U);
  EXPECT_EQ(back->offset, 40'000U);
  Bytes far(kResumeSizeMax);
  far.resize(encode_resume({1, kEnvelopeSizeMax + 1}, far));
  EXPECT_EQ(decode_resume(far).error(), WireError::oversized);
}

std::vector<EnvelopeId> ids(std::size_t count) {
  std::vector<EnvelopeId> out(count);
  for (std::size_t i = 0; i < count; ++i) {
    out[i].bytes[0] = static_cast<std::uint8_t>(i);
    out[i].bytes[15] = static_cast<std::uint8_t>(i >> 8);
  }
  return out;
}

TEST(Ids, ComeBack) {
  for (const std::size_t count : {0UL, 1UL, 7UL, 8UL, 255UL, kIdsMax}) {
    Bytes out(ids_size(count));
    EXPECT_EQ(encode_ids(ids(count), out).value(), out.size());
    EXPECT_EQ(decode_ids(out).value(), ids(count));
  }
}

TEST(Ids, RefuseWhatCannotBe) {
  Bytes out(20'000);
  EXPECT_EQ(encode_ids(ids(kIdsMax + 1), out).error(), WireError::oversized);
  EXPECT_EQ(encode_ids(ids(1), base::MutableByteView(out).first(17)).error(), WireError::no_room);
  EXPECT_EQ(decode_ids(hex("0a0101")).error(), WireError::malformed) << "part of an id";
  EXPECT_EQ(decode_ids(hex("0a00")).error(), WireError::malformed) << "empty is left out";
  EXPECT_EQ(decode_ids(hex("1200")).error(), WireError::malformed) << "another field";
  EXPECT_EQ(decode_ids(hex("0a10")).error(), WireError::truncated);
  EXPECT_EQ(decode_ids(Bytes(ids_size(kIdsMax) + 1)).error(), WireError::oversized);
}

}  // namespace
}  // namespace chaski::wire
