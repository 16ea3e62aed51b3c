// SPDX-License-Identifier: Apache-2.0
#include "tests/wire/naive_protobuf.hpp"

namespace chaski::naive {

Octets varint(std::uint64_t value) {
  Octets out;
  do {
    std::uint8_t group = value % 128;
    value /= 128;
    if (value != 0) group += 128;
    out.push_back(group);
  } while (value != 0);
  return out;
}

Octets encode(const Message& message) {
  Octets out;
  const auto append = [&](const Octets& more) { out.insert(out.end(), more.begin(), more.end()); };
  for (const auto& [field, value] : message) {
    if (const auto* n = std::get_if<std::uint64_t>(&value)) {
      if (*n == 0) continue;
      append(varint(static_cast<std::uint64_t>(field) * 8));
      append(varint(*n));
    } else {
      const Octets& bytes = std::get<Octets>(value);
      if (bytes.empty()) continue;
      append(varint(static_cast<std::uint64_t>(field) * 8 + 2));
      append(varint(bytes.size()));
      append(bytes);
    }
  }
  return out;
}

namespace {

std::optional<std::uint64_t> take_varint(const Octets& bytes, std::size_t& at) {
  std::uint64_t value = 0;
  std::uint64_t scale = 1;
  for (int i = 0; i < 10; ++i) {
    if (at == bytes.size()) return std::nullopt;
    const std::uint8_t byte = bytes[at++];
    if (i == 9 && byte > 1) return std::nullopt;  // more than 64 bits
    value += (byte % 128) * scale;
    scale *= 128;
    if (byte < 128) return value;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Message> decode(const Octets& bytes) {
  Message message;
  std::size_t at = 0;
  while (at < bytes.size()) {
    const auto tag = take_varint(bytes, at);
    if (!tag) return std::nullopt;
    const auto value = take_varint(bytes, at);
    if (!value) return std::nullopt;
    const int field = static_cast<int>(*tag / 8);
    if (*tag % 8 == 0) {
      message[field] = *value;
    } else if (*tag % 8 == 2) {
      if (*value > bytes.size() - at) return std::nullopt;
      const auto from = bytes.begin() + static_cast<std::ptrdiff_t>(at);
      message[field] = Octets(from, from + static_cast<std::ptrdiff_t>(*value));
      at += *value;
    } else {
      return std::nullopt;
    }
  }
  // The one rule that makes all others unnecessary: encoding it again gives the same bytes.
  if (encode(message) != bytes) return std::nullopt;
  return message;
}

std::uint64_t number(const Message& message, int field) {
  const auto found = message.find(field);
  return found == message.end() ? 0 : std::get<std::uint64_t>(found->second);
}

Octets octets(const Message& message, int field) {
  const auto found = message.find(field);
  return found == message.end() ? Octets{} : std::get<Octets>(found->second);
}

}  // namespace chaski::naive
