// SPDX-License-Identifier: Apache-2.0
#include "daemon/toml_section.hpp"

#include <algorithm>

namespace chaski::daemon {
namespace {

std::string where(std::string_view file, const toml::source_region& source) {
  return std::string(file) + ":" + std::to_string(source.begin.line);
}

}  // namespace

TomlSection::TomlSection(const toml::table& table, std::string_view file, std::string name)
    : table_(table), file_(file), name_(std::move(name)) {}

std::string TomlSection::full_name(std::string_view key) const {
  return name_.empty() ? std::string(key) : name_ + "." + std::string(key);
}

const toml::node* TomlSection::find(std::string_view key) {
  known_.emplace_back(key);
  return table_.get(key);
}

void TomlSection::reject(std::string_view key, const std::string& what,
                         const std::string& mend) const {
  const toml::node* node = table_.get(key);
  throw ConfigError{where(file_, node != nullptr ? node->source() : table_.source()) + ": " +
                    full_name(key) + " " + what + "; " + mend};
}

void TomlSection::read(std::string_view key, bool& out) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  if (!node->is_boolean()) reject(key, "is no truth value", "write true or false");
  out = node->as_boolean()->get();
}

void TomlSection::read(std::string_view key, std::string& out) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  if (!node->is_string()) reject(key, "is no text", "put it in quotation marks");
  out = node->as_string()->get();
}

void TomlSection::read(std::string_view key, std::vector<std::string>& out) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  const char* mend = R"(write it like ["one", "two"])";
  if (!node->is_array()) reject(key, "is no list", mend);
  std::vector<std::string> list;
  for (const toml::node& entry : *node->as_array()) {
    if (!entry.is_string()) reject(key, "has an entry that is no text", mend);
    list.push_back(entry.as_string()->get());
  }
  out = std::move(list);
}

void TomlSection::read(std::string_view key, std::uint64_t& out, std::uint64_t min,
                       std::uint64_t max) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  const std::string range = std::to_string(min) + " to " + std::to_string(max);
  if (!node->is_integer()) reject(key, "is no whole number", "write a number from " + range);
  const std::int64_t value = node->as_integer()->get();
  if (value < 0 || static_cast<std::uint64_t>(value) < min ||
      static_cast<std::uint64_t>(value) > max) {
    reject(key, "is " + std::to_string(value), "write a number from " + range);
  }
  out = static_cast<std::uint64_t>(value);
}

const toml::table* TomlSection::section(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) return nullptr;
  if (!node->is_table()) {
    reject(key, "is no section", "write [" + std::string(key) + "] on a line of its own");
  }
  return node->as_table();
}

void TomlSection::finish() const {
  for (const auto& [key, node] : table_) {
    if (std::find(known_.begin(), known_.end(), key.str()) != known_.end()) continue;
    std::string names;
    for (const std::string& name : known_) names += (names.empty() ? "" : ", ") + name;
    throw ConfigError{where(file_, key.source()) + ": unknown " +
                      (node.is_table() && name_.empty() ? "section " : "key ") +
                      full_name(key.str()) + "; known here: " + names};
  }
}

}  // namespace chaski::daemon
