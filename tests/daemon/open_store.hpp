// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <stdexcept>

#include "daemon/sqlite_store.hpp"
#include "daemon/system_random.hpp"

namespace chaski::daemon {

/// The data key of every store that tests open, unless they want another.
inline vault::DataKey test_key(std::uint8_t number = 1) {
  vault::DataKey key;
  key.mutable_view()[0] = number;
  return key;
}

/// Opens what the person has in this store.
inline void open_test_vault(SqliteStore& store, std::uint8_t key = 1) {
  static SystemRandom random;
  if (!store.open_vault(test_key(key), random)) throw std::runtime_error("the vault did not open");
}

/// A store with its vault open.
inline std::unique_ptr<SqliteStore> open_store(const StoreConfig& config) {
  auto store = std::make_unique<SqliteStore>(config);
  open_test_vault(*store);
  return store;
}

}  // namespace chaski::daemon
