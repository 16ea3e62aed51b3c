// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/random.hpp"

namespace chaski::vectors {

/// A few of the bytes of a vector and what they mean.
struct Piece {
  base::Bytes bytes;
  std::string means;
};

/// One worked example: what went in, and the bytes that came out, piece by piece.
struct Vector {
  std::string name;               ///< what a document calls it: lower case and hyphens
  std::string what;               ///< one line
  nlohmann::ordered_json fields;  ///< inputs and results, byte strings in hexadecimal
  std::vector<Piece> pieces;

  base::Bytes bytes() const;
};

/// All vectors of one part of the protocol.
struct Page {
  std::vector<Vector> vectors;
  const Vector* find(std::string_view name) const;
};

/// {"vectors": [{"name", "what", "fields", "pieces": [{"hex", "means"}], "bytes"}]}
nlohmann::ordered_json to_json(const Page& page);

/// The block that a document shows: fields, then the bytes with their meaning, 16 to a line.
std::string to_text(const Vector& vector);

/// A part of the protocol and the function that makes its vectors from seeded random bytes.
struct PageEntry {
  std::string_view name;
  Page (*make)(base::Random& random);
};
std::span<const PageEntry> pages();

/// The page of that name from this seed, or nothing when there is none.
std::optional<Page> make_page(std::string_view name, std::uint64_t seed);

}  // namespace chaski::vectors
