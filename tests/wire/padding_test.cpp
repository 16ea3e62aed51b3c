// SPDX-License-Identifier: Apache-2.0
#include "wire/padding.hpp"

#include <gtest/gtest.h>

#include "wire/envelope.hpp"
#include "wire/records.hpp"

namespace chaski::wire {
namespace {

TEST(Padding, HasNineClasses) {
  std::vector<std::size_t> classes;
  for (std::size_t size = 1; size <= kBodySizeMax; ++size) {
    const auto padded = padded_body_size(size);
    ASSERT_TRUE(padded);
    ASSERT_GE(*padded, size);
    ASSERT_TRUE(is_padding_class(*padded));
    ASSERT_EQ(is_padding_class(size), *padded == size);
    if (classes.empty() || classes.back() != *padded) classes.push_back(*padded);
  }
  EXPECT_EQ(classes, (std::vector<std::size_t>{160, 376, 808, 1672, 3400, 6856, 13768, 27592,
                                               65824}));
  EXPECT_EQ(padded_body_size(0), 160U);
  EXPECT_FALSE(padded_body_size(kBodySizeMax + 1));
  EXPECT_FALSE(is_padding_class(0));
}

/// Packets of kBlePacketSize that an envelope of this body class takes, each with the link's tag.
std::size_t packets_of(std::size_t body_size) {
  EnvelopeFields fields;
  fields.lifetime_s = kLifetimeMax_s;
  fields.priority = Priority::urgent;
  fields.tag.bytes.fill(1);
  fields.commitment.bytes.fill(1);
  const base::Bytes body(body_size);
  fields.body = body;
  const base::Bytes envelope = encode_envelope(fields);
  const CarryState state{kLifetimeMax_s * 1000ULL, kHopsMax, 65535};
  base::Bytes payload(carried_size(state, envelope.size()));
  EXPECT_TRUE(encode_carried({state, envelope}, payload));

  base::Bytes frame(kBlePacketSize - 16);
  if (RecordWriter(frame).add(RecordType::envelope, payload)) return 1;
  std::size_t packets = 0;
  for (std::size_t at = 0; at < payload.size(); ++packets) {
    const std::size_t room = fragment_data_room(RecordWriter(frame).payload_room());
    const auto data = base::ByteView(payload).subspan(at, std::min(room, payload.size() - at));
    const Fragment fragment{100, static_cast<std::uint32_t>(at),
                            static_cast<std::uint32_t>(payload.size()), RecordType::envelope, data};
    EXPECT_TRUE(encode_fragment(fragment, frame));
    at += data.size();
  }
  return packets;
}

TEST(Padding, ClassesFillTheirPackets) {
  EXPECT_EQ(packets_of(160), 1U);
  constexpr std::size_t kPackets[] = {2, 4, 8, 16, 32, 64, 128, 305};
  for (const std::size_t packets : kPackets) {
    const std::size_t body = 160 + 216 * (packets - 1);
    ASSERT_TRUE(is_padding_class(body));
    EXPECT_GE(packets_of(body), packets);
    // Fragment headers cost up to 6 %, and one packet begun.
    EXPECT_LE(packets_of(body), packets * 106 / 100 + 1) << packets;
  }
}

}  // namespace
}  // namespace chaski::wire
