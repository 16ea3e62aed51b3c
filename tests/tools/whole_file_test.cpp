// SPDX-License-Identifier: Apache-2.0
// Afraid of: running on half of a file because the rest of its gzip is missing.
#include "tools/files/whole_file.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace chaski::tools {
namespace {

class WholeFile : public ::testing::Test {
 protected:
  WholeFile() {
    std::string name = (std::filesystem::temp_directory_path() / "chaski-file-XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~WholeFile() override { std::filesystem::remove_all(folder_); }

  std::string path() const { return (folder_ / "f").string(); }
  void put(const std::string& content) const {
    std::ofstream(path(), std::ios::binary | std::ios::trunc) << content;
  }
  std::string packed(const std::string& content) const {
    gzFile file = gzopen(path().c_str(), "wb");
    EXPECT_EQ(gzwrite(file, content.data(), static_cast<unsigned>(content.size())),
              static_cast<int>(content.size()));
    EXPECT_EQ(gzclose(file), Z_OK);
    std::ifstream in(path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::string error(std::size_t bytes_max = 1 << 20) const {
    const auto content = read_whole_file(path(), bytes_max);
    return content ? "none" : content.error().message;
  }

  std::filesystem::path folder_;
};

/// Larger than a chunk, and hard to pack.
std::string long_text() {
  std::string text;
  for (unsigned i = 0; text.size() < 600'000; ++i) text += std::to_string(i * 2654435761u) + '\n';
  return text;
}

TEST_F(WholeFile, IsWhatWasWrittenPackedOrNot) {
  for (const std::string& content : {std::string(), std::string("a\0b\n", 4), long_text()}) {
    put(content);
    EXPECT_EQ(read_whole_file(path(), 1 << 20), content);
    put(packed(content));
    EXPECT_EQ(read_whole_file(path(), 1 << 20), content);
  }
  const std::string first = packed("one ");
  put(first + packed("two"));
  EXPECT_EQ(read_whole_file(path(), 1 << 20), "one two");
}

TEST_F(WholeFile, IsAnErrorWhenItsGzipIsCutAnywhere) {
  const std::string whole = packed(long_text());
  for (const std::size_t size :
       {std::size_t{11}, std::size_t{100}, whole.size() / 2, whole.size() - 8, whole.size() - 1}) {
    put(whole.substr(0, size));
    EXPECT_NE(error().find("cut off"), std::string::npos) << size << ": " << error();
  }
  std::string damaged = whole;
  damaged[whole.size() / 2] = static_cast<char>(damaged[whole.size() / 2] ^ 1);
  put(damaged);
  EXPECT_NE(error().find("damaged"), std::string::npos) << error();
}

TEST_F(WholeFile, HasABoundOfItsUnpackedSize) {
  put(packed(std::string(1'000'000, 'x')));
  EXPECT_EQ(error(1'000'000), "none");
  EXPECT_EQ(error(999'999), path() + ": more than 999999 bytes, unpacked");
}

TEST_F(WholeFile, SaysWhyItCannotBeRead) {
  EXPECT_EQ(error(), path() + ": No such file or directory");
  const auto folder = read_whole_file(folder_.string(), 100);
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().message, folder_.string() + ": Is a directory");
}

}  // namespace
}  // namespace chaski::tools
