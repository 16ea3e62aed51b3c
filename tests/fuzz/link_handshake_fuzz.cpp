// SPDX-License-Identifier: Apache-2.0
// A stranger speaks first, or changes what two nodes say: no link opens, no answer is longer than
// what came.
#include "base/assert.hpp"
#include "base/random.hpp"
#include "link/link.hpp"
#include "tests/fuzz/fuzz_script.hpp"
#include "wire/limits.hpp"

using namespace chaski;
using link::Link;

namespace {

struct Node {
  base::SeededRandom random;
  link::NodeKey key;
  Link link;

  Node(base::LinkRole role, std::uint64_t seed, bool with_network_key)
      : random(seed), key(link::NodeKey::generate(random)), link(config(role, with_network_key),
                                                                 random, base::Time{}) {}
  link::LinkConfig config(base::LinkRole role, bool with_network_key) const {
    link::LinkConfig out{role, &key, {}, {1, wire::kFrameSizeMax}, {}};
    if (with_network_key) out.network_key.emplace().bytes.fill(9);
    return out;
  }
  base::Bytes take() {
    base::Bytes out(Link::kHandshakeFrameSize);
    out.resize(link.next_frame(out, base::Time{}));
    return out;
  }
};

/// Frames from the script alone.
void stranger(fuzz::Script& script, base::LinkRole role, bool with_network_key) {
  Node node(role, 1, with_network_key);
  std::size_t in = role == base::LinkRole::initiator ? Link::kHandshakeFrameSize : 0;
  std::size_t out = node.take().size();
  for (int i = 0; i < 8 && !script.at_end(); ++i) {
    const std::uint8_t size = script.u8();
    base::Bytes frame = script.bytes(size == 255 ? Link::kHandshakeFrameSize : size);
    if (size == 255) frame.resize(Link::kHandshakeFrameSize);
    in += frame.size();
    CHASKI_ASSERT(node.link.receive(frame, base::Time{}).empty());
    for (base::Bytes answer = node.take(); !answer.empty(); answer = node.take()) {
      out += answer.size();
    }
    CHASKI_ASSERT(node.link.state() != Link::State::open);
    CHASKI_ASSERT(out <= in);
  }
}

/// Two honest nodes, and a change to one of the frames between them.
void tamperer(fuzz::Script& script, bool with_network_key) {
  Node a(base::LinkRole::initiator, 1, with_network_key);
  Node b(base::LinkRole::responder, 2, with_network_key);
  bool changed = false;
  for (int i = 0; i < 4; ++i) {
    Node& from = i % 2 == 0 ? a : b;
    Node& to = i % 2 == 0 ? b : a;
    base::Bytes frame = from.take();
    if (frame.empty()) break;
    const base::Bytes before = frame;
    for (int edits = script.u8() % 4; edits > 0; --edits) {
      frame[script.u8() % frame.size()] ^= script.u8();
    }
    changed = changed || frame != before;
    to.link.receive(frame, base::Time{});
    if (changed) CHASKI_ASSERT(a.link.state() != Link::State::open);
    // The responder may open on an honest third frame; a change before that closes it.
    if (changed && i < 3) CHASKI_ASSERT(b.link.state() != Link::State::open);
  }
  if (changed) return;
  CHASKI_ASSERT(a.link.state() == Link::State::open && b.link.state() == Link::State::open);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Script script(data, size);
  const std::uint8_t mode = script.u8();
  const bool with_network_key = (mode & 1u) != 0;
  switch ((mode >> 1) % 3) {
    case 0: stranger(script, base::LinkRole::responder, with_network_key); break;
    case 1: stranger(script, base::LinkRole::initiator, with_network_key); break;
    default: tamperer(script, with_network_key); break;
  }
  return 0;
}
