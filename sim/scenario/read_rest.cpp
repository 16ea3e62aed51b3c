// SPDX-License-Identifier: Apache-2.0
// Who writes to whom, and how nodes are linked.
#include <array>
#include <tuple>
#include <utility>

#include "sim/scenario/readers.hpp"

namespace chaski::sim {
namespace {

using settings::Section;
using std::chrono::milliseconds;
using std::chrono::seconds;

template <class Small>
void read_whole(Section& section, std::string_view key, Small& out, std::uint64_t min,
                std::uint64_t max) {
  std::uint64_t value = out;
  section.read(key, value, min, max);
  out = static_cast<Small>(value);
}

void read_ms(Section& section, std::string_view key, base::Duration& out) {
  section.read(key, out, milliseconds(1), 0, 1e6);
}

}  // namespace

void read_traffic(Section section, Traffic& traffic) {
  constexpr std::array kPatterns{
      std::pair{"one-to-one", Traffic::Pattern::one_to_one},
      std::pair{"contacts", Traffic::Pattern::contacts},
      std::pair{"neighbours", Traffic::Pattern::neighbours},
      std::pair{"groups", Traffic::Pattern::groups},
      std::pair{"neighbour-groups", Traffic::Pattern::neighbour_groups},
      std::pair{"broadcasts", Traffic::Pattern::broadcasts},
      std::pair{"file", Traffic::Pattern::file},
  };
  std::string name = "one-to-one";
  section.read("pattern", name);
  bool found = false;
  std::string known;
  for (const auto& [pattern_name, pattern] : kPatterns) {
    if (name == pattern_name) {
      traffic.pattern = pattern;
      found = true;
    }
    known += (known.empty() ? "" : ", ") + std::string(pattern_name);
  }
  if (!found) section.reject("pattern", "is " + name, "choose of " + known);
  section.read("file", traffic.file);
  if ((traffic.pattern == Traffic::Pattern::file) == traffic.file.empty()) {
    section.reject("file", traffic.file.empty() ? "is missing" : "is not used by this pattern",
                   R"(write pattern = "file" and the file's name, or neither)");
  }
  read_whole(section, "contacts_per_person", traffic.contacts_per_person, 1, 1'000);
  read_whole(section, "authors", traffic.authors, 1, 1'000'000);
  if (section.has("authors") && traffic.pattern != Traffic::Pattern::groups &&
      traffic.pattern != Traffic::Pattern::neighbour_groups &&
      traffic.pattern != Traffic::Pattern::broadcasts) {
    section.reject("authors", "says nothing about this pattern",
                   "take groups, neighbour-groups or broadcasts, or leave it out");
  }
  std::string as = "texts";
  section.read("as", as);
  if (as != "texts" && as != "files") {
    section.reject("as", "is " + as, "choose of texts, files");
  }
  traffic.as_files = as == "files";
  Rhythm& rhythm = traffic.rhythm;
  // A text of a line or three; a picture.
  rhythm.size_min_bytes = traffic.as_files ? 50'000 : 100;
  rhythm.size_max_bytes = traffic.as_files ? 500'000 : 300;
  base::Duration from{};
  base::Duration until{};
  section.read("from_s", from, seconds(1), 0, kSettingMax_s);
  section.read("until_s", until, seconds(1), 0, kSettingMax_s);
  rhythm.from = base::Time{} + from;
  rhythm.until = until == base::Duration{} ? base::Time::max() : base::Time{} + until;
  section.read("interval_min_s", rhythm.interval_min, seconds(1), 1e-6, kSettingMax_s);
  rhythm.interval_max = rhythm.interval_min;
  section.read("interval_max_s", rhythm.interval_max, seconds(1), 1e-6, kSettingMax_s);
  read_whole(section, "size_min_bytes", rhythm.size_min_bytes, 1, 1u << 30);
  read_whole(section, "size_max_bytes", rhythm.size_max_bytes, 1, 1u << 30);
  section.read("lifetime_s", rhythm.lifetime, seconds(1), 1, kSettingMax_s);
  for (const char* key : {"from_s", "until_s", "interval_min_s", "interval_max_s", "size_min_bytes",
                          "size_max_bytes", "contacts_per_person"}) {
    if (traffic.pattern == Traffic::Pattern::file && section.has(key)) {
      section.reject(key, "says nothing about messages of a file", "leave it out");
    }
  }
  if (rhythm.interval_max < rhythm.interval_min) {
    section.reject("interval_max_s", "is below interval_min_s", "make it as large or larger");
  }
  if (rhythm.size_max_bytes < rhythm.size_min_bytes) {
    section.reject("size_max_bytes", "is below size_min_bytes", "make it as large or larger");
  }
  section.finish();
}

PathLoss read_radio(Section section) {
  PathLoss radio;
  section.read("power_dbm", radio.power_dbm, -60, 40);
  section.read("sensitivity_dbm", radio.sensitivity_dbm, -130, -20);
  section.read("loss_1m_db", radio.loss_1m_db, 0, 100);
  section.read("exponent", radio.exponent, 1, 8);
  section.read("carried_db", radio.carried_db, 0, 60);
  section.read("body_db", radio.body_db, 0, 60);
  section.read("body_width_m", radio.body_width_m, 0, 5);
  section.read("bodies_db_max", radio.bodies_db_max, 0, 100);
  section.read("shadowing_db", radio.shadowing_db, 0, 30);
  section.read("shadowing_s", radio.shadowing, seconds(1), .1, kSettingMax_s);
  section.read("sample_s", radio.sample, seconds(1), .01, 3'600);
  section.read("fade_s", radio.fade, seconds(1), 0, 3'600);
  section.finish();
  if (reach_m(radio, 0, 0) == 0) {
    section.reject("power_dbm", "reaches nobody", "send more, or lose less on the way");
  }
  return radio;
}

void read_ble(Section section, BleParameters& ble) {
  section.read("collisions", ble.collisions, 0, 100);
  section.read("heard_share", ble.heard_share, 1e-3, .999);
  read_ms(section, "advertising_jitter_ms", ble.advertising_jitter);
  read_ms(section, "connect_min_ms", ble.connect_min);
  read_ms(section, "connect_max_ms", ble.connect_max);
  section.read("connect_fails", ble.connect_fails, 0, 1);
  read_ms(section, "discovery_min_ms", ble.discovery_min);
  read_ms(section, "discovery_max_ms", ble.discovery_max);
  read_ms(section, "known_min_ms", ble.known_min);
  read_ms(section, "known_max_ms", ble.known_max);
  for (const auto& [key, min, max] :
       {std::tuple{"connect_max_ms", ble.connect_min, ble.connect_max},
        std::tuple{"discovery_max_ms", ble.discovery_min, ble.discovery_max},
        std::tuple{"known_max_ms", ble.known_min, ble.known_max}}) {
    if (max < min) section.reject(key, "is below its minimum", "make it as large or larger");
  }
  read_whole(section, "slots", ble.slots, 1, 16);
  read_whole(section, "connections_max", ble.connections_max, 1, 100);
  read_whole(section, "goodput_bytes_per_s", ble.goodput_bytes_per_s, 100, 100'000'000);
  read_ms(section, "latency_ms", ble.latency);
  read_whole(section, "frame_size_max", ble.frame_size_max, 256, 65'535);
  read_ms(section, "supervision_ms", ble.supervision);
  section.read("scan_mw", ble.scan_mw, 0, 1e6);
  section.read("dial_mw", ble.dial_mw, 0, 1e6);
  section.read("advertisement_mj", ble.advertisement_mj, 0, 1e6);
  section.read("connected_mw", ble.connected_mw, 0, 1e6);
  section.read("byte_mj", ble.byte_mj, 0, 1e6);
  section.finish();
}

void read_wifi(Section section, ContactLinkParameters& wifi) {
  read_ms(section, "opens_in_ms", wifi.opens_in);
  read_ms(section, "delay_ms", wifi.model.delay);
  read_whole(section, "bytes_per_s", wifi.model.bytes_per_s, 0, std::uint64_t{1} << 40);
  section.read("loss", wifi.model.loss, 0, .9);
  section.read("shares_radio", wifi.model.shares_radio);
  read_ms(section, "notice_after_ms", wifi.model.notice_after);
  section.finish();
}

void read_ideal(Section section, IdealLinks& ideal) {
  BitRateRules& rules = ideal.bit_rate;
  std::uint64_t bytes_per_s = 0;
  section.read("bytes_per_s", bytes_per_s, 0, UINT32_MAX);
  ideal.instant = bytes_per_s == 0;
  if (!ideal.instant) rules.bytes_per_s = static_cast<std::uint32_t>(bytes_per_s);
  std::uint64_t buffer_bytes = 0;
  section.read("buffer_bytes", buffer_bytes, 1, INT64_MAX);
  if (buffer_bytes != 0) ideal.buffer_bytes = rules.buffer_bytes = buffer_bytes;
  section.read("update_interval_s", rules.update_interval, seconds(1), 0, 3'600);
  if (rules.update_interval != base::Duration{} && rules.update_interval < milliseconds(1)) {
    section.reject("update_interval_s", "is too small", "write 0, or 0.001 and more");
  }
  std::string queue = "random";
  section.read("queue", queue);
  if (queue != "random" && queue != "fifo") {
    section.reject("queue", "is " + queue, "choose of random, fifo");
  }
  rules.queue = queue == "fifo" ? BitRateRules::Queue::fifo : BitRateRules::Queue::random;
  section.read("random_update_order", rules.random_update_order);
  section.read("delete_delivered", rules.delete_delivered);
  section.read("messages_first", rules.messages_first);
  section.read("lifetime_check_s", rules.lifetime_check_interval, seconds(1), 1, 1e6);
  section.finish();
}

}  // namespace chaski::sim
