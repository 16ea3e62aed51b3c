// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/changes.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "settings/section.hpp"
#include "sim/scenario/readers.hpp"

namespace chaski::sim {
namespace {

using settings::SettingError;

constexpr std::size_t kDepthMax = 4;

std::string said(const ScenarioChange& change) {
  return change.key + "=" + change.value;
}

[[noreturn]] void refuse(const ScenarioChange& change, const std::string& what) {
  throw SettingError{"cannot set " + said(change) + ": " + what};
}

bool is_word(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !text.empty() && letter(text.front()) &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return letter(c) || (c >= '0' && c <= '9') || std::string_view("-_./").find(c) < 4;
         });
}

/// A table with the value under "value"; nothing when it is no TOML.
std::optional<toml::table> parsed(const std::string& value) {
  if (value.find_first_of("\n\r") != std::string::npos) return std::nullopt;
  try {
    toml::table table = toml::parse("value = " + value);
    return table.size() == 1 ? std::optional(std::move(table)) : std::nullopt;
  } catch (const toml::parse_error&) {
    return std::nullopt;
  }
}

toml::table table_of(const ScenarioChange& change) {
  if (auto table = parsed(change.value)) {
    // Its place is in no file.
    return std::move(*table);
  }
  if (is_word(change.value)) return toml::table{{"value", change.value}};
  refuse(change, change.value +
                     " is no value; write a number, true, false, a word, \"a text\" or " +
                     "[a list]");
}

std::vector<std::string> parts_of(const ScenarioChange& change) {
  std::vector<std::string> parts(1);
  for (const char c : change.key) {
    if (c == '.') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  const bool empty =
      std::any_of(parts.begin(), parts.end(), [](const auto& p) { return p.empty(); });
  if (empty || parts.size() > kDepthMax) {
    refuse(change, "this is no key; write one like area.range_m or people.0.number");
  }
  return parts;
}

/// The entry of a list of sections.
toml::table& entry(const ScenarioChange& change, toml::array& list, const std::string& name,
                   const std::string& place) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(place.data(), place.data() + place.size(), index);
  if (error != std::errc() || end != place.data() + place.size()) {
    refuse(change, name + " is a list of sections; write " + name + ".0 for its first");
  }
  toml::node* node = list.get(index);
  if (node == nullptr || !node->is_table()) {
    refuse(change, "the file has " + std::to_string(list.size()) + " of [[" + name +
                       "]]; the first is " + name + ".0");
  }
  return *node->as_table();
}

void apply(toml::table& top, const ScenarioChange& change) {
  const std::vector<std::string> parts = parts_of(change);
  toml::table* table = &top;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    toml::node* node = table->get(parts[i]);
    if (node == nullptr) {
      table->insert(parts[i], toml::table{});
      node = table->get(parts[i]);
    }
    if (node->is_array()) {
      if (i + 2 == parts.size()) {
        refuse(change, parts[i] + " is a list; write " + parts[i] + ".0 and a key of its first");
      }
      table = &entry(change, *node->as_array(), parts[i], parts[i + 1]);
      ++i;
    } else if (node->is_table()) {
      table = node->as_table();
    } else {
      refuse(change, parts[i] + " has a value and nothing in it; write a key of the file");
    }
  }
  // A copy of the value leaves behind where it stood.
  toml::table value = table_of(change);
  const toml::node* node = value.get("value");
  node->visit([&](const auto& one) {
    if (parts.back().find_first_not_of("0123456789") == std::string::npos) {
      refuse(change, "a place in a list has no value; write a key after it");
    }
    table->insert_or_assign(parts.back(), one);
  });
}

/// The opening brackets and quotation marks of a text, as it is read.
class Nesting {
 public:
  /// Whether this character is within any.
  bool within(char c) {
    if (quote_ != 0) {
      if (c == quote_ && !escaped_) quote_ = 0;
      escaped_ = c == '\\' && !escaped_;
      return true;
    }
    if (c == '"' || c == '\'') quote_ = c;
    if (c == '[' || c == '{') ++depth_;
    if ((c == ']' || c == '}') && depth_ > 0) --depth_;
    return depth_ > 0 || quote_ != 0;
  }

 private:
  int depth_ = 0;
  char quote_ = 0;
  bool escaped_ = false;
};

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

}  // namespace

base::Expected<ScenarioChoices, std::string> parse_choices(std::string_view text) {
  const auto equals = text.find('=');
  ScenarioChoices choices;
  if (equals != std::string_view::npos) choices.key = trimmed(text.substr(0, equals));
  if (choices.key.empty()) {
    return base::unexpected("cannot set " + std::string(text) +
                            ": no key; write it like area.range_m=10,20,40");
  }
  const std::string_view values = text.substr(equals + 1);
  Nesting nesting;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= values.size(); ++i) {
    if (i < values.size() && (nesting.within(values[i]) || values[i] != ',')) continue;
    const std::string value = trimmed(values.substr(begin, i - begin));
    begin = i + 1;
    if (value.empty()) {
      return base::unexpected("cannot set " + std::string(text) + ": a value is empty; write " +
                              choices.key + "= and values with commas between them");
    }
    if (std::find(choices.values.begin(), choices.values.end(), value) != choices.values.end()) {
      return base::unexpected("cannot set " + std::string(text) + ": " + value +
                              " is there twice; leave one out");
    }
    choices.values.push_back(value);
    if (choices.values.size() > ScenarioChoices::kValuesMax) {
      return base::unexpected("cannot set " + choices.key + ": too many values; write at most " +
                              std::to_string(ScenarioChoices::kValuesMax));
    }
  }
  return choices;
}

base::Expected<Scenario, std::string> parse_scenario(std::string_view text, std::string_view name,
                                                     const std::vector<ScenarioChange>& changes) {
  std::string called(name);
  for (const ScenarioChange& change : changes) called += " with " + said(change);
  return settings::parse(text, called, [&](toml::table& table, std::string_view file) {
    for (const ScenarioChange& change : changes) apply(table, change);
    return read_scenario(table, file);
  });
}

}  // namespace chaski::sim
