// SPDX-License-Identifier: Apache-2.0
#include "node/body_pool.hpp"

#include "base/assert.hpp"

namespace chaski::node {

BodyPool::Body* BodyPool::acquire(const wire::EnvelopeId& id, base::ByteView bytes) {
  Body& body = bodies_[id];
  if (body.holders == 0) {
    body.id = id;
    body.bytes.assign(bytes.begin(), bytes.end());
  }
  CHASKI_ASSERT(body.bytes.size() == bytes.size());
  ++body.holders;
  return &body;  // std::unordered_map never moves its nodes
}

void BodyPool::release(Body* body) {
  CHASKI_ASSERT(body->holders > 0);
  if (--body->holders == 0) bodies_.erase(wire::EnvelopeId(body->id));
}

}  // namespace chaski::node
