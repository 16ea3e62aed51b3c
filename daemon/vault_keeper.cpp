// SPDX-License-Identifier: Apache-2.0
#include "daemon/vault_keeper.hpp"

#include <boost/asio/post.hpp>
#include <utility>

#include "daemon/start_error.hpp"

namespace chaski::daemon {
namespace {

VaultError error_of(SqlitePeople::OpenError error) {
  return error == SqlitePeople::OpenError::other_key ? VaultError::other_key : VaultError::damaged;
}

[[noreturn]] void throw_unusable(const std::string& what, const std::string& mend) {
  throw StartError(kExitState, what + "; " + mend);
}

}  // namespace

const char* to_string(VaultState state) {
  switch (state) {
    case VaultState::none: return "none";
    case VaultState::locked: return "locked";
    case VaultState::open: return "open";
  }
  return "none";
}

bool is_passphrase(std::string_view text) {
  return !text.empty() && text.size() <= vault::kPassphraseSizeMax;
}

VaultKeeper::VaultKeeper(boost::asio::io_context& io, std::string folder, SqliteStore& store,
                         base::Random& random, vault::PassphraseCost cost)
    : io_(io), file_(std::move(folder)), store_(store), random_(random), cost_(cost) {
  open_at_start();
}

VaultKeeper::~VaultKeeper() {
  if (worker_.joinable()) worker_.join();
}

void VaultKeeper::open_at_start() {
  if (!store_.has_person()) return file_.remove();  // of an init that did not get to its end
  if (!file_.exists()) {
    throw_unusable("the key file " + file_.path() + " is missing, without it what is in " +
                       store_.path() + " cannot be read",
                   "put it back, or move the database away to begin anew");
  }
  const auto file = file_.read();
  if (!file && file.error() == vault::KeyFileError::newer) {
    throw_unusable("the key file " + file_.path() + " was written by a newer chaskid",
                   "install the newer version again");
  }
  const std::string damaged = "the key file " + file_.path() + " is damaged";
  const char* const mend = "put a copy of it back";
  if (!file) throw_unusable(damaged, mend);
  has_passphrase_ = file->protection() == vault::Protection::passphrase;
  if (has_passphrase_) return;
  const auto key = file->unwrap_open();
  if (!key) throw_unusable(damaged, mend);
  const auto opened = open_store(*key);
  if (opened) return;
  if (opened.error() == VaultError::other_key) {
    throw_unusable("the key file " + file_.path() + " is not the one of " + store_.path(),
                   "put back the one that belongs to it");
  }
  throw_unusable("what is sealed in " + store_.path() +
                     " was changed: a record is damaged, missing or an older one",
                 "move the data folder away and restore a backup with chaski restore");
}

VaultState VaultKeeper::state() const {
  if (store_.vault_is_open()) return VaultState::open;
  return file_.exists() ? VaultState::locked : VaultState::none;
}

base::Expected<void, VaultError> VaultKeeper::open_store(const vault::DataKey& key) {
  const auto opened = store_.open_vault(key, random_);
  if (!opened) return base::unexpected(error_of(opened.error()));
  return {};
}

base::Expected<void, VaultError> VaultKeeper::replace(const vault::KeyFile& file) {
  if (!file_.replace(file)) return base::unexpected(VaultError::disk);
  has_passphrase_ = file.protection() == vault::Protection::passphrase;
  return {};
}

void VaultKeeper::stretch(std::string_view passphrase, const vault::Salt& salt,
                          const vault::PassphraseCost& cost, Stretched done) {
  if (!is_passphrase(passphrase)) return done(base::unexpected(VaultError::bad_passphrase));
  if (std::exchange(busy_, true)) return done(base::unexpected(VaultError::busy));
  vault::GuardedBytes guarded(passphrase.size());
  const base::ByteView bytes = base::as_bytes(passphrase);
  std::copy(bytes.begin(), bytes.end(), guarded.mutable_view().begin());
  using Key = std::optional<vault::KeyEncryptionKey>;
  const auto result = std::make_shared<Key>();
  worker_ = std::thread([this, salt, cost, result, done = std::move(done),
                         held = std::move(guarded)]() mutable {
    *result = vault::stretch(held.view(), salt, cost);
    boost::asio::post(io_, [this, result, done = std::move(done)] {
      worker_.join();
      busy_ = false;
      if (!*result) return done(base::unexpected(VaultError::out_of_memory));
      done(std::move(**result));
    });
  });
}

void VaultKeeper::wrap_and_replace(std::shared_ptr<vault::DataKey> key, Passphrase passphrase,
                                   Done done) {
  if (!passphrase) return done(replace(vault::KeyFile::wrap_open(*key, random_)));
  const auto salt = random_.bytes<vault::Salt>();
  const vault::PassphraseCost cost = cost_;
  stretch(*passphrase, salt, cost, [this, key, salt, cost, done](auto stretched) {
    if (!stretched) return done(base::unexpected(stretched.error()));
    done(replace(vault::KeyFile::wrap(*key, *stretched, salt, cost, random_)));
  });
}

void VaultKeeper::create(Passphrase passphrase, Done done) {
  // A new key: one that lay on the disk before is not trusted to be gone from it.
  auto key = std::make_shared<vault::DataKey>(vault::make_data_key(random_));
  // What an init or a restore left that did not get to its end goes before its key does.
  store_.close_vault();
  if (!store_.erase_person()) return done(base::unexpected(VaultError::disk));
  wrap_and_replace(key, passphrase, [this, key, done](auto written) {
    if (!written) return done(written);
    done(open_store(*key));
  });
}

void VaultKeeper::with_data_key(
    std::string_view passphrase,
    std::function<void(base::Expected<std::shared_ptr<vault::DataKey>, VaultError>)> done) {
  const auto give = [done](std::optional<vault::DataKey> key, VaultError otherwise) {
    if (!key) return done(base::unexpected(otherwise));
    done(std::make_shared<vault::DataKey>(std::move(*key)));
  };
  const auto file = file_.read();
  if (!file) return give(std::nullopt, VaultError::damaged);
  if (file->protection() == vault::Protection::none) {
    return give(file->unwrap_open(), VaultError::damaged);
  }
  stretch(passphrase, file->salt(), file->cost(), [file = *file, done, give](auto stretched) {
    if (!stretched) return done(base::unexpected(stretched.error()));
    give(file.unwrap(*stretched), VaultError::wrong_passphrase);
  });
}

void VaultKeeper::unlock(std::string_view passphrase, Done done) {
  with_data_key(passphrase, [this, done](auto key) {
    if (!key) return done(base::unexpected(key.error()));
    if (store_.vault_is_open()) return done({});
    done(open_store(**key));
  });
}

void VaultKeeper::lock() { store_.close_vault(); }

void VaultKeeper::change(std::string_view old, Passphrase wanted, Done done) {
  // Kept for the second stretching; the caller's text is gone by then.
  const auto kept = std::make_shared<std::optional<std::string>>();
  if (wanted) *kept = std::string(*wanted);
  if (wanted && !is_passphrase(*wanted)) return done(base::unexpected(VaultError::bad_passphrase));
  with_data_key(old, [this, kept, done](auto key) {
    if (!key) return done(base::unexpected(key.error()));
    wrap_and_replace(*key, *kept ? Passphrase(**kept) : Passphrase(), done);
  });
}

bool VaultKeeper::destroy() {
  const bool destroyed = !file_.exists() || file_.destroy();
  store_.close_vault(/*quick=*/true);
  return destroyed;
}

}  // namespace chaski::daemon
