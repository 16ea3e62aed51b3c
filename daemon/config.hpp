// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.hpp"
#include "daemon/log.hpp"
#include "link/keys.hpp"
#include "transport-ble/transport.hpp"
#include "transport-lan/lan_transport.hpp"
#include "transport-serial/transport.hpp"
#include "vault/passphrase.hpp"

namespace chaski::daemon {

/// Where the config is looked for when the command line names none.
inline constexpr const char* kDefaultConfigPath = "/etc/chaski/chaskid.toml";

/// What chaskid.toml says; keys and defaults as in docs/api.md.
struct Config {
  std::string state = "/var/lib/chaski";
  bool fixed_key = false;
  std::string network_key_file;
  std::optional<link::NetworkKey> network_key;  ///< read from network_key_file

  std::uint64_t quota_bytes = 1u << 30;
  std::uint64_t free_reserve_bytes = 64u << 20;
  std::uint64_t files_quota_bytes = std::uint64_t{4} << 30;

  /// Bits of the stamp that an answer to an invitation needs, when nothing else is said; 0: none.
  std::uint64_t invite_price = 0;

  vault::PassphraseCost passphrase_cost;  ///< of passphrases that are set from now on
  std::uint64_t lock_after_s = 0;         ///< locks when it was not used for so long; 0: never

  std::string socket;  ///< empty: <state>/chaskid.sock
  unsigned socket_mode = 0660;

  bool lan_enabled = true;
  transport_lan::LanConfig lan;

  bool ble_enabled = true;
  transport_ble::BleConfig ble;
  /// Whether the radio spares the battery; nothing: when the machine runs on it.
  std::optional<bool> ble_on_battery;

  transport_serial::SerialConfig serial;  ///< off while it names no device

  LogLevel log_level = LogLevel::info;

  std::string socket_path() const { return socket.empty() ? state + "/chaskid.sock" : socket; }
};

/// Reads a config. `name` stands for the file in messages.
///
/// Errors: one line with file, line, what is wrong and the mend. Unknown keys are errors. The
/// network key file is not read here.
base::Expected<Config, std::string> parse_config(std::string_view text, std::string_view name);

/// Reads the file and the network key file it names. A missing file is all defaults when
/// `optional`.
base::Expected<Config, std::string> load_config(const std::string& path, bool optional);

/// Names of the keys that differ and that need a restart to take effect.
std::vector<std::string> needs_restart(const Config& running, const Config& wanted);

}  // namespace chaski::daemon
