// SPDX-License-Identifier: Apache-2.0
// What a client hands over of a stick, from anywhere. The first byte chooses: a block as it is, the
// places of a stick, or the text of a block that is sealed well, as everybody in an open mesh can.
// Nothing that this node wrote is lost, and a bundle of it is whole each time.
#include "base/assert.hpp"
#include "bundle/block.hpp"
#include "bundle/parser.hpp"
#include "node/carry_out.hpp"
#include "node/memory_node_store.hpp"
#include "node/node.hpp"

using namespace chaski;

namespace {

class Village {
 public:
  Village() : node_(config(), store_, random_, now_) {
    node::MemoryNodeStore berts_store{1u << 20};
    node::Node bert({}, berts_store, random_, now_);
    CHASKI_ASSERT(node_.create_identity("anna") && bert.create_identity("bert"));
    const auto link = bert.invite(now_);
    CHASKI_ASSERT(link && node_.add(*link, "bert", now_, {}));
    CHASKI_ASSERT(node_.send("bert", "the bridge holds", {}, now_, {}));
    CHASKI_ASSERT(node_.flush(now_));
    held_ = node_.router().usage().envelopes;
  }

  void take_block(base::ByteView input) {
    static_cast<void>(node_.carry_in(input, now_));
    settle();
  }

  void take_text(base::ByteView text) {
    bundle::Header header;
    header.salt.bytes.fill(7);
    base::Bytes request;
    bundle::append_header(header, request);
    request.resize(request.size() + 8);
    bundle::seal_block(bundle::block_key({}, header.salt), 0, bundle::BlockKind::envelopes, text,
                       request);
    const auto take = node_.carry_in(request, now_);
    CHASKI_ASSERT(take && take->taken + take->known + take->shown + take->no_room + take->refused ==
                              take->envelopes);
    settle();
  }

  void write_for(base::ByteView places) {
    const auto out = node_.carry_out(places, 1u << 20);
    settle();
    if (!out) return;
    bundle::Parser parser;
    base::Bytes bytes;
    while (!(*out)->done()) {
      const base::Bytes piece = node_.carry_on(**out, now_);
      bytes.insert(bytes.end(), piece.begin(), piece.end());
    }
    base::ByteView rest(bytes);
    while (!parser.done()) {
      const std::size_t size = parser.wants();
      CHASKI_ASSERT(size <= rest.size() && parser.take(rest.first(size)));
      rest = rest.subspan(size);
    }
    CHASKI_ASSERT(rest.empty());
  }

 private:
  static node::NodeConfig config() {
    node::NodeConfig out;
    out.router.envelopes_max = 200;
    return out;
  }
  void settle() {
    if (node_.dirty()) CHASKI_ASSERT(node_.flush(now_));
    while (node_.next_event()) {
    }
    CHASKI_ASSERT(node_.router().usage().envelopes >= held_);
  }

  base::Time now_ = base::Time{} + std::chrono::hours(1);
  base::SeededRandom random_{1};
  node::MemoryNodeStore store_{1u << 20};
  node::Node node_;
  std::uint64_t held_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  Village village;
  const base::ByteView input(data + 1, std::min(size - 1, bundle::kBlockTextMax));
  switch (data[0] % 3) {
    case 0:
      village.take_block(input);
      break;
    case 1:
      village.write_for(input);
      break;
    default:
      village.take_text(input);
      break;
  }
  return 0;
}
