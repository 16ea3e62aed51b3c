// SPDX-License-Identifier: Apache-2.0
#include "sim/contacts/position_csv.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/assert.hpp"
#include "sim/text/line_reader.hpp"
#include "sim/text/numbers.hpp"

namespace chaski::sim {
namespace {

constexpr std::string_view kColumns[] = {"time_s", "node", "x_m", "y_m"};

struct Row {
  base::Duration time{};
  std::uint32_t node = 0;
  Position position;
};

/// The state of reading one file.
class Reading {
 public:
  Reading(std::string_view text, std::string_view file, const PositionCsvOptions& options)
      : line_(text, file, LineReader::Between::commas), file_(file), options_(options) {
    CHASKI_ASSERT(!options.interval || *options.interval > base::Duration{});
  }

  base::Expected<PositionTrace, ParseError> run() {
    if (header()) {
      while (!error_ && line_.next()) row();
      end_of_sample();
    }
    if (!error_ && trace_.nodes == 0) {
      error_ = ParseError{std::string(file_), 0, "lines `time_s,node,x_m,y_m`", "none"};
    }
    if (error_) return base::unexpected(std::move(*error_));
    trace_.interval = interval_.value_or(options_.interval.value_or(std::chrono::seconds(1)));
    for (const std::uint32_t id : ids_) trace_.names.push_back(std::to_string(id));
    return std::move(trace_);
  }

 private:
  void fail(std::string expected, std::string found) {
    if (!error_) error_ = line_.wrong(std::move(expected), std::move(found));
  }
  void fail_word(std::size_t index, std::string expected) {
    if (!error_) error_ = line_.wrong_word(index, std::move(expected));
  }

  bool header() {
    if (!line_.next()) return false;
    for (std::size_t i = 0; i < std::size(kColumns); ++i) {
      if (line_.word(i) != kColumns[i]) {
        fail_word(i, "the header `time_s,node,x_m,y_m`");
        return false;
      }
    }
    return columns_end();
  }

  bool columns_end() {
    if (line_.words().size() == std::size(kColumns)) return true;
    fail("four columns", std::to_string(line_.words().size()));
    return false;
  }

  float coordinate(std::size_t index) {
    const auto value = real_in(line_.word(index));
    if (!value || std::abs(*value) > kCoordinateMax_m) {
      fail_word(index, "a coordinate in metres, at most 2.01e7 from 0");
      return 0;
    }
    return static_cast<float>(*value);
  }

  void row() {
    constexpr std::uint32_t kIdMax = std::numeric_limits<std::uint32_t>::max();
    const auto time = seconds_in(line_.word(0));
    if (!time) return fail_word(0, "a time in seconds from 0 to 4e9");
    const auto node = whole_in(line_.word(1), kIdMax);
    if (!node) return fail_word(1, "the number of a node");
    const Position position{coordinate(2), coordinate(3)};
    if (error_ || !columns_end()) return;
    if (!sample_.empty() && *time != sample_.front().time) end_of_sample();
    if (error_) return;
    if (sample_.empty()) begin_of_sample(*time);
    if (written_ >= options_.limits.positions_max) {
      return fail("at most " + std::to_string(options_.limits.positions_max) + " positions",
                  "more");
    }
    if (trace_.nodes == 0 ? sample_.size() >= options_.limits.nodes_max
                          : sample_.size() >= trace_.nodes) {
      return fail("at most " +
                      std::to_string(trace_.nodes == 0 ? options_.limits.nodes_max : trace_.nodes) +
                      " nodes in a sample",
                  "more");
    }
    ++written_;
    sample_.push_back({*time, *node, position});
  }

  /// A sample's time against that of the one before.
  void begin_of_sample(base::Duration time) {
    const auto before = last_;
    last_ = time;
    if (!before) return;
    const base::Duration step = time - *before;
    if (!interval_) interval_ = options_.interval.value_or(step);
    const base::Duration off = step > *interval_ ? step - *interval_ : *interval_ - step;
    if (step <= base::Duration{} || off > *interval_ / 100) {
      fail("the next sample at " + seconds_text(*before + std::max(*interval_, base::Duration(1))),
           in_quotes(line_.word(0)));
    }
  }

  void end_of_sample() {
    if (error_ || sample_.empty()) return;
    std::sort(sample_.begin(), sample_.end(),
              [](const Row& x, const Row& y) { return x.node < y.node; });
    const auto twice =
        std::adjacent_find(sample_.begin(), sample_.end(),
                           [](const Row& x, const Row& y) { return x.node == y.node; });
    const std::string where = " in the sample at " + seconds_text(sample_.front().time);
    if (twice != sample_.end()) {
      return fail("node " + std::to_string(twice->node) + " once" + where, "it twice");
    }
    if (trace_.nodes == 0) {
      trace_.nodes = static_cast<std::uint32_t>(sample_.size());
      for (const Row& row : sample_) ids_.push_back(row.node);
    }
    for (std::size_t i = 0; i < ids_.size(); ++i) {
      if (i < sample_.size() && sample_[i].node == ids_[i]) continue;
      const bool is_new = i < sample_.size() && sample_[i].node < ids_[i];
      return fail("the nodes of the first sample" + where,
                  "node " + std::to_string(is_new ? sample_[i].node : ids_[i]) +
                      (is_new ? ", which is new" : " missing"));
    }
    for (const Row& row : sample_) trace_.positions.push_back(row.position);
    sample_.clear();
  }

  LineReader line_;
  std::string_view file_;
  const PositionCsvOptions& options_;
  std::optional<ParseError> error_;
  PositionTrace trace_;
  std::vector<std::uint32_t> ids_;  ///< of the nodes, ascending
  std::vector<Row> sample_;         ///< being read
  std::optional<base::Duration> last_;
  std::optional<base::Duration> interval_;
  std::uint64_t written_ = 0;
};

/// The shortest decimal that reads as the same float.
std::string float_text(float value) {
  char digits[32];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
  CHASKI_ASSERT(error == std::errc{});
  return {digits, end};
}

}  // namespace

base::Expected<PositionTrace, ParseError> parse_position_csv(std::string_view text,
                                                             std::string_view file,
                                                             const PositionCsvOptions& options) {
  return Reading(text, file, options).run();
}

std::string position_csv_text(const PositionTrace& trace) {
  std::string text = "time_s,node,x_m,y_m\n";
  for (std::size_t sample = 0; sample < trace.samples(); ++sample) {
    const std::string time = seconds_text(trace.interval * static_cast<std::int64_t>(sample));
    for (NodeIndex node = 0; node < trace.nodes; ++node) {
      const Position& place = trace.at(sample, node);
      text += time + ',' + (trace.names.empty() ? std::to_string(node) : trace.names[node]) + ',' +
              float_text(place.x_m) + ',' + float_text(place.y_m) + '\n';
    }
  }
  return text;
}

}  // namespace chaski::sim
