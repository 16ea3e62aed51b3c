// SPDX-License-Identifier: Apache-2.0
#include "daemon/api_carry.hpp"

#include <array>

#include "base/hex.hpp"
#include "bundle/format.hpp"
#include "daemon/api_json.hpp"
#include "daemon/api_routes.hpp"

namespace chaski::daemon {
namespace {

/// Bundles that are asked about at once.
constexpr std::size_t kHeadersMax = 1'000;
/// No smaller bundle is asked for.
constexpr std::uint64_t kSizeMin = 4'096;

ApiError carry_error(node::CarryError error) {
  const std::string code = node::to_string(error);
  switch (error) {
    case node::CarryError::not_a_bundle:
      return {400, code, "this is no bundle of a stick", "hand over what chaski carry reads"};
    case node::CarryError::newer_version:
      return {400, code, "the bundle is of a newer chaski", "update this node"};
    case node::CarryError::damaged:
      return {400, code, "the bundle is damaged",
              "let the runner fetch it again where it was written"};
    case node::CarryError::another_mesh:
      return {409, code, "the bundle is of another mesh: its network key is not this node's",
              "nothing is wrong with this node; set network_key_file if it should be of that mesh"};
    case node::CarryError::busy:
      return {503, code, "so many neighbours are connected that a stick has no place beside them",
              "try again in a minute"};
  }
  return bad_request("the stick cannot be read", "see docs/api.md");
}

/// Why nothing is taken or given now.
std::optional<ApiError> refused(const ApiContext& context) {
  if (context.stopping) {
    return ApiError{503, "stopping", "the node is stopping", "start it again"};
  }
  if (!context.writable) return store_refuses();
  return std::nullopt;
}

/// POST /v1/carry/own: which of these bundles this node wrote.
ApiResult post_own(ApiContext& context, const RouteInput& input) {
  const auto headers = input.body.find("headers");
  bool good = input.body.size() == 1 && headers != input.body.end() && headers->is_array() &&
              headers->size() <= kHeadersMax;
  Json own = Json::array();
  if (good) {
    for (const Json& one : *headers) {
      const auto bytes = one.is_string() ? base::from_hex(one.get_ref<const std::string&>())
                                         : std::optional<base::Bytes>();
      good = good && bytes && bytes->size() == bundle::kHeaderSize;
      own.push_back(good && context.node.wrote_bundle(*bytes));
    }
  }
  if (!good) {
    return base::unexpected(
        bad_request("headers is no list of bundle headers",
                    "write {\"headers\": [80 lower-case hexadecimal digits, …]}, 1000 at most"));
  }
  return ApiAnswer{{{"own", std::move(own)}}};
}

constexpr std::array kRoutes{
    Route{.method = "POST", .path = "/v1/carry/own", .handle = post_own, .person = false},
};

}  // namespace

std::span<const Route> carry_routes() {
  return kRoutes;
}

ApiResult carry_in(ApiContext& context, const ApiRequest& request) {
  if (const auto why = refused(context)) return base::unexpected(*why);
  const auto take = context.node.carry_in(base::as_bytes(request.body), context.now);
  if (!take) return base::unexpected(carry_error(take.error()));
  return ApiAnswer{{{"envelopes", take->envelopes},
                    {"taken", take->taken},
                    {"known", take->known},
                    {"shown", take->shown},
                    {"no_room", take->no_room},
                    {"refused", take->refused}},
                   true};
}

base::Expected<std::shared_ptr<ByteSource>, ApiError> CarryStream::begin(
    NodeHost& host, ApiContext& context, const ApiRequest& request) {
  if (const auto why = refused(context)) return base::unexpected(*why);
  std::uint64_t size_max = bundle::kBundleSizeMax;
  for (const auto& [key, value] : request.query) {
    const auto number = key == "max" ? parse_number(value) : std::nullopt;
    if (!number || *number < kSizeMin) {
      return base::unexpected(
          bad_request("the query key " + key + " is unknown, or its value is wrong",
                      "known here: max, a number of bytes, 4096 at least"));
    }
    size_max = *number;
  }
  auto out = context.node.carry_out(base::as_bytes(request.body), size_max);
  if (!out) return base::unexpected(carry_error(out.error()));
  return std::make_shared<CarryStream>(host, *std::move(out));
}

base::Bytes CarryStream::next() {
  if (ended_) return {};
  base::Bytes bytes = host_.node().carry_on(*out_, host_.now());
  if (!out_->done()) return bytes;
  ended_ = true;
  const node::CarryCounts& counts = out_->counts();
  const std::string about = Json{
      {"envelopes", counts.envelopes},
      {"known", counts.known},
      {"no_room", counts.no_room},
      {"places", counts.places}}.dump();
  bytes.insert(bytes.end(), about.begin(), about.end());
  return bytes;
}

}  // namespace chaski::daemon
