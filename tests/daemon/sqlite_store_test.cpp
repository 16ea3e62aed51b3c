// SPDX-License-Identifier: Apache-2.0
// What only the store on disk can go through: damage, newer versions, full disks, files left over.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <memory>

#include "daemon/sqlite_store.hpp"
#include "daemon/start_error.hpp"
#include "daemon/state_folder.hpp"
#include "tests/daemon/open_store.hpp"
#include "tests/daemon/store_samples.hpp"
#include "tests/daemon/temporary_folder.hpp"

namespace chaski::daemon {
namespace {

namespace fs = std::filesystem;
using mesh_router::StoreError;
using mesh_router::StoreKey;

class SqliteStoreTest : public testing::Test {
 protected:
  SqliteStoreTest() { open(); }
  void open(std::uint64_t quota = 64u << 20, std::uint64_t reserve = 0) {
    store_.reset();
    store_ = open_store({folder_.path(), quota, reserve});
  }
  void close() { store_.reset(); }
  StoreKey put(std::uint64_t number, std::size_t size) {
    const auto key = store_->envelopes().put(record_of(number, size), body_of(number, size));
    EXPECT_TRUE(key);
    return key.value_or(0);
  }
  std::string database() const { return folder_.path() + "/chaski.db"; }
  std::string bodies() const { return folder_.path() + "/bodies"; }
  std::string why_not_opened() {
    try {
      open();
    } catch (const StartError& error) {
      EXPECT_EQ(error.exit_code(), kExitState);
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
      return error.what();
    }
    return {};
  }

  TemporaryFolder folder_;
  std::unique_ptr<SqliteStore> store_;
};

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_F(SqliteStoreTest, FilesAreForTheOwnerAlone) {
  put(1, 20'000);
  put(2, 100);
  ASSERT_TRUE(store_->commit());
  std::size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) {
    const auto mode = entry.status().permissions() & fs::perms::mask;
    EXPECT_EQ(mode & (fs::perms::group_all | fs::perms::others_all), fs::perms::none) << entry;
    ++files;
  }
  EXPECT_GE(files, 3u);
}

TEST_F(SqliteStoreTest, ADamagedDatabaseIsReportedAndNotTouched) {
  for (std::uint64_t i = 1; i < 500; ++i) put(i, 1'000);
  ASSERT_TRUE(store_->commit());
  close();
  {
    std::fstream file(database(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4'096 * 5);
    file << std::string(4'096 * 20, 'x');
  }
  const std::string before = content(database());
  EXPECT_NE(why_not_opened().find("is damaged"), std::string::npos);
  EXPECT_EQ(content(database()), before);
}

TEST_F(SqliteStoreTest, AFileThatIsNoDatabaseIsReportedAndNotTouched) {
  close();
  std::ofstream(database(), std::ios::binary) << std::string(10'000, 'n');
  fs::remove(database() + "-wal");
  EXPECT_NE(why_not_opened().find("is damaged"), std::string::npos);
  EXPECT_EQ(content(database()), std::string(10'000, 'n'));
}

void change(const std::string& path, const char* sql) {
  Database other(path);
  ASSERT_EQ(other.exec(sql), SQLITE_OK) << other.message();
}

TEST_F(SqliteStoreTest, ADatabaseOfANewerVersionIsRefusedWithTheMend) {
  close();
  change(database(), "PRAGMA user_version=7");
  const std::string before = content(database());
  const std::string why = why_not_opened();
  EXPECT_NE(why.find("newer chaskid (form 7"), std::string::npos) << why;
  EXPECT_NE(why.find("install the newer version"), std::string::npos) << why;
  EXPECT_EQ(content(database()), before);
}

TEST_F(SqliteStoreTest, ADatabaseOfSomebodyElseIsRefused) {
  close();
  fs::remove(database());
  change(database(), "CREATE TABLE theirs(x)");
  EXPECT_NE(why_not_opened().find("not ours"), std::string::npos);
}

TEST_F(SqliteStoreTest, SegmentsThatHoldNothingAreDeleted) {
  std::vector<StoreKey> keys;
  for (std::uint64_t i = 1; i <= 900; ++i) keys.push_back(put(i, 65'920));
  ASSERT_TRUE(store_->commit());
  const auto segments = [&] {
    return std::distance(fs::directory_iterator(bodies()), fs::directory_iterator());
  };
  EXPECT_EQ(segments(), 4);
  for (const StoreKey key : keys) store_->envelopes().erase(key);
  EXPECT_EQ(segments(), 4) << "only after the commit";
  ASSERT_TRUE(store_->commit());
  EXPECT_EQ(segments(), 2) << "the one in use and a spare";
}

TEST_F(SqliteStoreTest, SegmentsAreWrittenOverOnceTheyHoldNothing) {
  std::map<StoreKey, std::uint64_t> held;
  std::uint64_t number = 0;
  for (int round = 0; round < 60; ++round) {
    for (int i = 0; i < 40; ++i) {
      ++number;
      held[put(number, 60'000 + number % 5'000)] = number;
    }
    ASSERT_TRUE(store_->commit());
    // Each is kept for a while, so that a segment in use is next to one that was written over.
    while (held.size() > 100) {
      const auto [key, n] = *held.begin();
      ASSERT_TRUE(base::equal(store_->envelopes().read(key), body_of(n, 60'000 + n % 5'000))) << n;
      store_->envelopes().erase(key);
      held.erase(held.begin());
    }
    ASSERT_TRUE(store_->commit());
    if (round % 20 == 19) open();
  }
  for (const auto& [key, n] : held) {
    EXPECT_TRUE(base::equal(store_->envelopes().read(key), body_of(n, 60'000 + n % 5'000))) << n;
  }
  std::uintmax_t size = 0;
  for (const auto& file : fs::directory_iterator(bodies())) size += file.file_size();
  EXPECT_LE(size, 64u << 20) << "of 150 MB that came and went";
}

TEST_F(SqliteStoreTest, LargeTextsLieBesideTheDatabaseAndStay) {
  const auto text = [](std::uint64_t n) {
    return std::string(8'100 + 50 * n, static_cast<char>('a' + n % 26));
  };
  for (std::uint64_t n = 1; n <= 600; ++n) {
    auto message = message_of(n, node::Direction::outgoing);
    message.text = text(n);
    ASSERT_EQ(store_->people().add_message(message), n);
    EXPECT_EQ(store_->people().find_message(n)->text, message.text);
    if (n % 40 == 0) {
      ASSERT_TRUE(store_->commit());
    }
    if (n % 200 == 0) open();
  }
  EXPECT_GE(std::distance(fs::directory_iterator(folder_.path() + "/texts"), {}), 3)
      << "nothing is appended after a start";
  EXPECT_LT(fs::file_size(database()), 600'000u);
  for (std::uint64_t n = 1; n <= 600; ++n) {
    EXPECT_EQ(store_->people().find_message(n)->text, text(n)) << n;
  }
  EXPECT_EQ(store_->people().find_outgoing(tagged<wire::EnvelopeId>(9))->text, text(9));
  EXPECT_EQ(store_->people().messages({std::nullopt, 598, 9}).front().text, text(599));
}

TEST_F(SqliteStoreTest, TextsThatWereNeverCommittedAreCleaned) {
  auto message = message_of(1, node::Direction::incoming);
  message.text = std::string(50'000, 'x');
  store_->people().add_message(message);
  ASSERT_TRUE(store_->commit());
  const std::string file = folder_.path() + "/texts/00000001.seg";
  const auto committed = fs::file_size(file);
  for (int i = 0; i < 60; ++i) store_->people().add_message(message);
  EXPECT_GT(fs::file_size(file), committed);
  open();
  EXPECT_EQ(fs::file_size(file), committed);
  EXPECT_EQ(store_->people().message_count(), 1u);
  EXPECT_EQ(store_->people().find_message(1)->text, message.text);
}

TEST_F(SqliteStoreTest, ADatabaseOfBeforeTheVaultIsRefusedAndNotTouched) {
  close();
  change(database(), "PRAGMA user_version=2");
  const std::string before = content(database());
  const std::string why = why_not_opened();
  EXPECT_NE(why.find("older chaskid (form 2"), std::string::npos) << why;
  EXPECT_NE(why.find("move it away"), std::string::npos) << why;
  EXPECT_EQ(content(database()), before);
}

TEST_F(SqliteStoreTest, FreedBodiesGiveTheirBlocksBack) {
  std::vector<StoreKey> keys;
  for (std::uint64_t i = 1; i <= 400; ++i) keys.push_back(put(i, 65'000));
  ASSERT_TRUE(store_->commit());
  const auto used = [&] {
    std::int64_t bytes = 0;
    for (const auto& file : fs::directory_iterator(bodies())) {
      struct stat about {};
      EXPECT_EQ(::stat(file.path().c_str(), &about), 0);
      bytes += about.st_blocks * 512;
    }
    return bytes;
  };
  // One of ten stays, so that no segment comes free as a whole.
  const auto erase_others = [&](std::size_t first, std::size_t end) {
    for (std::size_t i = first; i < end; ++i) {
      if (i % 10 != 0) store_->envelopes().erase(keys[i]);
    }
    ASSERT_TRUE(store_->commit());
  };
  const auto before = used();
  erase_others(0, 200);
  EXPECT_EQ(used(), before) << "they may go as a whole yet";
  erase_others(200, 400);
  EXPECT_LT(used(), before / 5);
  for (std::size_t i = 0; i < 400; i += 10) {
    EXPECT_TRUE(base::equal(store_->envelopes().read(keys[i]), body_of(i + 1, 65'000)));
  }
}

TEST_F(SqliteStoreTest, FreedBodiesGiveTheirBlocksBackAtOnceWhenTheDiskIsNearlyFull) {
  std::vector<StoreKey> keys;
  for (std::uint64_t i = 1; i <= 100; ++i) keys.push_back(put(i, 65'000));
  ASSERT_TRUE(store_->commit());
  const auto blocks = [&] {
    struct stat about {};
    EXPECT_EQ(::stat((bodies() + "/00000001.seg").c_str(), &about), 0);
    return about.st_blocks;
  };
  const auto before = blocks();
  for (std::size_t i = 0; i < 99; ++i) store_->envelopes().erase(keys[i]);
  ASSERT_TRUE(store_->commit());
  EXPECT_EQ(blocks(), before);
  store_->set_limits(64u << 20, std::numeric_limits<std::int64_t>::max());
  EXPECT_FALSE(store_->envelopes().put(record_of(999, 10), body_of(999, 10)));
  EXPECT_LT(blocks(), before / 10);
  EXPECT_TRUE(base::equal(store_->envelopes().read(keys[99]), body_of(100, 65'000)));
}

TEST_F(SqliteStoreTest, OrphanedBodiesAreCleanedAtTheNextStart) {
  put(1, 50'000);
  ASSERT_TRUE(store_->commit());
  const auto size = [&] { return fs::file_size(bodies() + "/00000001.seg"); };
  const auto committed = size();
  for (std::uint64_t i = 2; i < 60; ++i) put(i, 50'000);  // appended, never committed
  EXPECT_GT(size(), committed);
  std::ofstream(bodies() + "/00000099.seg") << "of a transaction that never was";
  std::ofstream(bodies() + "/readme.txt") << "not ours";
  open();
  EXPECT_EQ(size(), committed);
  EXPECT_FALSE(fs::exists(bodies() + "/00000099.seg"));
  EXPECT_TRUE(fs::exists(bodies() + "/readme.txt"));
  EXPECT_EQ(store_->envelopes().usage().envelopes, 1u);
}

TEST_F(SqliteStoreTest, RefusesWhenTheDiskHasLessThanTheReserve) {
  const StoreKey key = put(1, 100);
  ASSERT_TRUE(store_->commit());
  store_->set_limits(64u << 20, std::numeric_limits<std::int64_t>::max());
  EXPECT_FALSE(store_->envelopes().accepts());
  const auto refused = store_->envelopes().put(record_of(2, 100), body_of(2, 100));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), StoreError::full);
  EXPECT_FALSE(store_->problem().empty());
  // The person's own state may still be written: that is what the reserve is for.
  store_->people().save_value("a", body_of(1, 10));
  EXPECT_TRUE(store_->commit());
  EXPECT_TRUE(base::equal(store_->envelopes().read(key), body_of(1, 100)));
  store_->set_limits(64u << 20, 0);
  EXPECT_TRUE(store_->envelopes().accepts());
  put(2, 100);
  EXPECT_TRUE(store_->problem().empty());
}

/// A limit on the size of files stands in for a disk without room: root may be running this.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limited{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limited);
  }
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

TEST_F(SqliteStoreTest, AFullDiskLosesNothingCommittedAndRecovers) {
  for (const std::size_t size : {std::size_t{700}, std::size_t{30'000}}) {
    SCOPED_TRACE(size);
    open();
    std::map<StoreKey, std::uint64_t> durable;
    std::uint64_t number = size * 1'000;
    bool failed = false;
    {
      const FileSizeLimit limit(2u << 20);
      while (!failed && number < size * 1'000 + 20'000) {
        std::map<StoreKey, std::uint64_t> batch;
        for (int i = 0; i < 20; ++i, ++number) {
          const auto key = store_->envelopes().put(record_of(number, size), body_of(number, size));
          if (!key) {
            EXPECT_EQ(key.error(), StoreError::full);
            failed = true;
            break;
          }
          batch[*key] = number;
        }
        if (store_->commit()) {
          durable.merge(batch);
        } else {
          failed = true;
          EXPECT_FALSE(store_->envelopes().accepts());
          EXPECT_FALSE(store_->problem().empty());
          EXPECT_FALSE(store_->envelopes().put(record_of(1, 10), body_of(1, 10)));
        }
      }
      ASSERT_TRUE(failed);
      ASSERT_FALSE(durable.empty());
      for (const auto& [key, n] : durable) {
        EXPECT_TRUE(base::equal(store_->envelopes().read(key), body_of(n, size))) << n;
      }
    }
    if (!store_->envelopes().accepts()) {
      EXPECT_TRUE(store_->probe());
    }
    EXPECT_TRUE(store_->envelopes().accepts());
    durable[put(number, size)] = number;
    ASSERT_TRUE(store_->commit());
    open();
    ASSERT_EQ(store_->envelopes().usage().envelopes, durable.size());
    for (const auto& [key, n] : durable) {
      EXPECT_TRUE(base::equal(store_->envelopes().read(key), body_of(n, size))) << n;
      store_->envelopes().erase(key);
    }
    ASSERT_TRUE(store_->commit());
  }
}

TEST_F(SqliteStoreTest, AnEnvelopeThatComesAndGoesBetweenCommitsCostsNoCommit) {
  const auto before = store_->commits();
  for (std::uint64_t i = 1; i <= 100; ++i) store_->envelopes().erase(put(i, 300));
  ASSERT_TRUE(store_->commit());
  EXPECT_EQ(store_->commits(), before);
  put(1, 300);
  ASSERT_TRUE(store_->commit());
  EXPECT_EQ(store_->commits(), before + 1);
}

TEST(StateFolder, IsCreatedForTheOwnerAloneAndHeldByOne) {
  TemporaryFolder parent;
  const std::string path = parent.path() + "/deep/state";
  const StateFolder first(path);
  struct stat about {};
  ASSERT_EQ(::stat(path.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0700u);
  try {
    const StateFolder second(path);
    FAIL() << "held twice";
  } catch (const StartError& error) {
    EXPECT_EQ(error.exit_code(), kExitBusy);
    const std::string line = error.what();
    EXPECT_NE(line.find("another chaskid (process " + std::to_string(::getpid()) + ")"),
              std::string::npos)
        << line;
    EXPECT_NE(line.find("--state"), std::string::npos);
  }
}

TEST(StateFolder, IsFreeAgainWhenItsHolderIsGone) {
  TemporaryFolder parent;
  { const StateFolder first(parent.path() + "/state"); }
  const StateFolder second(parent.path() + "/state");
  EXPECT_EQ(second.path(), parent.path() + "/state");
}

TEST(StateFolder, AFileInItsPlaceIsOneLine) {
  TemporaryFolder parent;
  std::ofstream(parent.path() + "/state") << "x";
  try {
    const StateFolder folder(parent.path() + "/state");
    FAIL();
  } catch (const StartError& error) {
    EXPECT_EQ(error.exit_code(), kExitState);
    EXPECT_NE(std::string(error.what()).find("Not a directory; name another"), std::string::npos);
  }
}

}  // namespace
}  // namespace chaski::daemon
