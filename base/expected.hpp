// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tl/expected.hpp>

namespace chaski::base {

/// A value, or the small enum that says why there is none.
template <class T, class E>
using Expected = tl::expected<T, E>;

template <class E>
auto unexpected(E error) {
  return tl::unexpected<E>(error);
}

}  // namespace chaski::base
