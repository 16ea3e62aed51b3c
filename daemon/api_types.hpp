// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/expected.hpp"
#include "node/node.hpp"
#include "node/people_store.hpp"

namespace chaski::daemon {

using Json = nlohmann::json;

/// One request without its transport.
struct ApiRequest {
  std::string method;      ///< "GET" or "POST"
  std::string path;        ///< decoded, without query
  std::vector<std::pair<std::string, std::string>> query;
  std::string_view body;   ///< JSON, or empty for {}; what `content_type` says where text may come
  std::string_view content_type;
};

/// Why a request was refused; `status` is that of HTTP.
struct ApiError {
  unsigned status = 400;
  std::string code;
  std::string message;
  std::string mend;
};

struct ApiAnswer {
  Json body;
  bool after_commit = false;   ///< to be sent only once the store is durable
  bool plain_text = false;     ///< `body` is a JSON string, of which the text alone is sent
};

using ApiResult = base::Expected<ApiAnswer, ApiError>;

/// What handlers work on; valid for one request.
struct ApiContext {
  node::Node& node;
  node::NodeStore& store;
  base::Time now;
  node::WallTime wall;
  bool writable = true;               ///< false: the disk refuses, so nothing is taken
  bool stopping = false;
  const std::function<Json()>& status;
  const std::function<void()>& stop;  ///< after the answer was sent
  std::uint64_t invite_price = 0;     ///< of invitations that name none
  bool has_vault = true;              ///< a locked node has a person, who may unlock it
};

}  // namespace chaski::daemon
