// SPDX-License-Identifier: Apache-2.0
// Pieces of messages, links that come and go, and commands of the person, in any order.
#include "base/assert.hpp"
#include "node/pairing_table.hpp"
#include "tests/fuzz/fuzz_script.hpp"
#include "wire/records.hpp"

using namespace chaski;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Script script(data, size);
  base::SeededRandom random(1);
  node::PairingTable table(random);
  base::Time now{};
  table.start("", {}, now);
  while (!script.at_end()) {
    const unsigned what = script.u8();
    node::TalkLink link{.id = {what >> 4},
                        .role = (what & 16) == 0 ? base::LinkRole::initiator
                                                 : base::LinkRole::responder,
                        .neighbour = {},
                        .binding = {}};
    link.neighbour.bytes[0] = static_cast<std::uint8_t>(what >> 4);
    switch (what & 15) {
      case 0: table.start("", {link}, now); break;
      case 1: table.link_ended(link.id); table.link_began(link); break;
      case 2: table.link_ended(link.id); break;
      case 3: (void)table.confirm(script.u8()); break;
      case 4: table.stop(node::PairingEnd::cancelled); break;
      case 5: now += std::chrono::seconds(script.u8()); table.wake(now); break;
      case 6: table.committed(); break;
      case 7: table.forget(); break;
      case 8: {
        base::Bytes records(64 + script.u8());
        const std::size_t said = table.speak(link.id, records);
        CHASKI_ASSERT(said <= records.size());
        wire::RecordReader reader(base::ByteView(records).first(said));
        for (auto record = reader.next();; record = reader.next()) {
          CHASKI_ASSERT(record.has_value());
          if (!*record) break;
          CHASKI_ASSERT((*record)->type == wire::RecordType::pairing);
          CHASKI_ASSERT((*record)->payload.size() > 1);
        }
        break;
      }
      default: table.heard(link.id, script.bytes(script.u8())); break;
    }
    const node::PairingInfo info = table.info(now);
    CHASKI_ASSERT(info.peers.size() <= node::PairingTable::kShownMax);
    CHASKI_ASSERT(info.left <= node::PairingTable::kTime);
    CHASKI_ASSERT(!info.contact);
    // Nobody confirmed by luck.
    CHASKI_ASSERT(table.meeting() == nullptr);
  }
  return 0;
}
