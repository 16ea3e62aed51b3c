// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tools/bench/bench.hpp"

namespace chaski::bench {

/// What it costs to find whose an envelope is among 1,000 contacts, beside opening it.
void look_ups(Report& report);

}  // namespace chaski::bench
