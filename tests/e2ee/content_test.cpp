// SPDX-License-Identifier: Apache-2.0
#include "e2ee/content.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace chaski::e2ee::test {
namespace {

base::Bytes written(const Content& content, std::size_t size) {
  base::Bytes out(size, 0xaa);
  write_content(content, out);
  return out;
}

/// Where the bytes of a content stand that has nothing special.
constexpr std::size_t kVersionAt = 0;
constexpr std::size_t kKindAt = 1;
constexpr std::size_t kFlagsAt = 2;
constexpr std::size_t kSizeAt = 11;

TEST(Content, WhatIsWrittenIsRead) {
  EXPECT_TRUE(rc::check("content survives writing", [] {
    Content content;
    content.kind = static_cast<ContentKind>(*rc::gen::inRange(1, 9));
    content.sent_at_unix_s = *rc::gen::arbitrary<std::int64_t>();
    content.payload = *rc::gen::arbitrary<base::Bytes>();
    if (*rc::gen::arbitrary<bool>()) {
      for (auto& byte : content.about.emplace().bytes) byte = *rc::gen::arbitrary<std::uint8_t>();
    }
    content.disappears_after_s = *rc::gen::arbitrary<std::uint32_t>();
    const auto padding = *rc::gen::inRange<std::size_t>(0, 300);
    const auto read = read_content(written(content, content_size(content) + padding));
    RC_ASSERT(read.has_value());
    RC_ASSERT(read->payload == content.payload);
    RC_ASSERT(read->sent_at_unix_s == content.sent_at_unix_s);
    RC_ASSERT(read->kind == content.kind);
    RC_ASSERT(read->about == content.about);
    RC_ASSERT(read->disappears_after_s == content.disappears_after_s);
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
    EXPECT_EQ(with(kVersionAt, byte), value == 2) << "version " << value;
    EXPECT_EQ(with(kKindAt, byte), value >= 1 && value <= 8) << "kind " << value;
    EXPECT_EQ(with(77, byte), value == 0) << "padding " << value;
    if (value > 3) {
      EXPECT_FALSE(with(kFlagsAt, byte)) << "flags " << value;
    }
  }
  constexpr std::size_t kLongest = 78 - kContentHeadSize;
  EXPECT_FALSE(with(kSizeAt, 2));             // a byte of the payload would be padding
  EXPECT_TRUE(with(kSizeAt, 4));              // a zero more is payload
  EXPECT_FALSE(with(kSizeAt, kLongest + 1));  // longer than what is there
  EXPECT_TRUE(with(kSizeAt, kLongest));
  EXPECT_FALSE(with(kSizeAt + 3, 1));
  for (std::size_t size = 0; size < kContentHeadSize + 3; ++size) {
    EXPECT_FALSE(read_content(base::ByteView(good).first(size))) << size;
  }
}

TEST(Content, WhatDisappearsAfterNoTimeIsNotWritten) {
  Content content;
  content.disappears_after_s = 1;
  auto bytes = written(content, 78);
  ASSERT_TRUE(read_content(bytes));
  bytes[kSizeAt] = 0;
  EXPECT_FALSE(read_content(bytes));
}

TEST(Content, PayloadIsBounded) {
  Content content;
  content.payload.resize(kPayloadSizeMax + 1);
  EXPECT_FALSE(read_content(written(content, content_size(content))));
  content.payload.resize(kPayloadSizeMax);
  EXPECT_TRUE(read_content(written(content, content_size(content))));
}

}  // namespace
}  // namespace chaski::e2ee::test
