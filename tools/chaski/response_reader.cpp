// SPDX-License-Identifier: Apache-2.0
#include "tools/chaski/response_reader.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace chaski::tools {

namespace {

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool parse_number(std::string_view text, int base, std::uint64_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

bool ResponseReader::feed(std::string_view bytes, std::string& body) {
  while (!bytes.empty() && state_ != State::done && state_ != State::broken) {
    bool good = true;
    switch (state_) {
      case State::head: good = take_head(bytes); break;
      case State::counted:
      case State::until_close:
      case State::chunk: take_body(bytes, body); break;
      case State::chunk_line: good = take_chunk_line(bytes); break;
      case State::chunk_end:
        if (!take_line(bytes)) break;
        good = held_.empty();
        state_ = State::chunk_line;
        break;
      case State::trailer:
        if (!take_line(bytes)) break;
        if (held_.empty()) state_ = State::done;
        held_.clear();
        break;
      case State::done:
      case State::broken: break;
    }
    if (!good || held_.size() > kHeadMax) state_ = State::broken;
  }
  return state_ != State::broken;
}

bool ResponseReader::finish() {
  if (state_ == State::until_close) state_ = State::done;
  return state_ == State::done;
}

/// Collects the head; when it is complete, parses it and leaves the rest in `bytes`.
bool ResponseReader::take_head(std::string_view& bytes) {
  const std::size_t before = held_.size();
  held_.append(bytes.substr(0, kHeadMax + 4));
  // The end mark may straddle two reads.
  const std::size_t end = held_.find("\r\n\r\n", before < 3 ? 0 : before - 3);
  if (end == std::string::npos) {
    bytes = {};
    return held_.size() <= kHeadMax;
  }
  bytes.remove_prefix(end + 4 - before);
  const std::string head = held_.substr(0, end);
  held_.clear();
  if (!parse_head(head)) return false;
  if (status_ >= 100 && status_ < 200) {  // an interim response: the real one follows
    status_ = 0;
    chunked_ = has_length_ = false;
    return true;
  }
  if (chunked_) {
    state_ = State::chunk_line;
  } else if (has_length_) {
    state_ = remaining_ == 0 ? State::done : State::counted;
  } else {
    state_ = status_ == 204 || status_ == 304 ? State::done : State::until_close;
  }
  return true;
}

bool ResponseReader::parse_head(std::string_view head) {
  const std::size_t line_end = std::min(head.find("\r\n"), head.size());
  const std::string_view line = head.substr(0, line_end);
  std::uint64_t status = 0;
  if (!line.starts_with("HTTP/1.") || line.size() < 12 || line[8] != ' ' ||
      !parse_number(line.substr(9, 3), 10, status) || status < 100) {
    return false;
  }
  status_ = static_cast<int>(status);
  head.remove_prefix(std::min(line_end + 2, head.size()));
  while (!head.empty()) {
    const std::size_t end = std::min(head.find("\r\n"), head.size());
    if (!parse_header(head.substr(0, end))) return false;
    head.remove_prefix(std::min(end + 2, head.size()));
  }
  return true;
}

bool ResponseReader::parse_header(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return false;
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (equal_ignoring_case(name, "content-length")) {
    has_length_ = true;
    return parse_number(value, 10, remaining_);
  }
  if (equal_ignoring_case(name, "transfer-encoding")) {
    chunked_ = equal_ignoring_case(value, "chunked");
    return chunked_;
  }
  return true;
}

/// Collects a line in held_, without its end; false while it is not complete.
bool ResponseReader::take_line(std::string_view& bytes) {
  const std::size_t end = bytes.find('\n');
  held_.append(bytes.substr(0, std::min(end, bytes.size())));
  bytes.remove_prefix(std::min(end == std::string_view::npos ? end : end + 1, bytes.size()));
  if (end == std::string_view::npos) {
    if (held_.size() > kLineMax) held_.resize(kHeadMax + 1);  // makes feed() refuse it
    return false;
  }
  if (!held_.empty() && held_.back() == '\r') held_.pop_back();
  return true;
}

bool ResponseReader::take_chunk_line(std::string_view& bytes) {
  if (!take_line(bytes)) return true;
  const std::string line = std::move(held_);
  held_.clear();
  const std::string_view size = trimmed(std::string_view(line).substr(0, line.find(';')));
  if (!parse_number(size, 16, remaining_)) return false;
  state_ = remaining_ == 0 ? State::trailer : State::chunk;
  return true;
}

void ResponseReader::take_body(std::string_view& bytes, std::string& body) {
  std::size_t size = bytes.size();
  if (state_ != State::until_close) {
    size = static_cast<std::size_t>(std::min<std::uint64_t>(size, remaining_));
    remaining_ -= size;
  }
  body.append(bytes.substr(0, size));
  bytes.remove_prefix(size);
  if (remaining_ == 0 && state_ == State::counted) state_ = State::done;
  if (remaining_ == 0 && state_ == State::chunk) state_ = State::chunk_end;
}

}  // namespace chaski::tools
