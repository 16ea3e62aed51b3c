// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tools/vectors/page.hpp"

namespace chaski::vectors {

/// Cuts a message of canonical fields into one piece a field; `names` are those of fields 1, 2, …
/// A varint is shown with its value.
std::vector<Piece> field_pieces(base::ByteView message, std::span<const std::string_view> names);

/// Cuts a frame into its records: type and length as one piece, then the payload as another.
std::vector<Piece> record_pieces(base::ByteView frame);

/// Cuts off the first bytes of `rest` as a piece.
Piece cut(base::ByteView& rest, std::size_t size, std::string means);

base::Bytes random_bytes(base::Random& random, std::size_t size);

}  // namespace chaski::vectors
