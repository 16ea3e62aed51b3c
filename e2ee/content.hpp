// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "e2ee/session.hpp"

namespace chaski::e2ee {

/// Bytes of a content before its payload: version, kind, token, time, payload length.
inline constexpr std::size_t kContentHeadSize = 1 + 1 + 16 + 8 + 4;

/// Writes a content with this token at the start of `out` and zeros to its end; `out` must be large
/// enough.
void write_content(const Content& content, const wire::ReceiptToken& token,
                   base::MutableByteView out);

/// Reads what write_content() wrote; nothing when version or kind is unknown, a length is wrong or
/// the padding is not zero.
std::optional<Content> read_content(base::ByteView bytes);

}  // namespace chaski::e2ee
