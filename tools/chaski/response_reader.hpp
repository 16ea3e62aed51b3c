// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace chaski::tools {

/// Reads one HTTP/1.1 response from bytes as they come (RFC 9112).
///
/// Takes a body with a length, in chunks, or up to the end of the connection. Bounded: the head is
/// at most kHeadMax bytes and a chunk's line at most kLineMax; the body is the caller's to bound,
/// since it takes it piece by piece.
class ResponseReader {
 public:
  static constexpr std::size_t kHeadMax = 16'384;
  static constexpr std::size_t kLineMax = 256;

  /// Takes bytes and appends what is body to `body`. False when they are not a response.
  bool feed(std::string_view bytes, std::string& body);
  /// The connection ended. False when the response was not complete.
  bool finish();

  int status() const { return status_; }  ///< 0 until the head is there
  bool done() const { return state_ == State::done; }

 private:
  enum class State : std::uint8_t {
    head,
    counted,
    until_close,
    chunk_line,
    chunk,
    chunk_end,
    trailer,
    done,
    broken
  };

  bool take_head(std::string_view& bytes);
  bool parse_head(std::string_view head);
  bool parse_header(std::string_view line);
  bool take_line(std::string_view& bytes);
  bool take_chunk_line(std::string_view& bytes);
  void take_body(std::string_view& bytes, std::string& body);

  State state_ = State::head;
  int status_ = 0;
  bool chunked_ = false;
  bool has_length_ = false;
  std::uint64_t remaining_ = 0;
  std::string held_;  ///< the head, or a line, that is not complete yet
};

}  // namespace chaski::tools
