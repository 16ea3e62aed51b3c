// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <unordered_map>

#include "base/bytes.hpp"
#include "wire/types.hpp"

namespace chaski::node {

/// Envelope ids are hashes already: eight of their bytes serve as one.
struct EnvelopeIdHash {
  std::size_t operator()(const wire::EnvelopeId& id) const noexcept {
    std::uint64_t value = 0;
    std::memcpy(&value, id.bytes.data(), sizeof value);
    return static_cast<std::size_t>(value);
  }
};

/// Immutable envelope bytes, each once however many stores of one process hold them.
class BodyPool {
 public:
  struct Body {
    wire::EnvelopeId id;
    base::Bytes bytes;
    std::uint64_t holders = 0;
  };

  /// Counts one more holder. The id is a hash of the bytes, so the same id means the same bytes.
  Body* acquire(const wire::EnvelopeId& id, base::ByteView bytes);
  /// Counts one holder less; the last one frees the bytes.
  void release(Body* body);
  std::size_t size() const { return bodies_.size(); }

 private:
  std::unordered_map<wire::EnvelopeId, Body, EnvelopeIdHash> bodies_;
};

}  // namespace chaski::node
