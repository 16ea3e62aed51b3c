// SPDX-License-Identifier: Apache-2.0
#include "node/body_pool.hpp"

#include <new>

#include "base/assert.hpp"

namespace chaski::node {
namespace {

BodyPool::Body* make_body(const wire::EnvelopeId& id, base::ByteView bytes) {
  void* memory = ::operator new(sizeof(BodyPool::Body) + bytes.size());
  auto* body = new (memory) BodyPool::Body;
  body->id = id;
  body->size = static_cast<std::uint32_t>(bytes.size());
  if (!bytes.empty()) std::memcpy(body + 1, bytes.data(), bytes.size());
  return body;
}

void free_body(BodyPool::Body* body) {
  body->~Body();
  ::operator delete(body);
}

}  // namespace

BodyPool::~BodyPool() {
  for (const Slot& slot : slots_)
    if (slot.body != nullptr) free_body(slot.body);
}

BodyPool::Body* BodyPool::acquire(const wire::EnvelopeId& id, base::ByteView bytes) {
  const std::uint64_t hash = EnvelopeIdHash{}(id);
  std::size_t at = home(hash);
  for (; slots_[at].body != nullptr; at = next(at)) {
    Body* body = slots_[at].body;
    if (slots_[at].hash != hash || body->id != id) continue;
    CHASKI_ASSERT(body->size == bytes.size());
    ++body->holders;
    return body;
  }
  Body* body = make_body(id, bytes);
  body->holders = 1;
  slots_[at] = {hash, body};
  if (++count_ * 2 > slots_.size()) grow();
  return body;
}

void BodyPool::release(Body* body) {
  CHASKI_ASSERT(body->holders > 0);
  if (--body->holders > 0) return;
  std::size_t at = home(EnvelopeIdHash{}(body->id));
  while (slots_[at].body != body) at = next(at);
  take_out(at);
  --count_;
  free_body(body);
}

/// Closes the gap, so that no search stops before what it looks for.
void BodyPool::take_out(std::size_t gap) {
  for (std::size_t at = next(gap); slots_[at].body != nullptr; at = next(at)) {
    const std::size_t wanted = home(slots_[at].hash);
    const std::size_t mask = slots_.size() - 1;
    const bool may_move = ((at - wanted) & mask) >= ((at - gap) & mask);
    if (!may_move) continue;
    slots_[gap] = slots_[at];
    gap = at;
  }
  slots_[gap] = Slot{};
}

void BodyPool::grow() {
  std::vector<Slot> old(slots_.size() * 2);
  old.swap(slots_);
  for (const Slot& slot : old) {
    if (slot.body == nullptr) continue;
    std::size_t at = home(slot.hash);
    while (slots_[at].body != nullptr) at = next(at);
    slots_[at] = slot;
  }
}

}  // namespace chaski::node
