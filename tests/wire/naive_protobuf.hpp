// SPDX-License-Identifier: Apache-2.0
// A second, slow and plain implementation of the message format: the oracle of the property tests.
// It shares no code with wire/ and knows only docs/protocol/wire.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace chaski::naive {

using Octets = std::vector<std::uint8_t>;
using Value = std::variant<std::uint64_t, Octets>;
/// Field number to value; a field that is absent has its default.
using Message = std::map<int, Value>;

/// Fields in ascending order; nothing that has its default value.
Octets encode(const Message& message);
/// The message, or nothing when `bytes` are not what encode() would have made of it.
std::optional<Message> decode(const Octets& bytes);

std::uint64_t number(const Message& message, int field);
Octets octets(const Message& message, int field);
Octets varint(std::uint64_t value);

}  // namespace chaski::naive
