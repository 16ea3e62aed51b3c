// SPDX-License-Identifier: Apache-2.0
// Afraid of: a stick that a stranger filled with links, pipes, devices and huge files; one that is
// full, locked, or pulled out while it is written.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "sample_bundle.hpp"
#include "transport-file/bundle_file.hpp"
#include "transport-file/new_bundle.hpp"

namespace chaski::transport_file {
namespace {

namespace fs = std::filesystem;

struct StickFiles : ::testing::Test {
  StickFiles() {
    std::string name = fs::temp_directory_path() / "chaski-stick-XXXXXX";
    path = ::mkdtemp(name.data());
    folder.emplace(*StickFolder::open(path));
  }
  ~StickFiles() override { fs::remove_all(path); }

  void put(const std::string& name, base::ByteView bytes) {
    std::ofstream(path / name, std::ios::binary) << base::as_text(bytes);
  }
  BundleProblem problem(const std::string& name) {
    auto file = BundleFile::open(*folder, name);
    if (!file) return file.error();
    const auto checked = file->check([](std::uint64_t) {});
    EXPECT_FALSE(checked);
    return checked ? BundleProblem::unreadable : checked.error();
  }

  fs::path path;
  std::optional<StickFolder> folder;
  const base::Bytes good = bundle::sample_bundle();
};

TEST_F(StickFiles, WhatWasWrittenIsReadBlockByBlock) {
  auto out = NewBundle::begin(*folder, "0001abcd.csk");
  ASSERT_TRUE(out);
  ASSERT_EQ(out->write(base::ByteView(good).first(100)), 0);
  EXPECT_TRUE(folder->list()->bundles.empty()) << "nobody sees it before it is whole";
  ASSERT_EQ(out->write(base::ByteView(good).subspan(100)), 0);
  ASSERT_EQ(out->finish(), 0);
  EXPECT_EQ(folder->list()->bundles, std::vector<std::string>{"0001abcd.csk"});
  EXPECT_TRUE(folder->list()->unfinished.empty());
  auto file = BundleFile::open(*folder, "0001abcd.csk");
  ASSERT_TRUE(file);
  std::uint64_t seen = 0;
  EXPECT_TRUE(file->check([&](std::uint64_t done) { seen = done; }));
  EXPECT_EQ(seen, good.size() - bundle::kBlockHeadSize - bundle::kDigestSize);
  std::vector<bundle::BlockKind> kinds;
  EXPECT_TRUE(file->read([&](bundle::BlockKind kind, std::uint64_t index, base::ByteView block) {
    EXPECT_EQ(index, kinds.size());
    EXPECT_TRUE(bundle::decode_block_head(block.first(bundle::kBlockHeadSize)));
    kinds.push_back(kind);
    return true;
  }));
  EXPECT_EQ(kinds, (std::vector{bundle::BlockKind::summary, bundle::BlockKind::envelopes}));
}

TEST_F(StickFiles, WhatIsNotFinishedLeavesNothing) {
  {
    auto out = NewBundle::begin(*folder, "0001abcd.csk");
    ASSERT_EQ(out->write(good), 0);
  }
  EXPECT_TRUE(fs::is_empty(path));
}

TEST_F(StickFiles, CutAnywhereItIsNotBelieved) {
  for (std::size_t size = 0; size < good.size(); ++size) {
    put("00000001.csk", base::ByteView(good).first(size));
    const BundleProblem why = problem("00000001.csk");
    EXPECT_EQ(why,
              size < bundle::kHeaderSize ? BundleProblem::not_a_bundle : BundleProblem::not_whole)
        << size;
  }
  base::Bytes longer = good;
  longer.push_back('x');
  put("00000001.csk", longer);
  EXPECT_EQ(problem("00000001.csk"), BundleProblem::not_whole);
}

TEST_F(StickFiles, NamesAreThoseThatEverySystemOfAStickTakes) {
  const base::Bytes salt{0x00, 0xab, 0xCD, 0xff, 9, 9};
  EXPECT_EQ(bundle_name(salt), "00abcdff.csk");
  EXPECT_TRUE(is_bundle_name("00ABCDFF.CSK"));
  EXPECT_TRUE(is_unfinished_name(unfinished_name("00abcdff.csk")));
  for (const char* name : {"", ".csk", "00abcdff", "00abcdff.cs", "00abcdff.cskk", "00abcdfg.csk",
                           "../abcdff.csk", "00abcdff.csk/", "000abcdff.csk"}) {
    EXPECT_FALSE(is_bundle_name(name)) << name;
  }
}

TEST_F(StickFiles, StrangersFilesAreLeftAlone) {
  put("holiday.jpg", good);
  put("0001abcd.csk", good);
  fs::create_directories(path / "deep/deeper");
  put("deep/0002abcd.csk", good);
  put("00000009.tmp", good);
  EXPECT_EQ(folder->list()->bundles, std::vector<std::string>{"0001abcd.csk"});
  EXPECT_EQ(folder->list()->unfinished, std::vector<std::string>{"00000009.tmp"});
}

using StickHostile = StickFiles;

TEST_F(StickHostile, LinksPipesFoldersAndDevicesAreNoBundles) {
  put("real", good);
  fs::create_symlink(path / "real", path / "00000001.csk");
  fs::create_symlink("/etc/passwd", path / "00000002.csk");
  ASSERT_EQ(::mkfifo((path / "00000003.csk").c_str(), 0600), 0);
  fs::create_directory(path / "00000004.csk");
  fs::create_symlink("/dev/zero", path / "00000005.csk");
  const auto listing = folder->list();
  ASSERT_EQ(listing->bundles.size(), 5u);
  for (const std::string& name : listing->bundles) {
    EXPECT_EQ(problem(name), BundleProblem::not_a_file) << name;
  }
  if (::mknod((path / "00000006.csk").c_str(), S_IFCHR | 0600, 0x105) == 0) {  // /dev/zero
    const BundleProblem why = problem("00000006.csk");
    EXPECT_TRUE(why == BundleProblem::not_a_file || why == BundleProblem::unreadable);
  }
}

TEST_F(StickHostile, ALinkInPlaceOfTheNewFileIsNotWrittenThrough) {
  put("victim", base::as_bytes("precious"));
  fs::create_symlink(path / "victim", path / "0001abcd.tmp");
  const auto out = NewBundle::begin(*folder, "0001abcd.csk");
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error(), EEXIST);
  fs::create_symlink(path / "victim", path / "0002abcd.csk");
  auto second = NewBundle::begin(*folder, "0002abcd.csk");
  ASSERT_TRUE(second);
  ASSERT_EQ(second->write(good), 0);
  ASSERT_EQ(second->finish(), 0);
  EXPECT_EQ(fs::file_size(path / "victim"), 8u);
}

TEST_F(StickHostile, FilesThatAreTooLargeAreNotRead) {
  put("00000001.csk", good);
  ASSERT_EQ(::truncate((path / "00000001.csk").c_str(), off_t{64} << 30), 0);
  EXPECT_EQ(problem("00000001.csk"), BundleProblem::too_large);
  ASSERT_EQ(::truncate((path / "00000001.csk").c_str(), off_t{1} << 30), 0);
  EXPECT_EQ(problem("00000001.csk"), BundleProblem::not_whole);
}

TEST_F(StickHostile, OfManyFilesSomeAreLookedAt) {
  for (int i = 0; i < 5'000; ++i) put(std::to_string(10'000'000 + i) + ".csk", {});
  const auto listing = folder->list();
  ASSERT_TRUE(listing);
  EXPECT_EQ(listing->bundles.size(), StickFolder::kBundlesMax);
  EXPECT_TRUE(listing->more);
}

TEST_F(StickHostile, AFileThatShrinksWhileItIsReadIsSeen) {
  put("00000001.csk", good);
  auto file = BundleFile::open(*folder, "00000001.csk");
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->check([](std::uint64_t) {}));
  ASSERT_EQ(::truncate((path / "00000001.csk").c_str(), 100), 0);
  const auto read =
      file->read([](bundle::BlockKind, std::uint64_t, base::ByteView) { return true; });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error(), BundleProblem::not_whole);
}

TEST_F(StickHostile, AFolderThatIsPulledAwayIsAnError) {
  fs::remove_all(path);
  EXPECT_FALSE(NewBundle::begin(*folder, "0001abcd.csk"));
  EXPECT_FALSE(StickFolder::open(path));
  fs::create_directory(path);
  put("plain", good);
  EXPECT_FALSE(StickFolder::open(path / "plain"));
}

TEST_F(StickHostile, AFullStickSaysSo) {
  // The limit on the size of a file stands for the end of the stick.
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handled = std::signal(SIGXFSZ, SIG_IGN);
  rlimit small = before;
  small.rlim_cur = 100;
  {
    auto out = NewBundle::begin(*folder, "0001abcd.csk");
    ASSERT_TRUE(out);
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    EXPECT_EQ(out->write(good), EFBIG);
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  }
  std::signal(SIGXFSZ, handled);
  EXPECT_TRUE(fs::is_empty(path));
}

}  // namespace
}  // namespace chaski::transport_file
