// SPDX-License-Identifier: Apache-2.0
#include "e2ee/content.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace chaski::e2ee::test {
namespace {

base::Bytes written(const Content& content, std::size_t size) {
  base::Bytes out(size, 0xaa);
  write_content(content, content.token, out);
  return out;
}

TEST(Content, WhatIsWrittenIsRead) {
  EXPECT_TRUE(rc::check("content survives writing", [] {
    Content content;
    content.sent_at_unix_s = *rc::gen::arbitrary<std::int64_t>();
    content.payload = *rc::gen::arbitrary<base::Bytes>();
    for (auto& byte : content.token.bytes) byte = *rc::gen::arbitrary<std::uint8_t>();
    const auto padding = *rc::gen::inRange<std::size_t>(0, 300);
    const auto read =
        read_content(written(content, kContentHeadSize + content.payload.size() + padding));
    RC_ASSERT(read.has_value());
    RC_ASSERT(read->payload == content.payload);
    RC_ASSERT(read->sent_at_unix_s == content.sent_at_unix_s);
    RC_ASSERT(read->token == content.token);
    RC_ASSERT(read->kind == ContentKind::text);
  }));
}

TEST(Content, OnlyOneWayToWriteIt) {
  Content content;
  content.payload = {1, 2, 3};
  const auto good = written(content, 78);
  ASSERT_TRUE(read_content(good));
  const auto with = [&good](std::size_t at, std::uint8_t value) {
    auto changed = good;
    changed[at] = value;
    return read_content(changed).has_value();
  };
  for (int value = 0; value < 256; ++value) {
    const auto byte = static_cast<std::uint8_t>(value);
    EXPECT_EQ(with(0, byte), value == 1) << "version " << value;
    EXPECT_EQ(with(1, byte), value == 1) << "kind " << value;
    EXPECT_EQ(with(77, byte), value == 0) << "padding " << value;
  }
  EXPECT_FALSE(with(26, 2));   // a byte of the payload would be padding
  EXPECT_TRUE(with(26, 4));    // a zero more is payload
  EXPECT_FALSE(with(26, 49));  // longer than what is there
  EXPECT_TRUE(with(26, 48));
  EXPECT_FALSE(with(29, 1));
  for (std::size_t size = 0; size < kContentHeadSize + 3; ++size) {
    EXPECT_FALSE(read_content(base::ByteView(good).first(size))) << size;
  }
}

TEST(Content, PayloadIsBounded) {
  Content content;
  content.payload.resize(kPayloadSizeMax + 1);
  EXPECT_FALSE(read_content(written(content, kContentHeadSize + content.payload.size())));
  content.payload.resize(kPayloadSizeMax);
  EXPECT_TRUE(read_content(written(content, kContentHeadSize + content.payload.size())));
}

}  // namespace
}  // namespace chaski::e2ee::test
