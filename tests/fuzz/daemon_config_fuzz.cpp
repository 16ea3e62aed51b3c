// SPDX-License-Identifier: Apache-2.0
// Any text as a config: a config or one line that says what is wrong.
#include <cstdint>
#include <string_view>

#include "base/assert.hpp"
#include "daemon/config.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chaski;
  const auto config = daemon::parse_config(base::as_text({data, size}), "f");
  if (config) {
    CHASKI_ASSERT(!config->state.empty());
    CHASKI_ASSERT(config->socket_mode <= 0777);
    CHASKI_ASSERT(config->quota_bytes >= 1u << 20);
  } else {
    CHASKI_ASSERT(config.error().starts_with("f:"));
    CHASKI_ASSERT(config.error().find("; ") != std::string::npos);
  }
  return 0;
}
