// SPDX-License-Identifier: Apache-2.0
#include "daemon/status_report.hpp"

#include <algorithm>

#include "base/hex.hpp"
#include "daemon/api_json.hpp"

namespace chaski::daemon {
namespace {

std::uint64_t seconds_between(base::Time from, base::Time to) {
  const auto passed = std::chrono::duration_cast<std::chrono::seconds>(to - from).count();
  return passed > 0 ? static_cast<std::uint64_t>(passed) : 0;
}

Json neighbours_json(NodeHost& host) {
  Json list = Json::array();
  for (const node::NeighbourInfo& info : host.node().neighbours()) {
    list.push_back({{"id", base::short_hex(info.key.view())},
                    {"transport", transport_name(info.transport)},
                    {"links", info.links},
                    {"since_s", seconds_between(info.routing.since, host.now())},
                    {"queued", info.routing.queued},
                    {"unacknowledged", info.routing.unacknowledged},
                    {"refuses", info.routing.refuses}});
  }
  return list;
}

Json ble_json(const transport_ble::BleStatus& ble) {
  Json adapters = Json::array();
  for (const auto& adapter : ble.adapters) {
    adapters.push_back({{"name", adapter.name},
                        {"powered", adapter.powered},
                        {"advertising", adapter.advertising},
                        {"scanning", adapter.scanning},
                        {"extended", adapter.extended},
                        {"privacy", adapter.privacy},
                        {"intervals", adapter.intervals},
                        {"heard", adapter.heard},
                        {"slots", adapter.slots},
                        {"links", adapter.links},
                        {"lanes", adapter.lanes}});
  }
  Json problems = Json::array();
  for (const auto& problem : ble.problems) problems.push_back(problem.what);
  return {{"adapters", std::move(adapters)}, {"problems", std::move(problems)}};
}

const char* port_state(const transport_serial::PortStatus& port) {
  if (!port.present) return "absent";
  if (!port.open) return "refused";
  return port.linked ? "linked" : "open";
}

Json serial_json(NodeHost& host, const transport_serial::SerialStatus& serial) {
  Json ports = Json::array();
  for (const auto& port : serial.ports) {
    Json json = {{"device", port.device}, {"state", port_state(port)}, {"problem", port.problem}};
    if (port.open) {
      json["since_s"] = seconds_between(port.since, host.now());
      json["neighbour"] = port.peer.empty() ? Json() : Json(base::short_hex(port.peer));
      json["hears_itself"] = port.hears_itself;
      json["sessions"] = port.sessions;
      json["bytes_received"] = port.bytes_received;
      json["bytes_sent"] = port.bytes_sent;
      json["packets_received"] = port.packets_received;
      json["packets_sent"] = port.packets_sent;
      json["damaged"] = port.damaged;
      json["sent_again"] = port.sent_again;
    }
    ports.push_back(std::move(json));
  }
  return {{"baud", host.config().serial.baud},
          {"ports", std::move(ports)},
          {"links", serial.links},
          {"left_out", serial.left_out}};
}

void add_serial_problems(NodeHost& host, Json& problems) {
  const auto serial = host.serial_status();
  if (!serial) return;
  for (const auto& port : serial->ports) {
    if (!port.problem.empty()) {
      problems.push_back({{"part", "serial"}, {"what", port.problem}, {"mend", port.mend}});
    } else if (port.hears_itself) {
      problems.push_back({{"part", "serial"},
                          {"what", port.device + " hears only itself"},
                          {"mend", "its transmit and receive lines are joined; cross them with "
                                   "those of the other end"}});
    }
  }
  if (serial->left_out > 0) {
    problems.push_back({{"part", "serial"},
                        {"what", std::to_string(serial->left_out) + " devices are left out: " +
                                     std::to_string(transport_serial::SerialTransport::kPortsMax) +
                                     " are open"},
                        {"mend", "name fewer in serial.devices"}});
  }
}

Json transports_json(NodeHost& host) {
  Json transports = Json::object();
  if (const auto lan = host.lan_status()) {
    transports["lan"] = {{"listening", lan->listening},
                         {"port", lan->port},
                         {"problem", lan->listen_problem},
                         {"discovery", lan->discovery},
                         {"discovery_problem", lan->discovery_problem},
                         {"connections", lan->connections},
                         {"dialling", lan->dialling},
                         {"services", lan->services.size()}};
  }
  if (const auto ble = host.ble_status()) transports["ble"] = ble_json(*ble);
  if (const auto serial = host.serial_status()) {
    transports["serial"] = serial_json(host, *serial);
  }
  return transports;
}

Json store_json(NodeHost& host) {
  SqliteStore& store = host.store();
  const auto usage = store.envelopes().usage();
  return {{"path", store.path()},
          {"envelopes", usage.envelopes},
          {"bytes", usage.bytes},
          {"bytes_max", usage.bytes_max},
          {"free_bytes", store.free_bytes()},
          {"accepts", store.envelopes().accepts()},
          {"problem", store.problem()}};
}

Json counters_json(NodeHost& host) {
  const mesh_router::RouterCounters& router = host.node().router().counters();
  Json dropped = Json::object();
  for (std::size_t i = 0; i < router.dropped.size(); ++i) {
    if (router.dropped[i] == 0) continue;
    dropped[mesh_router::to_string(static_cast<mesh_router::DropReason>(i))] = router.dropped[i];
  }
  Json closed = Json::object();
  for (const auto& [reason, n] : host.node().close_counts()) {
    if (n != 0) closed[link::to_string(reason)] = n;
  }
  return {{"envelopes_received", router.envelopes_received},
          {"envelopes_accepted", router.envelopes_accepted},
          {"envelopes_sent", router.envelopes_sent},
          {"bytes_received", router.bytes_received},
          {"bytes_sent", router.bytes_sent},
          {"dropped", std::move(dropped)},
          {"links_closed", std::move(closed)},
          {"commits", host.store().commits()},
          {"messages", host.store().people().message_count()}};
}

void add_store_problems(NodeHost& host, Json& problems) {
  SqliteStore& store = host.store();
  const auto usage = store.envelopes().usage();
  if (const std::string problem = store.problem(); !problem.empty()) {
    problems.push_back(
        {{"part", "store"},
         {"what", problem + ": this node takes nothing more, what it has accepted is safe"},
         {"mend", "free some space on the disk of " + host.config().state}});
  } else if (usage.bytes_max - std::min(usage.bytes, usage.bytes_max) < usage.bytes_max / 64) {
    problems.push_back({{"part", "store"},
                        {"what", "the store is full: new messages of others are refused"},
                        {"mend", "raise store.quota_bytes, or wait until some are delivered"}});
  }
}

const char* memory_name(MemoryLock lock) {
  switch (lock) {
    case MemoryLock::all: return "locked";
    case MemoryLock::keys: return "keys_locked";
    case MemoryLock::none: return "unlocked";
  }
  return "unlocked";
}

Json vault_json(NodeHost& host, const VaultDesk& vault) {
  Json json = vault.status();
  json["memory"] = memory_name(host.memory());
  return json;
}

void add_vault_problems(NodeHost& host, const VaultDesk& vault, Json& problems) {
  if (const auto damaged = host.store().people().damaged(); damaged != 0) {
    problems.push_back({{"part", "vault"},
                        {"what", std::to_string(damaged) +
                                     " records did not open: they were damaged, or changed"},
                        {"mend", "check the disk; restore a backup with chaski restore"}});
  }
  if (host.memory() == MemoryLock::none && vault.state() == VaultState::open) {
    problems.push_back({{"part", "vault"},
                        {"what", "the system does not let keys be kept out of swap"},
                        {"mend", "raise the limit on locked memory (LimitMEMLOCK, ulimit -l)"}});
  }
}

}  // namespace

const char* version() { return CHASKI_VERSION; }

Json problems_json(NodeHost& host, const VaultDesk& vault) {
  Json problems = Json::array();
  add_store_problems(host, problems);
  add_vault_problems(host, vault, problems);
  if (const auto lan = host.lan_status()) {
    if (!lan->listen_problem.empty()) {
      problems.push_back({{"part", "lan"},
                          {"what", lan->listen_problem},
                          {"mend", "choose another lan.port or lan.listen"}});
    }
    if (!lan->discovery_problem.empty()) {
      problems.push_back(
          {{"part", "discovery"},
           {"what", lan->discovery_problem},
           {"mend", "start avahi-daemon, or set lan.discover = false and lan.peers"}});
    }
  }
  if (const auto ble = host.ble_status()) {
    for (const auto& problem : ble->problems) {
      problems.push_back({{"part", "ble"}, {"what", problem.what}, {"mend", problem.mend}});
    }
  }
  add_serial_problems(host, problems);
  const std::int64_t wall = host.wall().unix_s;
  if (wall < kWallPlausibleMin_s || wall > kWallPlausibleMax_s) {
    problems.push_back({{"part", "clock"},
                        {"what", "the wall clock is wrong; only displayed times suffer"},
                        {"mend", "set the date"}});
  }
  return problems;
}

Json status_json(NodeHost& host, const VaultDesk& vault) {
  return {{"version", version()},
          {"uptime_s", seconds_between(host.started(), host.now())},
          {"node", base::short_hex(host.node().node_key().view())},
          {"identity", host.node().identity().has_value()},
          {"state", host.stopping() ? "stopping" : host.writable() ? "running" : "store_refuses"},
          {"problems", problems_json(host, vault)},
          {"vault", vault_json(host, vault)},
          {"neighbours", neighbours_json(host)},
          {"handshakes", host.node().handshakes()},
          {"work", work_json(host.node())},
          {"transports", transports_json(host)},
          {"store", store_json(host)},
          {"counters", counters_json(host)}};
}

std::string status_line(NodeHost& host) {
  const std::size_t neighbours = host.node().neighbours().size();
  const auto usage = host.store().envelopes().usage();
  return std::to_string(neighbours) + (neighbours == 1 ? " neighbour, " : " neighbours, ") +
         std::to_string(usage.envelopes) + " envelopes carried" +
         (host.writable() ? "" : "; the disk refuses to be written");
}

}  // namespace chaski::daemon
