// SPDX-License-Identifier: Apache-2.0
#include "attachment/manifest.hpp"

#include <gtest/gtest.h>

#include "tests/attachment/files.hpp"
#include "wire/limits.hpp"

namespace chaski::attachment::test {
namespace {

Manifest example() {
  base::SeededRandom random(7);
  return manifest_of(random, random_bytes(random, 100), *ChunkPlan::choose(100'000));
}

TEST(Manifest, WhatIsWrittenIsRead) {
  const Manifest manifest = example();
  const base::Bytes bytes = encode_manifest(manifest);
  const auto read = decode_manifest(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->secret, manifest.secret);
  EXPECT_EQ(read->digest, manifest.digest);
  EXPECT_EQ(read->plan, manifest.plan);
  EXPECT_EQ(read->lifetime_s, manifest.lifetime_s);
  EXPECT_EQ(read->priority, manifest.priority);
  EXPECT_EQ(read->name, manifest.name);
  EXPECT_EQ(read->media_type, manifest.media_type);
}

TEST(Manifest, EveryOtherLengthIsRefused) {
  const base::Bytes bytes = encode_manifest(example());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_manifest(base::ByteView(bytes).first(size))) << size;
  }
  base::Bytes longer = bytes;
  longer.push_back(0);
  EXPECT_FALSE(decode_manifest(longer));
}

TEST(Manifest, FieldsOutOfBoundsAreRefused) {
  const base::Bytes good = encode_manifest(example());
  const auto with = [&good](std::size_t at, std::uint8_t value) {
    base::Bytes changed = good;
    changed[at] = value;
    return decode_manifest(changed).has_value();
  };
  EXPECT_FALSE(with(0, 0));
  EXPECT_FALSE(with(0, 2));                    // version
  EXPECT_FALSE(with(1, kChunkBodySizes.size()));  // class
  EXPECT_FALSE(with(2, kGroupParityMax + 1));
  EXPECT_FALSE(with(3, 3));                    // priority
  EXPECT_FALSE(with(6, 0xff));                 // lifetime: beyond 14 days
  EXPECT_FALSE(with(15, 1));                   // size: beyond 1 TiB
  Manifest other = example();
  other.lifetime_s = wire::kLifetimeMax_s;
  EXPECT_TRUE(decode_manifest(encode_manifest(other)));
}

TEST(Manifest, NamesThatWouldLeaveTheirFolderAreRefused) {
  for (const char* bad : {"/etc/passwd", "..", ".", ".bashrc", "../x", "a/b", "a\\b", "c:x", "a\nb",
                          "\xff", "a\x1b[2J", "\u202egnp.exe"}) {
    EXPECT_FALSE(is_valid_file_name(bad)) << bad;
  }
  EXPECT_FALSE(is_valid_file_name(std::string("a\0b", 3)));
  EXPECT_FALSE(is_valid_file_name(std::string(kFileNameSizeMax + 1, 'a')));
  EXPECT_TRUE(is_valid_file_name(std::string(kFileNameSizeMax, 'a')));
  for (const char* good : {"", "a", "map (2).png", "Übersicht – Tal.pdf", "地図.png"}) {
    EXPECT_TRUE(is_valid_file_name(good)) << good;
  }
  // And on the way in.
  Manifest manifest = example();
  manifest.name = "abc";
  base::Bytes bytes = encode_manifest(manifest);
  const auto place =
      std::search(bytes.begin(), bytes.end(), manifest.name.begin(), manifest.name.end());
  ASSERT_NE(place, bytes.end());
  *place = '.';
  EXPECT_FALSE(decode_manifest(bytes));
}

TEST(Manifest, MediaTypesAreTwoTokens) {
  for (const char* good : {"", "image/png", "application/vnd.oasis.opendocument.text",
                           "image/svg+xml"}) {
    EXPECT_TRUE(is_valid_media_type(good)) << good;
  }
  for (const char* bad : {"image", "/", "image/", "/png", "a/b/c", "Image/png", "text/html; x=y",
                          "a b/c", "../etc"}) {
    EXPECT_FALSE(is_valid_media_type(bad)) << bad;
  }
}

}  // namespace
}  // namespace chaski::attachment::test
