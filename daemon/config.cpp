// SPDX-License-Identifier: Apache-2.0
#include "daemon/config.hpp"

#include <arpa/inet.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <limits>
#include <memory>

#include "base/hex.hpp"
#include "settings/section.hpp"
#include "wire/limits.hpp"

namespace chaski::daemon {
namespace {

using settings::Section;

constexpr std::size_t kConfigSizeMax = 1u << 20;
constexpr std::uint64_t kLockAfterMax_s = std::uint64_t{365} * 24 * 3'600;
constexpr std::uint64_t kQuotaMin = 1u << 20;
constexpr std::uint64_t kSizeMax = std::numeric_limits<std::int64_t>::max();

bool is_address(std::string text) {
  if (const auto scope = text.find('%'); scope != std::string::npos) text.resize(scope);
  in6_addr v6{};
  in_addr v4{};
  return ::inet_pton(AF_INET6, text.c_str(), &v6) == 1 ||
         ::inet_pton(AF_INET, text.c_str(), &v4) == 1;
}

/// "host:port" or "[v6%if]:port".
bool is_peer(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  unsigned number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc{} || end != port.data() + port.size()) return false;
  if (number == 0 || number > 65'535) return false;
  if (host.front() == '[')
    return host.back() == ']' && is_address(std::string(host.substr(1, host.size() - 2)));
  return host.find(':') == std::string_view::npos && host.find(' ') == std::string_view::npos;
}

void read_node(Section section, Config& config) {
  section.read("state", config.state);
  if (config.state.empty()) section.reject("state", "is empty", "name the data folder");
  section.read("fixed_key", config.fixed_key);
  section.read("network_key_file", config.network_key_file);
  section.finish();
}

void read_store(Section section, Config& config) {
  section.read("quota_bytes", config.quota_bytes, kQuotaMin, kSizeMax);
  section.read("free_reserve_bytes", config.free_reserve_bytes, 0, kSizeMax);
  section.read("files_quota_bytes", config.files_quota_bytes, 0, kSizeMax);
  section.finish();
}

void read_invite(Section section, Config& config) {
  section.read("price", config.invite_price, 0, wire::kStampBitsMax);
  section.finish();
}

void read_vault(Section section, Config& config) {
  using Cost = vault::PassphraseCost;
  std::uint64_t passes = config.passphrase_cost.passes;
  std::uint64_t memory_MiB = config.passphrase_cost.memory_KiB / 1'024;
  section.read("passphrase_passes", passes, Cost::kPassesMin, Cost::kPassesMax);
  section.read("passphrase_memory_mib", memory_MiB, Cost::kMemoryMin_KiB / 1'024,
               Cost::kMemoryMax_KiB / 1'024);
  config.passphrase_cost = {.passes = static_cast<std::uint32_t>(passes),
                            .memory_KiB = static_cast<std::uint32_t>(memory_MiB * 1'024)};
  section.read("lock_after_s", config.lock_after_s, 0, kLockAfterMax_s);
  section.finish();
}

void read_api(Section section, Config& config) {
  section.read("socket", config.socket);
  std::string mode = "0660";
  section.read("socket_mode", mode);
  const auto [end, error] =
      std::from_chars(mode.data(), mode.data() + mode.size(), config.socket_mode, 8);
  if (error != std::errc{} || end != mode.data() + mode.size() || config.socket_mode > 0777) {
    section.reject("socket_mode", "is no file mode", R"(write it like "0660")");
  }
  section.finish();
}

void read_lan(Section section, Config& config) {
  section.read("enabled", config.lan_enabled);
  std::uint64_t port = config.lan.port;
  section.read("port", port, 0, 65'535);
  config.lan.port = static_cast<std::uint16_t>(port);
  section.read("listen", config.lan.listen);
  for (const std::string& address : config.lan.listen) {
    if (is_address(address)) continue;
    section.reject("listen", "has '" + address + "', which is no address",
                   R"(write addresses like "::" or "192.0.2.1")");
  }
  section.read("peers", config.lan.peers);
  for (const std::string& peer : config.lan.peers) {
    if (is_peer(peer)) continue;
    section.reject("peers", "has '" + peer + "', which is no peer",
                   R"(write peers like "host:port" or "[fe80::1%eth0]:port")");
  }
  section.read("interfaces", config.lan.interfaces);
  section.read("discover", config.lan.discover);
  section.finish();
}

/// "hci0" and the like.
bool is_adapter(std::string_view text) {
  constexpr std::string_view kPrefix = "hci";
  if (!text.starts_with(kPrefix) || text.size() == kPrefix.size()) return false;
  text.remove_prefix(kPrefix.size());
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}

void read_ble(Section section, Config& config) {
  section.read("enabled", config.ble_enabled);
  section.read("adapters", config.ble.adapters);
  for (const std::string& adapter : config.ble.adapters) {
    if (is_adapter(adapter)) continue;
    section.reject("adapters", "has '" + adapter + "', which is no adapter",
                   "write adapters like \"hci0\"; bluetoothctl list names them");
  }
  std::uint64_t links = config.ble.links_max;
  section.read("links_max", links, 1, transport_ble::kBudgetMax);
  config.ble.links_max = links;
  section.read("require_privacy", config.ble.require_privacy);
  section.read("channels", config.ble.channels);
  section.read("leave_pairable", config.ble.leave_pairable);
  section.read("leave_name", config.ble.leave_name);
  std::string battery = "auto";
  section.read("battery", battery);
  if (battery != "auto" && battery != "yes" && battery != "no") {
    section.reject("battery", "is '" + battery + "'", "write auto, yes or no");
  }
  config.ble_on_battery = battery == "auto" ? std::nullopt : std::optional(battery == "yes");
  section.finish();
}

void read_serial(Section section, Config& config) {
  section.read("devices", config.serial.devices);
  for (const std::string& device : config.serial.devices) {
    if (device.starts_with('/') && device.size() > 1) continue;
    section.reject("devices", "has '" + device + "', which is no device",
                   R"(write whole paths like "/dev/ttyUSB0" or "/dev/serial/by-id/*")");
  }
  std::uint64_t baud = config.serial.baud;
  section.read("baud", baud, transport_serial::kBaudMin, transport_serial::kBaudMax);
  config.serial.baud = static_cast<std::uint32_t>(baud);
  std::string flow = "none";
  section.read("flow_control", flow);
  if (flow != "none" && flow != "rts-cts") {
    section.reject("flow_control", "is '" + flow + "'",
                   "write none or rts-cts; XON/XOFF is not possible, every byte may occur");
  }
  config.serial.hardware_flow = flow == "rts-cts";
  section.finish();
}

void read_log(Section section, Config& config) {
  std::string level = to_string(config.log_level);
  section.read("level", level);
  const auto known = log_level(level);
  if (!known) section.reject("level", "is '" + level + "'", "write error, warning, info or debug");
  config.log_level = *known;
  section.finish();
}

Config read_all(const toml::table& table, std::string_view name) {
  Config config;
  Section top(table, name, "");
  if (const auto* t = top.section("node")) read_node({*t, name, "node"}, config);
  if (const auto* t = top.section("store")) read_store({*t, name, "store"}, config);
  if (const auto* t = top.section("invite")) read_invite({*t, name, "invite"}, config);
  if (const auto* t = top.section("vault")) read_vault({*t, name, "vault"}, config);
  if (const auto* t = top.section("api")) read_api({*t, name, "api"}, config);
  if (const auto* t = top.section("lan")) read_lan({*t, name, "lan"}, config);
  if (const auto* t = top.section("ble")) read_ble({*t, name, "ble"}, config);
  if (const auto* t = top.section("serial")) read_serial({*t, name, "serial"}, config);
  if (const auto* t = top.section("log")) read_log({*t, name, "log"}, config);
  top.finish();
  return config;
}

/// Nothing with errno set when it cannot be read, EFBIG when it is too large.
std::optional<std::string> read_file(const std::string& path, std::size_t size_max) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"),
                                                             &std::fclose);
  if (!file) return std::nullopt;
  std::string text(size_max + 1, '\0');
  errno = 0;
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (text.size() > size_max) errno = EFBIG;
  if (errno != 0) return std::nullopt;
  return text;
}

base::Expected<link::NetworkKey, std::string> read_network_key(const std::string& path) {
  const auto text = read_file(path, 1'000);
  if (!text) {
    return base::unexpected("cannot read node.network_key_file " + path + ": " +
                            std::strerror(errno) + "; check its name and permissions");
  }
  const std::string_view trimmed =
      std::string_view(*text).substr(0, text->find_last_not_of(" \r\n\t") + 1);
  const auto bytes = base::from_hex(trimmed);
  const auto key = bytes ? link::NetworkKey::from(*bytes) : std::nullopt;
  if (!key) {
    return base::unexpected(path +
                            " is no network key; it must hold 64 hexadecimal characters, "
                            "such as `openssl rand -hex 32` prints");
  }
  return *key;
}

}  // namespace

base::Expected<Config, std::string> parse_config(std::string_view text, std::string_view name) {
  return settings::parse(text, name, &read_all);
}

base::Expected<Config, std::string> load_config(const std::string& path, bool optional) {
  Config config;
  const auto text = read_file(path, kConfigSizeMax);
  if (text) {
    auto parsed = parse_config(*text, path);
    if (!parsed) return parsed;
    config = std::move(*parsed);
  } else if (errno != ENOENT || !optional) {
    return base::unexpected("cannot read the config " + path + ": " + std::strerror(errno) +
                            "; name another with --config");
  }
  if (config.network_key_file.empty()) return config;
  const auto key = read_network_key(config.network_key_file);
  if (!key) return base::unexpected(key.error());
  config.network_key = *key;
  return config;
}

std::vector<std::string> needs_restart(const Config& a, const Config& b) {
  std::vector<std::string> names;
  const auto differs = [&names](bool different, const char* name) {
    if (different) names.emplace_back(name);
  };
  differs(a.state != b.state, "node.state");
  differs(a.fixed_key != b.fixed_key, "node.fixed_key");
  differs(a.network_key != b.network_key, "node.network_key_file");
  differs(a.socket_path() != b.socket_path(), "api.socket");
  differs(a.socket_mode != b.socket_mode, "api.socket_mode");
  return names;
}

}  // namespace chaski::daemon
