// SPDX-License-Identifier: Apache-2.0
#include "tools/vectors/pieces.hpp"

#include "base/assert.hpp"
#include "wire/canonical.hpp"
#include "wire/records.hpp"

namespace chaski::vectors {

namespace {

const char* record_name(wire::RecordType type) {
  switch (type) {
    case wire::RecordType::padding: return "padding";
    case wire::RecordType::ping: return "ping";
    case wire::RecordType::pong: return "pong";
    case wire::RecordType::close: return "close";
    case wire::RecordType::pairing: return "pairing";
    case wire::RecordType::envelope: return "envelope";
    case wire::RecordType::fragment: return "fragment";
    case wire::RecordType::reconcile: return "reconcile";
    case wire::RecordType::ack: return "ack";
    case wire::RecordType::refuse: return "refuse";
    case wire::RecordType::ready: return "ready";
    case wire::RecordType::offer: return "offer";
    case wire::RecordType::resume: return "resume";
    case wire::RecordType::rest: return "rest";
    case wire::RecordType::announce: return "announce";
    case wire::RecordType::want: return "want";
  }
  return "unknown type";
}

}  // namespace

Piece cut(base::ByteView& rest, std::size_t size, std::string means) {
  CHASKI_ASSERT(size <= rest.size());
  const base::ByteView first = rest.first(size);
  rest = rest.subspan(size);
  return {{first.begin(), first.end()}, std::move(means)};
}

std::vector<Piece> field_pieces(base::ByteView message, std::span<const std::string_view> names) {
  std::vector<Piece> out;
  base::ByteView rest = message;
  while (!rest.empty()) {
    const std::size_t field = rest[0] >> 3;
    const bool is_varint = (rest[0] & 7u) == 0;
    std::size_t size = 1;
    std::uint64_t value = 0;
    CHASKI_ASSERT(field >= 1 && field <= names.size());
    CHASKI_ASSERT(!wire::read_varint(rest, 10, size, value));
    std::string means(names[field - 1]);
    if (is_varint) {
      means += " = " + std::to_string(value);
    } else {
      // Tag and length on a line of their own when the bytes need more than one line.
      if (value > 14) {
        out.push_back(cut(rest, size, means + ", " + std::to_string(value) + " bytes"));
        size = 0;
      }
      size += static_cast<std::size_t>(value);
    }
    out.push_back(cut(rest, size, size == value && !is_varint ? std::string() : means));
  }
  return out;
}

std::vector<Piece> record_pieces(base::ByteView frame) {
  std::vector<Piece> out;
  wire::RecordReader reader(frame);
  base::ByteView rest = frame;
  for (auto record = reader.next(); record && *record; record = reader.next()) {
    const std::size_t size = (*record)->payload.size();
    const std::string means = std::string("record: ") + record_name((*record)->type) + ", " +
                              std::to_string(size) + (size == 1 ? " byte" : " bytes");
    out.push_back(cut(rest, wire::record_size(size) - size, means));
    if (size > 0) out.push_back(cut(rest, size, "payload"));
  }
  CHASKI_ASSERT(rest.empty());
  return out;
}

base::Bytes random_bytes(base::Random& random, std::size_t size) {
  base::Bytes out(size);
  random.fill(out);
  return out;
}

}  // namespace chaski::vectors
