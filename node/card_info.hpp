// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace chaski::node {

/// What the person wants of their card (e2ee/card.hpp).
struct CardRequest {
  bool fresh = false;                    ///< a new one, though the current is good still
  std::optional<unsigned> days{};        ///< good for so long, 1 to 90; else 30
  std::optional<unsigned> price_bits{};  ///< of the stamp of each answer, 16 to 24; else 20
  bool publish = false;                  ///< through the mesh, for whoever listens
};

/// How far a card of ours is into the mesh.
enum class CardPublished : std::uint8_t { no, working, yes };
const char* to_string(CardPublished published);

/// A card of ours that can be answered.
struct OwnCardInfo {
  std::string link;
  unsigned price_bits = 0;
  std::int64_t issued_unix_s = 0;
  std::int64_t expires_unix_s = 0;
  std::size_t answers = 0;  ///< that were opened
  bool made = false;        ///< just now
  CardPublished published = CardPublished::no;
  std::int64_t published_unix_s = 0;  ///< when it left; 0: it did not
};

/// Somebody's card that passed by.
struct HeardCardInfo {
  std::string link;
  std::string name;         ///< what the card says, anybody may say so; may be empty
  std::string fingerprint;  ///< e2ee::fingerprint() of the identity
  unsigned price_bits = 0;
  std::int64_t issued_unix_s = 0;
  std::int64_t expires_unix_s = 0;
  std::string contact{};  ///< who has the same identity is a contact of this name; else empty
};

/// What became of published cards that passed by.
struct CardCounts {
  std::uint64_t taken = 0;
  std::uint64_t dropped = 0;     ///< no good stamp, signature or time
  std::uint64_t older = 0;       ///< than the card of this identity that is here
  std::uint64_t pushed_out = 0;  ///< there were too many
};

}  // namespace chaski::node
