// SPDX-License-Identifier: Apache-2.0
#include "sim/mobility/wkt_streets.hpp"

#include <cmath>
#include <map>
#include <string>

#include "sim/mobility/checks.hpp"
#include "sim/text/numbers.hpp"

namespace chaski::sim {

namespace {

constexpr double kCoordinateMax = 1e8;
/// A street in several pieces; each names two corners.
constexpr std::size_t kStreetsMax = 4 * std::size_t{kCornersMax};

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_sign(char c) { return c == '(' || c == ')' || c == ','; }

/// The words of the text: brackets, commas, and what is between them.
class Words {
 public:
  explicit Words(std::string_view text) : rest_(text) { next(); }

  std::string_view word() const { return word_; }  ///< empty: the text is over
  std::uint64_t line() const { return line_; }
  void next() {
    while (!rest_.empty() && is_blank(rest_.front())) {
      ahead_ += rest_.front() == '\n';
      rest_.remove_prefix(1);
    }
    std::size_t length = 0;
    while (length < rest_.size() && !is_blank(rest_[length]) && !is_sign(rest_[length])) ++length;
    if (length == 0 && !rest_.empty()) length = 1;
    word_ = rest_.substr(0, length);
    rest_.remove_prefix(length);
    line_ = ahead_;
  }

 private:
  std::string_view rest_;
  std::string_view word_;
  std::uint64_t ahead_ = 1;
  std::uint64_t line_ = 1;
};

/// Whether they are the same word, in capitals or not.
bool is_word(std::string_view word, std::string_view capitals) {
  if (word.size() != capitals.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const bool small = word[i] >= 'a' && word[i] <= 'z';
    if ((small ? word[i] - 'a' + 'A' : word[i]) != capitals[i]) return false;
  }
  return true;
}

class Parser {
 public:
  Parser(std::string_view text, std::string_view file) : words_(text), file_(file) {}

  base::Expected<StreetGraph, ParseError> read() {
    while (!words_.word().empty()) {
      if (!shape()) return base::unexpected(error_);
    }
    return finish();
  }

 private:
  /// Sets the error to what is at hand; false, for the caller to hand on.
  bool fail(std::string expected) {
    const std::string_view word = words_.word();
    error_ = {std::string(file_), words_.line(), std::move(expected),
              word.empty() ? "the end of the file" : in_quotes(word)};
    return false;
  }
  bool sign(std::string_view wanted) {
    if (words_.word() != wanted) return fail(std::string(wanted));
    words_.next();
    return true;
  }

  bool shape() {
    const bool one = is_word(words_.word(), "LINESTRING");
    if (!one && !is_word(words_.word(), "MULTILINESTRING")) {
      return fail("LINESTRING or MULTILINESTRING");
    }
    words_.next();
    return one ? line_string() : line_strings();
  }

  bool line_strings() {
    if (!sign("(")) return false;
    for (;;) {
      if (!line_string()) return false;
      if (words_.word() == ")") break;
      if (words_.word() != ",") return fail(", or )");
      words_.next();
    }
    words_.next();
    return true;
  }

  bool line_string() {
    if (!sign("(")) return false;
    std::optional<Corner> before;
    for (std::size_t points = 1;; ++points) {
      const auto corner = point();
      if (!corner) return false;
      if (before) {
        if (streets_.size() == kStreetsMax) return fail("at most 4194304 streets");
        streets_.emplace_back(*before, *corner);
      }
      before = corner;
      if (words_.word() == ")" && points >= 2) break;
      if (words_.word() != ",") return fail(points >= 2 ? ", or )" : ", and a second point");
      words_.next();
    }
    words_.next();
    return true;
  }

  std::optional<double> coordinate(const char* which) {
    const auto value = real_in(words_.word());
    if (!value || std::abs(*value) > kCoordinateMax) {
      fail(std::string(which) + " in metres, from -1e8 to 1e8");
      return std::nullopt;
    }
    words_.next();
    return value;
  }

  std::optional<Corner> point() {
    const std::uint64_t line = words_.line();
    const auto x = coordinate("x");
    if (!x) return std::nullopt;
    const auto y = coordinate("y");
    if (!y) return std::nullopt;
    const auto [found, fresh] =
        corners_.try_emplace({*x, *y}, static_cast<Corner>(places_.size()));
    if (fresh) {
      if (places_.size() == kCornersMax) {
        fail("at most 1048576 corners");
        return std::nullopt;
      }
      places_.push_back({*x, *y});
      lines_.push_back(line);
    }
    return found->second;
  }

  base::Expected<StreetGraph, ParseError> finish() {
    const auto wrong = [&](std::uint64_t line, std::string expected, std::string found) {
      return base::unexpected(
          ParseError{std::string(file_), line, std::move(expected), std::move(found)});
    };
    if (places_.size() < 2) return wrong(0, "a street", "none");
    Rectangle extent{places_[0].x, places_[0].y, 0, 0};
    for (const Point place : places_) extent = around(extent, place);
    if (std::max(extent.width_m, extent.height_m) > kMetresMax) {
      return wrong(0, "a map of at most 1e7 m", "a larger one");
    }
    for (Point& place : places_) place = place - extent.corner();
    StreetGraph graph(std::move(places_), std::move(streets_));
    if (const auto corner = graph.unreachable()) {
      return wrong(lines_[*corner], "streets that all hang together",
                   "a point to which none leads from the first");
    }
    return graph;
  }

  Words words_;
  std::string_view file_;
  std::map<std::pair<double, double>, Corner> corners_;
  std::vector<Point> places_;
  std::vector<std::uint64_t> lines_;  ///< by corner: where it came first
  std::vector<std::pair<Corner, Corner>> streets_;
  ParseError error_;
};

}  // namespace

base::Expected<StreetGraph, ParseError> parse_wkt_streets(std::string_view text,
                                                          std::string_view file) {
  return Parser(text, file).read();
}

}  // namespace chaski::sim
