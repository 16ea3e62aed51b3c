// SPDX-License-Identifier: Apache-2.0
#include "base/assert.hpp"
#include "base/hex.hpp"
#include "mesh-router/memory_envelope_store.hpp"
#include "mesh-router/router.hpp"
#include "tools/vectors/page.hpp"
#include "tools/vectors/pieces.hpp"
#include "wire/envelope.hpp"
#include "wire/records.hpp"

namespace chaski::vectors {

namespace {

using base::Bytes;
using base::to_hex;
using namespace std::chrono_literals;

constexpr base::LinkId kLink{1};
constexpr std::size_t kFrameSize = 200;

/// A router with its store and its own random bytes; it commits at once.
struct Place {
  std::string name;
  base::SeededRandom random;
  mesh_router::MemoryEnvelopeStore store{1u << 20};
  mesh_router::Router router;

  Place(std::string called, std::uint64_t seed, base::Time now)
      : name(std::move(called)), random(seed), router(small(), store, nullptr, random, now) {}
  static mesh_router::RouterLimits small() {
    mesh_router::RouterLimits limits;
    limits.envelopes_max = 64;
    limits.seen_ids_max = 256;
    return limits;
  }
  void settle(base::Time now) {
    router.wake(now);
    while (router.next_event()) continue;
    if (router.dirty()) router.committed(now);
  }
  Bytes next_frame(base::Time now) {
    Bytes frame(kFrameSize);
    frame.resize(router.next_frame(kLink, frame, now));
    return frame;
  }
};

struct Written {
  wire::ReceiptToken token;
  Bytes bytes;
  wire::EnvelopeId id;

  explicit Written(base::Random& random) : token(random.bytes<wire::ReceiptToken>()) {
    const Bytes body = random_bytes(random, 160);
    wire::EnvelopeFields fields;
    fields.lifetime_s = 86'400;
    fields.tag = random.bytes<wire::DeliveryTag>();
    fields.commitment = wire::commit(token);
    fields.body = body;
    bytes = wire::encode_envelope(fields);
    id = wire::envelope_id(bytes);
  }
};

void add_frame(const Place& from, const Bytes& frame, std::vector<Piece>& pieces) {
  bool first = true;
  for (Piece& piece : record_pieces(frame)) {
    if (first) piece.means = from.name + " says, " + piece.means;
    first = false;
    pieces.push_back(std::move(piece));
  }
}

/// Two places in a meeting: frames in turns, 10 ms each, until nobody has said anything for a
/// while.
struct Meeting {
  base::Time now = base::Time{} + 1h;
  Place north, south;
  std::vector<Piece> pieces;

  Meeting(base::Random& random, const mesh_router::ShortIdSalt& salt)
      : north("north", random.next_u64(), now), south("south", random.next_u64(), now) {
    const auto north_id = random.bytes<mesh_router::NeighbourId>();
    const auto south_id = random.bytes<mesh_router::NeighbourId>();
    const auto up = [&](Place& place, const mesh_router::NeighbourId& other, base::LinkRole role) {
      const mesh_router::LinkParameters parameters{
          .frame_size_max = kFrameSize, .role = role, .salt = salt};
      CHASKI_ASSERT(place.router.link_up(kLink, other, parameters, now));
    };
    open_ = [=, this] {
      up(north, south_id, base::LinkRole::initiator);
      up(south, north_id, base::LinkRole::responder);
    };
  }
  void write(Place& place, const Written& written) {
    CHASKI_ASSERT(place.router.submit(written.bytes, {0, 16, 0}, now));
    place.settle(now);
  }
  void hold() {
    open_();
    constexpr int kQuietRounds = 300;
    for (int quiet = 0; quiet < kQuietRounds; ++quiet) {
      if (say(north, south)) quiet = 0;
      if (say(south, north)) quiet = 0;
      now += 10ms;
    }
  }

 private:
  bool say(Place& from, Place& to) {
    from.settle(now);
    const Bytes frame = from.next_frame(now);
    if (frame.empty()) return false;
    add_frame(from, frame, pieces);
    CHASKI_ASSERT(to.router.receive(kLink, frame, now));
    to.settle(now);
    return true;
  }
  std::function<void()> open_;
};

}  // namespace

Page router_vectors(base::Random& random);

Page router_vectors(base::Random& random) {
  const auto salt = random.bytes<mesh_router::ShortIdSalt>();
  const Written one(random), two(random), both(random);
  Meeting meeting(random, salt);
  meeting.write(meeting.north, one);
  meeting.write(meeting.north, both);
  meeting.write(meeting.south, both);
  meeting.write(meeting.south, two);
  meeting.hold();
  for (const Written* written : {&one, &two, &both}) {
    CHASKI_ASSERT(meeting.north.router.holds(written->id));
    CHASKI_ASSERT(meeting.south.router.holds(written->id));
  }
  Page page;
  page.vectors.push_back({"meeting",
                          "two routers meet, each with an envelope that the other lacks and one "
                          "that both have",
                          {{"salt", to_hex(salt.view())},
                           {"north has", to_hex(one.id.view()) + " " + to_hex(both.id.view())},
                           {"south has", to_hex(two.id.view()) + " " + to_hex(both.id.view())}},
                          std::move(meeting.pieces)});
  return page;
}

}  // namespace chaski::vectors
