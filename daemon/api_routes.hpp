// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "daemon/api_types.hpp"

namespace chaski::daemon {

/// What stood at {id} in the path, and the parsed body.
struct RouteInput {
  const ApiRequest& request;
  std::string id;
  Json body;                    ///< {} where the body is plain text
  bool is_plain_text = false;   ///< the request's body is to be taken as it is

  /// The last value of a query key.
  std::optional<std::string> query(std::string_view key) const;
};

/// One line of the table: a handler for a method and a path, in which {id} stands for one part.
struct Route {
  const char* method;
  const char* path;
  ApiResult (*handle)(ApiContext& context, const RouteInput& input);
  bool changes = false;  ///< writes: refused while the disk refuses or the node stops
  bool takes_text = false;  ///< also takes a body of plain text
  bool person = true;       ///< needs the person: refused while there is none, or they are locked
};

// Each subject has its handlers in a file of its own.
std::span<const Route> people_routes();
std::span<const Route> message_routes();
std::span<const Route> conversation_routes();
std::span<const Route> card_routes();
std::span<const Route> carry_routes();
std::span<const Route> pairing_routes();
std::span<const Route> introduction_routes();
std::span<const Route> file_routes();
std::span<const Route> status_routes();

/// Finds the handler and calls it. Errors: 404 unknown_request, 405 unknown_method, 400
/// bad_request.
ApiResult dispatch(ApiContext& context, const ApiRequest& request);

/// Splits "path?query" into the request and decodes %XX; false when it is malformed.
bool parse_target(std::string_view target, ApiRequest& request);
/// Whether a Content-Type says text/plain, whatever its charset.
bool is_plain_text(std::string_view content_type);
/// The charset of a Content-Type in lower case; empty when it names none.
std::string charset_of(std::string_view content_type);
/// A whole decimal number.
std::optional<std::uint64_t> parse_number(std::string_view text);

/// Strict access to the members of a body; the first error is kept.
class BodyReader {
 public:
  explicit BodyReader(const Json& body) : body_(body) {}

  /// `required` ones are missed; null counts as missing.
  std::optional<std::string> text(const char* key, bool required);
  std::optional<std::uint64_t> number(const char* key);
  std::optional<std::uint64_t> required_number(const char* key);
  /// A list of at most kNumbersMax numbers; must be there.
  static constexpr std::size_t kNumbersMax = 1'000;
  std::vector<std::uint64_t> numbers(const char* key);
  bool flag(const char* key);
  /// Nothing when it is not there.
  std::optional<bool> maybe_flag(const char* key);
  /// Whether all was well, and nothing else stands in the body.
  std::optional<ApiError> finish();

 private:
  const Json* find(const char* key);
  void fail(const std::string& message, const std::string& mend);

  const Json& body_;
  std::vector<std::string> known_;
  std::optional<ApiError> error_;
};

}  // namespace chaski::daemon
