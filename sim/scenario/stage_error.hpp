// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <type_traits>

#include "base/expected.hpp"

namespace chaski::sim {

/// Thrown while a stage is set; set_stage() makes a result of it.
struct StageError {
  std::string line;
};

template <class T, class Error>
T or_throw(base::Expected<T, Error> got) {
  if (got) return std::move(*got);
  if constexpr (std::is_same_v<Error, std::string>) {
    throw StageError{got.error()};
  } else {
    throw StageError{got.error().message()};
  }
}

}  // namespace chaski::sim
