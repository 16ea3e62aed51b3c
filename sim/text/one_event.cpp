// SPDX-License-Identifier: Apache-2.0
#include "sim/text/one_event.hpp"

#include <optional>
#include <utility>

#include "sim/text/numbers.hpp"

namespace chaski::sim {
namespace {

using Result = base::Expected<OneEvent, ParseError>;

constexpr char kHostWanted[] = "a host, a number or a name that ends in one";

/// As The ONE compares `up` and `down`.
bool same_but_for_case(std::string_view word, std::string_view lower) {
  if (word.size() != lower.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const char c = word[i] >= 'A' && word[i] <= 'Z' ? static_cast<char>(word[i] + 32) : word[i];
    if (c != lower[i]) return false;
  }
  return true;
}

std::optional<std::uint32_t> size_in(std::string_view word) {
  constexpr std::uint32_t kSizeMax = 0x7fff'ffff;
  static constexpr std::pair<std::string_view, std::uint32_t> kUnits[] = {
      {"", 1},           {"k", 1'000},      {"M", 1'000'000}, {"G", 1'000'000'000},
      {"kiB", 1u << 10}, {"MiB", 1u << 20}, {"GiB", 1u << 30}};
  const std::size_t digits = word.find_first_not_of("0123456789");
  const auto number = whole_in(word.substr(0, digits), kSizeMax);
  if (!number) return {};
  const auto unit_name =
      digits == std::string_view::npos ? std::string_view{} : word.substr(digits);
  for (const auto& [name, factor] : kUnits) {
    if (name != unit_name) continue;
    const std::uint64_t size = std::uint64_t{*number} * factor;
    if (size > kSizeMax) return {};
    return static_cast<std::uint32_t>(size);
  }
  return {};
}

/// Words from the third on, after time and kind.
class Words {
 public:
  explicit Words(const LineReader& line) : line_(line) {}
  const std::optional<ParseError>& error() const { return error_; }

  OneHost host() {
    const auto host = one_host_in(line_.word(at_));
    if (!host) fail(kHostWanted);
    ++at_;
    return host.value_or(OneHost{});
  }
  std::string_view message() {
    if (line_.word(at_).empty()) fail("the name of a message");
    return line_.word(at_++);
  }
  bool up() {
    const std::string_view word = line_.word(at_);
    const bool is_up = same_but_for_case(word, "up");
    if (!is_up && !same_but_for_case(word, "down")) fail("up or down");
    ++at_;
    return is_up;
  }
  std::uint32_t size() {
    const auto size = size_in(line_.word(at_));
    if (!size) fail("a size in bytes, below 2^31");
    ++at_;
    return size.value_or(0);
  }
  void no_response() {
    if (at_ < line_.words().size() && size_in(line_.word(at_)) != 0u) {
      fail("0 or nothing where the size of a response stands, which nobody here writes");
    }
    ++at_;
  }
  void optional_word() { ++at_; }
  void end() {
    if (at_ < line_.words().size()) fail("the end of the line");
  }

 private:
  void fail(const char* expected) {
    if (!error_) error_ = line_.wrong_word(at_, expected);
  }

  const LineReader& line_;
  std::size_t at_ = 2;
  std::optional<ParseError> error_;
};

}  // namespace

Result parse_one_event(const LineReader& line) {
  OneEvent event;
  const auto time = seconds_in(line.word(0));
  if (!time) return base::unexpected(line.wrong_word(0, "a time in seconds from 0 to 4e9"));
  event.at = base::Time{} + *time;

  Words words(line);
  const std::string_view kind = line.word(1);
  if (kind == "CONN") {
    event.a = words.host();
    event.b = words.host();
    event.up = words.up();
    words.optional_word();
  } else if (kind == "C") {
    event.kind = OneEvent::Kind::create;
    event.message = words.message();
    event.a = words.host();
    event.b = words.host();
    event.size_bytes = words.size();
    words.no_response();
  } else if (kind == "S" || kind == "DE" || kind == "A") {
    event.kind = OneEvent::Kind::transfer;
    event.message = words.message();
    event.a = words.host();
    event.b = words.host();
  } else if (kind == "DR" || kind == "R") {
    event.kind = OneEvent::Kind::removal;
    event.message = words.message();
    event.a = words.host();
  } else {
    return base::unexpected(line.wrong_word(1, "CONN, C, S, DE, A, DR or R"));
  }
  words.end();
  if (words.error()) return base::unexpected(*words.error());
  if (event.kind != OneEvent::Kind::removal && event.a.address == event.b.address) {
    return base::unexpected(line.wrong("two hosts", in_quotes(event.b.name) + " twice"));
  }
  return event;
}

}  // namespace chaski::sim
