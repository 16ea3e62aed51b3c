// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "e2ee/session.hpp"

namespace chaski::e2ee {

/// Bytes of a content before its payload when it has nothing special: version, kind, what else is
/// there, time, payload length.
inline constexpr std::size_t kContentHeadSize = 1 + 1 + 1 + 8 + 4;

/// Bytes of this content before padding.
std::size_t content_size(const Content& content);

/// Writes a content at the start of `out` and zeros to its end; `out` must be content_size() at
/// least.
void write_content(const Content& content, base::MutableByteView out);

/// Reads what write_content() wrote, without token; nothing when version or kind is unknown, a
/// length is wrong or the padding is not zero.
std::optional<Content> read_content(base::ByteView bytes);

}  // namespace chaski::e2ee
