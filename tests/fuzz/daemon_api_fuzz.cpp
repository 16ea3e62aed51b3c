// SPDX-License-Identifier: Apache-2.0
// Lines "METHOD target body" as requests to one node in memory: each is answered with JSON or text,
// and an error has its code, message and mend. The method "TEXT" is a POST of plain text.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.hpp"
#include "base/random.hpp"
#include "daemon/api_json.hpp"
#include "daemon/api_routes.hpp"
#include "daemon/message_batch.hpp"
#include "node/memory_node_store.hpp"
#include "node/text.hpp"

namespace {

using namespace chaski;
using namespace chaski::daemon;

constexpr std::size_t kRequestsMax = 32;

struct World {
  base::SeededRandom random;
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
  if (request.method == "TEXT") {
    request.method = "POST";
    request.content_type = "text/plain; charset=utf-8";
  }
  if (!parse_target(take_until(line, ' '), request)) return;
  request.body = line;
  ApiContext context = world.context();
  const ApiResult result = dispatch(context, request);
  if (result) {
    CHASKI_ASSERT(!dump(result->body).empty());
    CHASKI_ASSERT(result->body.is_string() == result->plain_text);
    if (result->plain_text) {
      CHASKI_ASSERT(node::is_utf8(result->body.get_ref<const std::string&>()));
    }
    return;
  }
  const ApiError& error = result.error();
  CHASKI_ASSERT(error.status >= 400 && error.status < 600);
  CHASKI_ASSERT(!error.code.empty() && !error.message.empty() && !error.mend.empty());
  CHASKI_ASSERT(!dump(error_json(error)).empty());
}

/// Anna, whose node it is, has met Bert: what is written to "b" is sent.
void introduce(World& world) {
  World bert{base::SeededRandom{2}};
  const base::Time now = base::from_us(1'000'000);
  CHASKI_ASSERT(world.node.create_identity("anna").has_value());
  CHASKI_ASSERT(bert.node.create_identity("bert").has_value());
  const auto invite = world.node.invite(now);
  const auto taken = bert.node.add(*invite, "", now, {});
  CHASKI_ASSERT(taken.has_value() && taken->answer_link.has_value());
  CHASKI_ASSERT(world.node.add(*taken->answer_link, "b", now, {}).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  World world{base::SeededRandom{1}};
  introduce(world);
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
