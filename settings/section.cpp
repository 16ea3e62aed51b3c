// SPDX-License-Identifier: Apache-2.0
#include "settings/section.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace chaski::settings {
namespace {

/// What was set by other means than a file's text has no line.
std::string where(std::string_view file, const toml::source_region& source) {
  if (source.begin.line == 0) return std::string(file);
  return std::string(file) + ":" + std::to_string(source.begin.line);
}

}  // namespace

Section::Section(const toml::table& table, std::string_view file, std::string name)
    : table_(table), file_(file), name_(std::move(name)) {}

std::string Section::full_name(std::string_view key) const {
  return name_.empty() ? std::string(key) : name_ + "." + std::string(key);
}

const toml::node* Section::find(std::string_view key) {
  known_.emplace_back(key);
  return table_.get(key);
}

void Section::reject(std::string_view key, const std::string& what, const std::string& mend) const {
  const toml::node* node = table_.get(key);
  throw SettingError{where(file_, node != nullptr ? node->source() : table_.source()) + ": " +
                     full_name(key) + " " + what + "; " + mend};
}

void Section::read(std::string_view key, bool& out) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  if (!node->is_boolean()) reject(key, "is no truth value", "write true or false");
  out = node->as_boolean()->get();
}

void Section::read(std::string_view key, std::string& out) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  if (!node->is_string()) reject(key, "is no text", "put it in quotation marks");
  out = node->as_string()->get();
}

void Section::read(std::string_view key, std::vector<std::string>& out) {
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

void Section::read(std::string_view key, std::uint64_t& out, std::uint64_t min, std::uint64_t max) {
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

namespace {

std::string short_number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.10g", value);
  return text;
}

}  // namespace

double Section::number(std::string_view key, const toml::node& node, double min, double max) const {
  const std::string mend = "write a number from " + short_number(min) + " to " + short_number(max);
  if (!node.is_number()) reject(key, "is no number", mend);
  const double value = node.value<double>().value_or(std::nan(""));
  // Neither is a number that is none.
  if (!(value >= min && value <= max)) reject(key, "is " + short_number(value), mend);
  return value;
}

void Section::read(std::string_view key, double& out, double min, double max) {
  if (const toml::node* node = find(key)) out = number(key, *node, min, max);
}

void Section::read(std::string_view key, base::Duration& out, base::Duration unit, double min,
                   double max) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  const double us = number(key, *node, min, max) * static_cast<double>(unit.count());
  out = base::Duration(static_cast<base::Duration::rep>(std::llround(us)));
}

void Section::read(std::string_view key, std::vector<double>& out, double min, double max) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  if (!node->is_array()) reject(key, "is no list", "write it like [1.5, 2]");
  std::vector<double> list;
  for (const toml::node& entry : *node->as_array()) list.push_back(number(key, entry, min, max));
  out = std::move(list);
}

std::vector<const toml::table*> Section::sections(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) return {};
  const std::string mend = "write [[" + full_name(key) + "]] on a line of its own";
  if (!node->is_array()) reject(key, "is no list of sections", mend);
  std::vector<const toml::table*> tables;
  for (const toml::node& entry : *node->as_array()) {
    if (!entry.is_table()) reject(key, "has an entry that is no section", mend);
    tables.push_back(entry.as_table());
  }
  return tables;
}

const toml::table* Section::section(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) return nullptr;
  if (!node->is_table()) {
    reject(key, "is no section", "write [" + std::string(key) + "] on a line of its own");
  }
  return node->as_table();
}

void Section::finish() const {
  for (const auto& [key, node] : table_) {
    if (std::find(known_.begin(), known_.end(), key.str()) != known_.end()) continue;
    std::string names;
    for (const std::string& name : known_) names += (names.empty() ? "" : ", ") + name;
    throw SettingError{where(file_, key.source()) + ": unknown " +
                       (node.is_table() && name_.empty() ? "section " : "key ") +
                       full_name(key.str()) + "; known here: " + names};
  }
}

}  // namespace chaski::settings
