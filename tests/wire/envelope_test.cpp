// SPDX-License-Identifier: Apache-2.0
#include "wire/envelope.hpp"

#include <gtest/gtest.h>
#include <sodium.h>

#include "base/hex.hpp"

namespace chaski::wire {
namespace {

using base::Bytes;
using base::ByteView;

EnvelopeFields sample(ByteView body) {
  EnvelopeFields fields;
  fields.lifetime_s = 86'400;
  for (std::size_t i = 0; i < 8; ++i) fields.tag.bytes[i] = static_cast<std::uint8_t>(0xA0 + i);
  for (std::size_t i = 0; i < 16; ++i) {
    fields.commitment.bytes[i] = static_cast<std::uint8_t>(0xC0 + i);
  }
  fields.body = body;
  return fields;
}

const Bytes kBody{'b', 'o', 'd', 'y'};
constexpr const char* kGolden =
    "0801"                                // version 1
    "1001"                                // sealed
    "1801"                                // normal
    "2080a305"                            // 86400 s
    "2a08a0a1a2a3a4a5a6a7"                // tag
    "3210c0c1c2c3c4c5c6c7c8c9cacbcccdcecf"  // commitment
    "4204626f6479";                       // body

WireError error_of(ByteView bytes) {
  const auto decoded = decode_envelope(bytes);
  EXPECT_FALSE(decoded);
  return decoded ? WireError::no_room : decoded.error();
}

TEST(Envelope, HasGoldenBytes) {
  EXPECT_EQ(base::to_hex(encode_envelope(sample(kBody))), kGolden);
  const Bytes bytes = *base::from_hex(kGolden);
  const auto fields = decode_envelope(bytes);
  ASSERT_TRUE(fields);
  EXPECT_EQ(fields->kind, EnvelopeKind::sealed);
  EXPECT_EQ(fields->priority, Priority::normal);
  EXPECT_EQ(fields->lifetime_s, 86'400U);
  EXPECT_EQ(fields->tag, sample(kBody).tag);
  EXPECT_EQ(fields->commitment, sample(kBody).commitment);
  EXPECT_TRUE(fields->stamp.empty());
  EXPECT_TRUE(base::equal(fields->body, kBody));
}

TEST(Envelope, DecodesWithoutCopying) {
  Bytes stamp(16, 9);
  EnvelopeFields fields = sample(kBody);
  fields.stamp = stamp;
  const Bytes bytes = encode_envelope(fields);
  const auto decoded = decode_envelope(bytes);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->body.data(), bytes.data() + bytes.size() - kBody.size());
  EXPECT_TRUE(base::equal(decoded->stamp, stamp));
  EXPECT_GE(decoded->stamp.data(), bytes.data());
  EXPECT_LT(decoded->stamp.data(), bytes.data() + bytes.size());
}

TEST(Envelope, AReceiptHasNeitherTagNorCommitment) {
  EnvelopeFields fields;
  fields.kind = EnvelopeKind::receipt;
  fields.priority = Priority::bulk;
  fields.lifetime_s = 60;
  const Bytes body = encode_receipt_body({EnvelopeId{}, ReceiptToken{}});
  fields.body = body;
  const Bytes bytes = encode_envelope(fields);
  EXPECT_EQ(base::to_hex(ByteView(bytes).first(8)), "08011002203c4220");
  EXPECT_TRUE(decode_envelope(bytes));
  fields.tag = sample(kBody).tag;
  Bytes out(kEnvelopeSizeMax);
  EXPECT_EQ(encode_envelope(fields, out).error(), WireError::reserved_value);
  fields.tag = {};
  fields.commitment = sample(kBody).commitment;
  EXPECT_EQ(encode_envelope(fields, out).error(), WireError::reserved_value);
}

TEST(Envelope, EveryTruncationIsRefused) {
  const Bytes bytes = *base::from_hex(kGolden);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(decode_envelope(cut)) << size;
  }
  EXPECT_EQ(error_of({}), WireError::truncated);
  EXPECT_EQ(error_of(ByteView(bytes).first(bytes.size() - 1)), WireError::truncated);
}

TEST(Envelope, TrailingBytesAreRefused) {
  for (int byte = 0; byte < 256; ++byte) {
    Bytes bytes = *base::from_hex(kGolden);
    bytes.push_back(static_cast<std::uint8_t>(byte));
    EXPECT_FALSE(decode_envelope(bytes)) << byte;
    bytes.push_back(1);
    EXPECT_FALSE(decode_envelope(bytes)) << byte;
  }
}

/// The golden envelope with one of its fields written otherwise.
Bytes with(const std::string& from, const std::string& to) {
  std::string hex = kGolden;
  const auto at = hex.find(from);
  EXPECT_NE(at, std::string::npos);
  hex.replace(at, from.size(), to);
  return *base::from_hex(hex);
}

TEST(Envelope, ReservedValuesAreRefused) {
  EXPECT_EQ(error_of(with("2080a305", "")), WireError::reserved_value) << "lifetime 0";
  EXPECT_EQ(error_of(with("2080a305", "2081ea49")), WireError::reserved_value) << "14 days and 1 s";
  EXPECT_TRUE(decode_envelope(with("2080a305", "2080ea49"))) << "14 days";
  EXPECT_EQ(error_of(with("1801", "1803")), WireError::reserved_value) << "priority 3";
  EXPECT_TRUE(decode_envelope(with("1801", "1802")));
  EXPECT_TRUE(decode_envelope(with("1801", ""))) << "bulk";
  EXPECT_EQ(error_of(with("2a08a0a1a2a3a4a5a6a7", "")), WireError::reserved_value);
  EXPECT_EQ(error_of(with("2a08a0a1a2a3a4a5a6a7", "2a080000000000000000")),
            WireError::reserved_value);
  EXPECT_EQ(error_of(with("3210c0c1c2c3c4c5c6c7c8c9cacbcccdcecf", "")), WireError::reserved_value);
}

TEST(Envelope, UnknownKindsAndVersionsHaveErrorsOfTheirOwn) {
  EXPECT_EQ(error_of(with("1001", "")), WireError::unknown_kind);
  EXPECT_EQ(error_of(with("1001", "1003")), WireError::unknown_kind);
  EXPECT_EQ(error_of(with("0801", "0802")), WireError::unknown_version);
  EXPECT_EQ(error_of(with("08011001", "0802ffffffff")), WireError::unknown_version)
      << "what follows another version is not looked at";
  EXPECT_EQ(error_of(with("0801", "")), WireError::malformed);
}

TEST(Envelope, WrongSizesAreRefused) {
  EXPECT_EQ(error_of(with("2a08a0a1a2a3a4a5a6a7", "2a07a0a1a2a3a4a5a6")), WireError::malformed);
  EXPECT_EQ(error_of(with("2a08a0a1a2a3a4a5a6a7", "2a09a0a1a2a3a4a5a6a7a8")),
            WireError::malformed);
  EXPECT_EQ(error_of(with("3210c0c1", "320ec2c3")), WireError::malformed);
  EXPECT_EQ(error_of(with("4204626f6479", "3a1101020304050607080910111213141516174204626f6479")),
            WireError::oversized)
      << "a stamp of 17";
  EXPECT_EQ(error_of(with("4204626f6479", "")), WireError::malformed) << "no body";
}

TEST(Envelope, BodiesAreBounded) {
  const Bytes largest(kBodySizeMax, 1);
  const Bytes bytes = encode_envelope(sample(largest));
  EXPECT_LE(bytes.size(), kEnvelopeSizeMax);
  ASSERT_TRUE(decode_envelope(bytes));
  const Bytes above(kBodySizeMax + 1, 1);
  Bytes out(kEnvelopeSizeMax + 100);
  EXPECT_EQ(encode_envelope(sample(above), out).error(), WireError::oversized);
  // By hand, so that the decoder meets it: the length of the body is the three bytes before it.
  Bytes forged = bytes;
  const std::size_t length_at = forged.size() - kBodySizeMax - 3;
  ASSERT_EQ(forged[length_at] & 0x7F, kBodySizeMax & 0x7F);
  forged[length_at] = static_cast<std::uint8_t>(forged[length_at] + 1);
  forged.push_back(1);
  EXPECT_EQ(error_of(forged), WireError::oversized);
  EXPECT_EQ(error_of(Bytes(kEnvelopeSizeMax + 1)), WireError::oversized);
}

TEST(Envelope, EncodingSaysWhenThereIsNoRoom) {
  const Bytes whole = encode_envelope(sample(kBody));
  for (std::size_t room = 0; room < whole.size(); ++room) {
    Bytes out(room);
    EXPECT_EQ(encode_envelope(sample(kBody), out).error(), WireError::no_room);
  }
  Bytes out(whole.size());
  EXPECT_EQ(encode_envelope(sample(kBody), out), whole.size());
  EXPECT_EQ(out, whole);
}

TEST(Envelope, IdIsTheHashOfTheBytes) {
  const Bytes bytes = *base::from_hex(kGolden);
  std::array<std::uint8_t, 32> full{};
  crypto_generichash_blake2b(full.data(), 32, bytes.data(), bytes.size(), nullptr, 0);
  EXPECT_EQ(base::to_hex(envelope_id(bytes).view()), base::to_hex(ByteView(full).first(16)));
  // RFC 7693 has BLAKE2b-512 only; this is BLAKE2b-256 of "abc" from its reference program.
  EXPECT_EQ(base::to_hex(envelope_id(base::as_bytes("abc")).view()),
            "bddd813c634239723171ef3fee98579b");
}

TEST(Envelope, CommitmentHasItsOwnDomain) {
  ReceiptToken token;
  token.bytes.fill(0x11);
  Bytes in(16);
  const std::string_view domain = "chaski1 receipt";
  std::copy(domain.begin(), domain.end(), in.begin());
  in.insert(in.end(), token.bytes.begin(), token.bytes.end());
  std::array<std::uint8_t, 32> full{};
  crypto_generichash_blake2b(full.data(), 32, in.data(), in.size(), nullptr, 0);
  EXPECT_EQ(base::to_hex(commit(token).view()), base::to_hex(ByteView(full).first(16)));
  EXPECT_NE(commit(token).bytes, envelope_id(token.view()).bytes) << "the domain matters";
}

TEST(ReceiptBody, Is32Bytes) {
  ReceiptBody body;
  body.envelope.bytes.fill(1);
  body.token.bytes.fill(2);
  Bytes bytes = encode_receipt_body(body);
  ASSERT_EQ(bytes.size(), 32U);
  const auto decoded = decode_receipt_body(bytes);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->envelope, body.envelope);
  EXPECT_EQ(decoded->token, body.token);
  for (std::size_t size = 0; size < 32; ++size) {
    EXPECT_EQ(decode_receipt_body(ByteView(bytes).first(size)).error(), WireError::truncated);
  }
  bytes.push_back(0);
  EXPECT_EQ(decode_receipt_body(bytes).error(), WireError::oversized);
}

TEST(Carried, HasGoldenBytes) {
  const CarriedEnvelope carried{{1500, 7, 13}, kBody};
  Bytes out(64);
  out.resize(encode_carried(carried, out).value());
  EXPECT_EQ(base::to_hex(out), "08dc0b" "1007" "180d" "2204626f6479");
  const auto decoded = decode_carried(out);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->state.age_ms, 1500U);
  EXPECT_EQ(decoded->state.hops_left, 7);
  EXPECT_EQ(decoded->state.copies, 13);
  EXPECT_TRUE(base::equal(decoded->envelope, kBody));
  for (std::size_t size = 0; size < out.size(); ++size) {
    EXPECT_EQ(decode_carried(ByteView(out).first(size)).error(), WireError::truncated) << size;
  }
}

TEST(Carried, RefusesWhatCannotBe) {
  EXPECT_EQ(decode_carried(*base::from_hex("1041220161")).error(), WireError::reserved_value)
      << "65 hops";
  EXPECT_EQ(decode_carried(*base::from_hex("18808004220161")).error(), WireError::malformed)
      << "65536 copies";
  EXPECT_EQ(decode_carried(Bytes(kRecordSizeMax + 1)).error(), WireError::oversized);
  Bytes out(64);
  EXPECT_EQ(encode_carried({{0, 65, 0}, kBody}, out).error(), WireError::reserved_value);
  EXPECT_EQ(encode_carried({{0, 1, 0}, {}}, out).error(), WireError::malformed);
  EXPECT_EQ(encode_carried({{0, 1, 0}, Bytes(kEnvelopeSizeMax + 1)}, out).error(),
            WireError::oversized);
}

}  // namespace
}  // namespace chaski::wire
