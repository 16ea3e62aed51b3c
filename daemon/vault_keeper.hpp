// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>

#include "base/random.hpp"
#include "daemon/sqlite_store.hpp"
#include "daemon/vault_file.hpp"

namespace chaski::daemon {

enum class VaultState : std::uint8_t {
  none,    ///< nobody is a person here yet
  locked,  ///< there is one, behind a passphrase
  open,
};
const char* to_string(VaultState state);

enum class VaultError : std::uint8_t {
  wrong_passphrase,
  bad_passphrase,  ///< empty, or longer than vault::kPassphraseSizeMax
  out_of_memory,   ///< for what stretching the passphrase takes
  busy,            ///< another passphrase is being stretched
  disk,
  other_key,       ///< the key file is not that of this database
  damaged,         ///< rows or the key file
};

/// Key file and sealed rows together: who makes, opens, closes and destroys the vault.
///
/// Passphrases are stretched on a thread of their own, one at a time; `done` is called on the loop.
class VaultKeeper {
 public:
  using Passphrase = std::optional<std::string_view>;  ///< nothing: none is wanted
  using Done = std::function<void(base::Expected<void, VaultError>)>;

  /// Opens a vault without passphrase. Throws StartError: the key file is missing, damaged or of
  /// another database.
  VaultKeeper(boost::asio::io_context& io, std::string folder, SqliteStore& store,
              base::Random& random, vault::PassphraseCost cost);
  ~VaultKeeper();
  VaultKeeper(const VaultKeeper&) = delete;
  VaultKeeper& operator=(const VaultKeeper&) = delete;

  VaultState state() const;
  bool has_passphrase() const { return has_passphrase_; }
  /// Of passphrases that are set from now on.
  void set_cost(vault::PassphraseCost cost) { cost_ = cost; }
  vault::PassphraseCost cost() const { return cost_; }

  /// Makes a vault under a new key, open, in place of one in which nobody is.
  void create(Passphrase passphrase, Done done);
  /// Of a locked one. The store is open then.
  void unlock(std::string_view passphrase, Done done);
  /// The store must have been committed.
  void lock();
  /// `old` counts only when there is one; nothing for `wanted`: without passphrase from now on.
  void change(std::string_view old, Passphrase wanted, Done done);
  /// Overwrites the key file and wipes what is in memory; the store is closed then.
  bool destroy();

  /// For other keys that come of passphrases; on the thread as well.
  using Stretched = std::function<void(base::Expected<vault::KeyEncryptionKey, VaultError>)>;
  void stretch(std::string_view passphrase, const vault::Salt& salt,
               const vault::PassphraseCost& cost, Stretched done);

 private:
  void open_at_start();
  base::Expected<void, VaultError> open_store(const vault::DataKey& key);
  void wrap_and_replace(std::shared_ptr<vault::DataKey> key, Passphrase passphrase, Done done);
  base::Expected<void, VaultError> replace(const vault::KeyFile& file);
  void with_data_key(std::string_view passphrase,
                     std::function<void(base::Expected<std::shared_ptr<vault::DataKey>,
                                                       VaultError>)> done);

  boost::asio::io_context& io_;
  VaultFile file_;
  SqliteStore& store_;
  base::Random& random_;
  vault::PassphraseCost cost_;
  bool has_passphrase_ = false;
  std::thread worker_;
  bool busy_ = false;
};

/// Whether a text may be a passphrase.
bool is_passphrase(std::string_view text);

}  // namespace chaski::daemon
