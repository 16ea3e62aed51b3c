// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>

#include "daemon/api_types.hpp"
#include "daemon/backup_source.hpp"
#include "daemon/node_host.hpp"
#include "daemon/vault_keeper.hpp"

namespace chaski::daemon {

struct RouteInput;

/// The requests about the vault: they may take a passphrase's time, so that their answer comes by a
/// callback. Locks by itself when the person has not used the node for a while.
class VaultDesk {
 public:
  using Done = std::function<void(ApiResult)>;

  /// `erase` takes away what a panic leaves, `stop` ends the program once that was answered.
  VaultDesk(boost::asio::io_context& io, NodeHost& host, VaultKeeper& keeper, Log& log,
            base::Random& random, std::function<void()> erase);
  VaultDesk(const VaultDesk&) = delete;
  VaultDesk& operator=(const VaultDesk&) = delete;

  /// Whether handle() is for this path.
  static bool takes(const std::string& path);
  void handle(const ApiRequest& request, Done done);

  /// A backup under this passphrase, to be read until it is empty; the vault must be open.
  using BackupDone = std::function<void(base::Expected<std::shared_ptr<BackupSource>, ApiError>)>;
  void backup(const ApiRequest& request, BackupDone done);

  /// The person did something: the time until it locks begins anew.
  void used();
  /// 0: it does not lock by itself.
  void set_lock_after(std::chrono::seconds time);
  void stop() { idle_timer_.cancel(); }

  VaultState state() const { return keeper_.state(); }
  /// After a panic the program ends.
  bool panicked() const { return panicked_; }
  Json status() const;

 private:
  void init(const Json& body, Done done);
  void unlock(const Json& body, Done done);
  void lock(const Json& body, Done done);
  void change(const Json& body, Done done);
  void panic(const Json& body, Done done);
  void restore(const Json& body, Done done);
  void restore_data(const Json& body, Done done);
  void restore_end(const Json& body, Done done);
  ApiResult restore_fed(base::Expected<void, RestoreError> fed);
  ApiResult give_up_restore(ApiError why);
  void lock_now(const char* why);
  void created(const std::string& name, const Done& done);

  NodeHost& host_;
  VaultKeeper& keeper_;
  Log& log_;
  base::Random& random_;
  std::function<void()> erase_;
  boost::asio::steady_timer idle_timer_;
  std::chrono::seconds lock_after_{0};
  bool panicked_ = false;
  std::unique_ptr<BackupSink> sink_;  ///< of a restore that is under way
};

/// What went wrong with the vault, in plain words and with its mend.
ApiError vault_error(VaultError error);
/// Why a person's request is refused while there is none, or they are locked.
ApiError no_person_error(VaultState state);

}  // namespace chaski::daemon
