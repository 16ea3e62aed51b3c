// SPDX-License-Identifier: Apache-2.0
#include "daemon/api_routes.hpp"

#include <algorithm>
#include <charconv>

#include "daemon/api_json.hpp"

namespace chaski::daemon {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_letter(char a, char b) { return to_lower(a) == to_lower(b); }

bool starts_with_any_case(std::string_view text, std::string_view start) {
  return text.size() >= start.size() &&
         std::equal(start.begin(), start.end(), text.begin(), same_letter);
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

/// Whether `path` has the form of `pattern`; what stands for {id} goes to `id`.
bool matches(std::string_view pattern, std::string_view path, std::string& id) {
  constexpr std::string_view kId = "{id}";
  const auto brace = pattern.find(kId);
  if (brace == std::string_view::npos) return pattern == path;
  const std::string_view before = pattern.substr(0, brace);
  const std::string_view after = pattern.substr(brace + kId.size());
  if (!path.starts_with(before) || !path.ends_with(after)) return false;
  if (path.size() <= before.size() + after.size()) return false;
  const std::string_view part =
      path.substr(before.size(), path.size() - before.size() - after.size());
  if (part.find('/') != std::string_view::npos) return false;
  id = part;
  return true;
}

ApiResult call(const Route& route, ApiContext& context, const ApiRequest& request,
               std::string id) {
  RouteInput input{request, std::move(id), Json::object()};
  input.is_plain_text = route.takes_text && is_plain_text(request.content_type);
  if (!input.is_plain_text && !request.body.empty()) {
    input.body = Json::parse(request.body, nullptr, false);
    if (!input.body.is_object()) {
      return base::unexpected(bad_request("the body is no JSON object", "send one, like {}"));
    }
  }
  if (route.person && context.node.locked()) {
    return base::unexpected(person_error(context.has_vault ? node::PersonError::locked
                                                           : node::PersonError::no_identity));
  }
  if (route.changes) {
    if (context.stopping) {
      return base::unexpected(ApiError{503, "stopping", "the node is stopping", "start it again"});
    }
    if (!context.writable) return base::unexpected(store_refuses());
  }
  return route.handle(context, input);
}

}  // namespace

std::optional<std::string> RouteInput::query(std::string_view key) const {
  std::optional<std::string> found;
  for (const auto& [name, value] : request.query) {
    if (name == key) found = value;
  }
  return found;
}

ApiResult dispatch(ApiContext& context, const ApiRequest& request) {
  bool known_path = false;
  std::string id;
  for (const auto routes : {people_routes(), conversation_routes(), message_routes(),
                            file_routes(), pairing_routes(), introduction_routes(),
                            card_routes(), carry_routes(), status_routes()}) {
    for (const Route& route : routes) {
      if (!matches(route.path, request.path, id)) continue;
      if (request.method == route.method) return call(route, context, request, std::move(id));
      known_path = true;
    }
  }
  if (known_path) {
    return base::unexpected(ApiError{405, "unknown_method", "this cannot be asked in this way",
                                     "see docs/api.md for GET and POST"});
  }
  return base::unexpected(
      ApiError{404, "unknown_request", "there is no such request", "see docs/api.md"});
}

bool parse_target(std::string_view target, ApiRequest& request) {
  const auto mark = target.find('?');
  const auto path = percent_decode(target.substr(0, mark), false);
  if (!path) return false;
  request.path = *path;
  request.query.clear();
  if (mark == std::string_view::npos) return true;
  std::string_view rest = target.substr(mark + 1);
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    const auto key = percent_decode(pair.substr(0, equals), true);
    const auto value = equals == std::string_view::npos
                           ? std::string()
                           : percent_decode(pair.substr(equals + 1), true);
    if (!key || !value) return false;
    request.query.emplace_back(*key, *value);
  }
  return true;
}

bool is_plain_text(std::string_view content_type) {
  constexpr std::string_view kType = "text/plain";
  if (!starts_with_any_case(content_type, kType)) return false;
  content_type.remove_prefix(kType.size());
  return content_type.empty() || content_type.front() == ';' || content_type.front() == ' ';
}

std::string charset_of(std::string_view content_type) {
  constexpr std::string_view kKey = "charset=";
  std::string found;
  for (std::size_t at = content_type.find(';'); at != std::string_view::npos;
       at = content_type.find(';')) {
    content_type.remove_prefix(at + 1);
    content_type.remove_prefix(std::min(content_type.find_first_not_of(' '), content_type.size()));
    if (!starts_with_any_case(content_type, kKey)) continue;
    for (const char c : content_type.substr(kKey.size())) {
      if (c == ';' || c == ' ') break;
      if (c != '"') found += to_lower(c);
    }
  }
  return found;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  // NOLINTNEXTLINE(bugprone-suspicious-stringview-data-usage): from_chars is given the end
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const auto [rest, error] = std::from_chars(begin, end, number);
  if (error != std::errc{} || rest != end) return std::nullopt;
  return number;
}

const Json* BodyReader::find(const char* key) {
  known_.emplace_back(key);
  const auto found = body_.find(key);
  return found == body_.end() || found->is_null() ? nullptr : &*found;
}

void BodyReader::fail(const std::string& message, const std::string& mend) {
  if (!error_) error_ = bad_request(message, mend);
}

std::optional<std::string> BodyReader::text(const char* key, bool required) {
  const Json* value = find(key);
  if (value == nullptr) {
    if (required) fail(std::string(key) + " is missing", "add it as a text");
    return std::nullopt;
  }
  if (!value->is_string()) {
    fail(std::string(key) + " is no text", "put it in quotation marks");
    return std::nullopt;
  }
  return value->get<std::string>();
}

std::optional<std::uint64_t> BodyReader::number(const char* key) {
  const Json* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number_unsigned()) {
    fail(std::string(key) + " is no whole number", "write one of 0 or more");
    return std::nullopt;
  }
  return value->get<std::uint64_t>();
}

std::optional<std::uint64_t> BodyReader::required_number(const char* key) {
  const auto value = number(key);
  if (!value) fail(std::string(key) + " is missing", "add it as a whole number");
  return value;
}

std::vector<std::uint64_t> BodyReader::numbers(const char* key) {
  std::vector<std::uint64_t> out;
  const Json* value = find(key);
  if (value != nullptr && value->is_array() && value->size() <= kNumbersMax) {
    for (const Json& one : *value) {
      if (one.is_number_unsigned()) out.push_back(one.get<std::uint64_t>());
    }
  }
  if (value == nullptr || !value->is_array() || out.size() != value->size()) {
    fail(std::string(key) + " is no list of at most " + std::to_string(kNumbersMax) +
             " whole numbers",
         "write one like [7, 8]");
  }
  return out;
}

std::optional<bool> BodyReader::maybe_flag(const char* key) {
  if (body_.find(key) == body_.end()) {
    known_.emplace_back(key);
    return std::nullopt;
  }
  return flag(key);
}

bool BodyReader::flag(const char* key) {
  const Json* value = find(key);
  if (value == nullptr) return false;
  if (!value->is_boolean()) fail(std::string(key) + " is neither true nor false", "write true");
  return value->is_boolean() && value->get<bool>();
}

std::optional<ApiError> BodyReader::finish() {
  for (const auto& [key, value] : body_.items()) {
    if (std::find(known_.begin(), known_.end(), key) == known_.end()) {
      std::string names;
      for (const std::string& name : known_) names += (names.empty() ? "" : ", ") + name;
      fail("unknown member " + key, names.empty() ? "send {}" : "known here: " + names);
    }
  }
  return error_;
}

}  // namespace chaski::daemon
