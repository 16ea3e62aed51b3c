// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

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
///
/// An open-addressing table of pointers; the bytes lie right behind each Body.
class BodyPool {
 public:
  struct Body {
    wire::EnvelopeId id;
    std::uint32_t size = 0;
    std::uint32_t holders = 0;
    base::ByteView bytes() const { return {reinterpret_cast<const std::uint8_t*>(this + 1), size}; }
  };

  BodyPool() : slots_(kSlotsMin) {}
  ~BodyPool();
  BodyPool(const BodyPool&) = delete;
  BodyPool& operator=(const BodyPool&) = delete;

  /// Counts one more holder. The id is a hash of the bytes, so the same id means the same bytes.
  Body* acquire(const wire::EnvelopeId& id, base::ByteView bytes);
  /// Counts one holder less; the last one frees the bytes.
  void release(Body* body);
  std::size_t size() const { return count_; }

 private:
  struct Slot {
    std::uint64_t hash = 0;
    Body* body = nullptr;
  };
  static constexpr std::size_t kSlotsMin = 64;

  std::size_t home(std::uint64_t hash) const { return hash & (slots_.size() - 1); }
  std::size_t next(std::size_t at) const { return (at + 1) & (slots_.size() - 1); }
  void grow();
  void take_out(std::size_t at);

  std::vector<Slot> slots_;  ///< a power of two, at most half full
  std::size_t count_ = 0;
};

}  // namespace chaski::node
