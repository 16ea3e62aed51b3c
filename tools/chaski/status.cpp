// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "tools/chaski/commands.hpp"
#include "tools/chaski/quantities.hpp"
#include "tools/chaski/safe_text.hpp"

namespace chaski::tools {

namespace {

using nlohmann::json;

std::string text_of(const json& object, const char* key) {
  return one_line(object.value(key, std::string()));
}

std::uint64_t number_of(const json& object, const char* key) {
  return object.value(key, std::uint64_t{0});
}

std::string row(const char* title, const std::string& text) {
  return fmt::format("{:<12}{}\n", title, text);
}

std::string neighbour_words(const Screen& screen, const json& neighbour) {
  std::string text = fmt::format(
      "{} over {}, here for {}", text_of(neighbour, "id"), text_of(neighbour, "transport"),
      duration_words(neighbour.value("since_s", std::int64_t{0})));
  if (const auto queued = number_of(neighbour, "queued"); queued > 0) {
    text += fmt::format(", {} to send", queued);
  }
  if (const auto waiting = number_of(neighbour, "unacknowledged"); waiting > 0) {
    text += fmt::format(", {} not acknowledged yet", waiting);
  }
  if (neighbour.value("refuses", false)) {
    text += ", " + screen.paint(Colour::warning, "its store is full: it takes nothing now");
  }
  return text;
}

std::string neighbours_words(const Screen& screen, const json& status) {
  const json neighbours = status.value("neighbours", json::array());
  if (neighbours.empty()) {
    std::string text = "none in reach";
    if (number_of(status, "handshakes") > 0) text += "; one is just being greeted";
    return row("neighbours", text + ": messages wait here until one comes");
  }
  std::string out;
  for (const json& neighbour : neighbours) {
    out += row(out.empty() ? "neighbours" : "", neighbour_words(screen, neighbour));
  }
  return out;
}

std::string lan_words(const Screen& screen, const json& lan) {
  std::string text;
  if (lan.value("listening", false)) {
    text = fmt::format("listening on port {}", number_of(lan, "port"));
  } else {
    text = screen.paint(Colour::warning, "not listening");
  }
  if (const auto problem = text_of(lan, "problem"); !problem.empty()) {
    text += " (" + screen.paint(Colour::warning, problem) + ")";
  }
  text += fmt::format("; {}", count_words(number_of(lan, "connections"), "connection"));
  if (const auto dialling = number_of(lan, "dialling"); dialling > 0) {
    text += fmt::format(", dialling {}", dialling);
  }
  if (lan.value("discovery", false)) {
    text += fmt::format("; discovery on, sees {}", count_words(number_of(lan, "services"), "node"));
  } else {
    const auto why = text_of(lan, "discovery_problem");
    text += "; discovery off" + (why.empty() ? "" : ": " + screen.paint(Colour::warning, why));
  }
  return text;
}

std::string ble_words(const Screen& screen, const json& ble) {
  std::string text;
  for (const json& adapter : ble.value("adapters", json::array())) {
    if (!text.empty()) text += "; ";
    text += one_line(text_of(adapter, "name")) + ": ";
    if (!adapter.value("powered", false)) {
      text += screen.paint(Colour::warning, "off");
      continue;
    }
    const bool on_air = adapter.value("advertising", false);
    text += on_air ? "on the air" : screen.paint(Colour::warning, "not on the air");
    text += fmt::format(", hears {}, {}", count_words(number_of(adapter, "heard"), "node"),
                        count_words(number_of(adapter, "links"), "link"));
    if (on_air && !adapter.value("intervals", false)) {
      text += ", heard every 1.28 s (bluetoothd --experimental: more often)";
    }
    if (!adapter.value("privacy", false)) {
      text += ", " + screen.paint(Colour::warning, "its address never changes");
    }
  }
  return text.empty() ? "no adapter" : text;
}

std::string port_words(const Screen& screen, const json& port) {
  const auto state = text_of(port, "state");
  std::string text = one_line(text_of(port, "device")) + ": ";
  if (state == "absent") return text + "not plugged in";
  if (state == "refused") return screen.paint(Colour::warning, one_line(text_of(port, "problem")));
  if (state != "linked") {
    text += port.value("hears_itself", false)
               ? screen.paint(Colour::warning, "hears only itself")
               : "nobody at the other end";
  } else if (const auto who = text_of(port, "neighbour"); !who.empty()) {
    text += "neighbour " + one_line(who);
  } else {
    text += "somebody is saying who they are";
  }
  text += ", open for " + duration_words(static_cast<std::int64_t>(number_of(port, "since_s")));
  const std::uint64_t damaged = number_of(port, "damaged");
  const std::uint64_t whole = number_of(port, "packets_received");
  if (damaged > 0) {
    text += fmt::format(", {} of {} packets came damaged", damaged, damaged + whole);
    // From here on packets have to be short, and half of the line is lost.
    if (damaged > whole / 4) {
      text += screen.paint(Colour::warning, " (see that both ends have the same baud)");
    }
  }
  if (const auto again = number_of(port, "sent_again"); again > 0) {
    text += fmt::format(", {} sent again", again);
  }
  return text;
}

/// A line for each port.
std::string serial_rows(const Screen& screen, const json& serial) {
  std::string out;
  for (const json& port : serial.value("ports", json::array())) {
    out += row(out.empty() ? "serial" : "", port_words(screen, port));
  }
  return out.empty() ? row("serial", "no device is plugged in") : out;
}

std::string transports_words(const Screen& screen, const json& status) {
  std::string out;
  const json transports = status.value("transports", json::object());
  for (const auto& [name, transport] : transports.items()) {
    if (name == "serial") {
      out += serial_rows(screen, transport);
      continue;
    }
    const std::string words =
        name == "ble" ? ble_words(screen, transport) : lan_words(screen, transport);
    out += row(one_line(name).c_str(), words);
  }
  return out.empty() ? row("transports", "none is enabled") : out;
}

std::string store_words(const Screen& screen, const json& store) {
  std::string text = fmt::format(
      "{} ({} of {}) in {}", count_words(number_of(store, "envelopes"), "envelope"),
      size_words(number_of(store, "bytes")), size_words(number_of(store, "bytes_max")),
      text_of(store, "path"));
  text += fmt::format("; {} free on the disk", size_words(number_of(store, "free_bytes")));
  if (!store.value("accepts", true)) {
    const auto why = text_of(store, "problem");
    text += "; " + screen.paint(Colour::bad, "takes nothing new" + (why.empty() ? "" : ": " + why));
  }
  return text;
}

std::string queue_words(const json& status) {
  std::uint64_t queued = 0;
  std::uint64_t waiting = 0;
  for (const json& neighbour : status.value("neighbours", json::array())) {
    queued += number_of(neighbour, "queued");
    waiting += number_of(neighbour, "unacknowledged");
  }
  if (queued == 0 && waiting == 0) return "nothing is waiting for a neighbour in reach";
  return fmt::format("{} to send, {} sent and not acknowledged", queued, waiting);
}

std::string works_words(const json& status) {
  std::string out;
  for (const json& work : status.value("work", json::array())) {
    out += row(out.empty() ? "stamps" : "",
               fmt::format("{}: the answer to {}'s invitation",
                           working_words(number_of(work, "left_s")), text_of(work, "contact")));
  }
  return out;
}

std::string traffic_words(const json& counters) {
  std::uint64_t dropped = 0;
  const json reasons = counters.value("dropped", json::object());
  for (const auto& [reason, count] : reasons.items()) dropped += count.get<std::uint64_t>();
  return fmt::format("{} envelopes in ({}), {} out ({}), {} dropped",
                     number_of(counters, "envelopes_received"),
                     size_words(number_of(counters, "bytes_received")),
                     number_of(counters, "envelopes_sent"),
                     size_words(number_of(counters, "bytes_sent")), dropped);
}

std::string vault_words(const json& vault) {
  const auto state = text_of(vault, "state");
  if (state == "locked") return "locked: to read and write, type chaski unlock";
  if (state != "open") return {};
  return vault.value("passphrase", false) ? "open, sealed under a passphrase"
                                          : "open, without a passphrase";
}

std::string problems_words(const Screen& screen, const json& status) {
  std::string out;
  for (const json& problem : status.value("problems", json::array())) {
    out += row(out.empty() ? "problems" : "",
               screen.paint(Colour::warning, fmt::format("{}: {}", text_of(problem, "part"),
                                                         text_of(problem, "what"))));
    if (const auto mend = text_of(problem, "mend"); !mend.empty()) out += row("", "-> " + mend);
  }
  return out;
}

}  // namespace

std::string status_words(const Screen& screen, const json& status) {
  std::string out =
      row("node", fmt::format("{}, chaskid {}, up for {}, {}",
                              screen.paint(Colour::strong, text_of(status, "node")),
                              text_of(status, "version"),
                              duration_words(status.value("uptime_s", std::int64_t{0})),
                              text_of(status, "state")));
  const bool is_locked = text_of(status.value("vault", json::object()), "state") == "locked";
  if (!status.value("identity", true) && !is_locked) {
    out += row("identity", "none: this node carries for others; to write, type chaski init <name>");
  }
  if (const json vault = status.value("vault", json::object()); !vault.empty()) {
    if (const auto words = vault_words(vault); !words.empty()) out += row("vault", words);
  }
  out += neighbours_words(screen, status);
  out += transports_words(screen, status);
  out += row("store", store_words(screen, status.value("store", json::object())));
  out += row("queue", queue_words(status));
  out += works_words(status);
  out += row("so far", traffic_words(status.value("counters", json::object())));
  const auto problems = problems_words(screen, status);
  return out + (problems.empty() ? row("problems", screen.paint(Colour::good, "none")) : problems);
}

void run_status(const Context& context) {
  const json status = ask(context, "GET", "/v1/status");
  if (!context.json) Screen::print(status_words(context.screen, status));
}

}  // namespace chaski::tools
