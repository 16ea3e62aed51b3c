// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "daemon/api_routes.hpp"

namespace chaski::daemon {
namespace {

ApiResult get_status(ApiContext& context, const RouteInput&) {
  return ApiAnswer{context.status()};
}

ApiResult post_stop(ApiContext& context, const RouteInput& input) {
  if (const auto error = BodyReader(input.body).finish()) return base::unexpected(*error);
  context.stop();
  return ApiAnswer{Json::object()};
}

constexpr std::array kRoutes{
    Route{"GET", "/v1/status", get_status, false, false, false},
    Route{"POST", "/v1/stop", post_stop, false, false, false},
};

}  // namespace

std::span<const Route> status_routes() { return kRoutes; }

}  // namespace chaski::daemon
