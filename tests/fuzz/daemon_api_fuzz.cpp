// SPDX-License-Identifier: Apache-2.0
// Lines "METHOD target body" as requests to one node in memory: each is answered with JSON, and an
// error has its code, message and mend.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.hpp"
#include "base/random.hpp"
#include "daemon/api_json.hpp"
#include "daemon/api_routes.hpp"
#include "daemon/message_batch.hpp"
#include "node/memory_node_store.hpp"

namespace {

using namespace chaski;
using namespace chaski::daemon;

constexpr std::size_t kRequestsMax = 32;

struct World {
  base::SeededRandom random{1};
  node::MemoryNodeStore store{1u << 20};
  node::Node node{{}, store, random, base::Time{}};
  std::function<Json()> status = [] { return Json::object(); };
  std::function<void()> stop = [] {};
  ApiContext context() {
    return {node, store, base::from_us(1'000'000), {1'780'000'000}, true, false, status, stop};
  }
};

std::string_view take_until(std::string_view& rest, char end) {
  const std::string_view part = rest.substr(0, rest.find(end));
  rest.remove_prefix(std::min(rest.size(), part.size() + 1));
  return part;
}

void ask(World& world, std::string_view line) {
  ApiRequest request;
  request.method = std::string(take_until(line, ' '));
  if (!parse_target(take_until(line, ' '), request)) return;
  request.body = line;
  ApiContext context = world.context();
  const ApiResult result = dispatch(context, request);
  if (result) {
    CHASKI_ASSERT(!dump(result->body).empty());
    return;
  }
  const ApiError& error = result.error();
  CHASKI_ASSERT(error.status >= 400 && error.status < 600);
  CHASKI_ASSERT(!error.code.empty() && !error.message.empty() && !error.mend.empty());
  CHASKI_ASSERT(!dump(error_json(error)).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  World world;
  ask(world, R"(POST /v1/init {"name":"anna"})");
  std::string_view rest = base::as_text({data, size});
  for (std::size_t i = 0; i < kRequestsMax && !rest.empty(); ++i) {
    ask(world, take_until(rest, '\n'));
    CHASKI_ASSERT(world.node.flush(base::from_us(1'000'000)).has_value());
  }
  MessageBatch batch{std::string(rest)};
  while (!batch.done()) {
    ApiContext context = world.context();
    batch.step(context);
    batch.settle(true);
  }
  return 0;
}
