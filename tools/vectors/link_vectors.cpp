// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "base/assert.hpp"
#include "base/hex.hpp"
#include "link/handshake.hpp"
#include "link/hello_codec.hpp"
#include "link/link.hpp"
#include "tools/vectors/page.hpp"
#include "tools/vectors/pieces.hpp"

namespace chaski::vectors {

namespace {

using base::Bytes;
using base::ByteView;
using base::to_hex;
using link::Link;

/// Gives one byte string, once: so that an example can show the ephemeral key it used.
class FixedRandom final : public base::Random {
 public:
  explicit FixedRandom(Bytes bytes) : bytes_(std::move(bytes)) {}
  void fill(base::MutableByteView out) override {
    CHASKI_ASSERT(out.size() == bytes_.size());
    std::memcpy(out.data(), bytes_.data(), out.size());
  }

 private:
  Bytes bytes_;
};

struct Party {
  link::NodeKey key;
  Bytes ephemeral;
  Link link;

  Party(base::LinkRole role, base::Random& random, const std::optional<link::NetworkKey>& network,
        const link::Hello& hello)
      : key(link::NodeKey::generate(random)),
        ephemeral(random_bytes(random, 32)),
        link(make(role, network, hello)) {}
  Link make(base::LinkRole role, const std::optional<link::NetworkKey>& network,
            const link::Hello& hello) const {
    FixedRandom random(ephemeral);
    return Link({role, &key, network, hello, {}}, random, base::Time{});
  }
  Bytes take() {
    Bytes out(Link::kHandshakeFrameSize);
    out.resize(link.next_frame(out, base::Time{}));
    return out;
  }
  Bytes seal(ByteView records) {
    Bytes out(records.begin(), records.end());
    out.resize(records.size() + Link::kSealOverhead);
    link.seal(out, records.size(), base::Time{});
    return out;
  }
};

constexpr link::Hello kInitiatorHello{0, 65'519};
constexpr link::Hello kResponderHello{0, 228};

std::string hello_text(const link::Hello& hello) {
  Bytes payload(62);
  link::encode_hello({1, hello}, payload);
  payload.resize(1U + payload[0]);
  return to_hex(payload) + ", then zeros";
}

/// A whole handshake between two parties, as frames.
struct Handshake {
  std::optional<link::NetworkKey> network_key;
  Party initiator;
  Party responder;
  Bytes frames[4];

  Handshake(base::Random& random, bool with_network_key)
      : network_key(with_network_key
                        ? std::optional(random.bytes<link::NetworkKey>())
                        : std::nullopt),
        initiator(base::LinkRole::initiator, random, network_key, kInitiatorHello),
        responder(base::LinkRole::responder, random, network_key, kResponderHello) {
    for (int i = 0; i < 4; ++i) {
      Party& from = i % 2 == 0 ? initiator : responder;
      Party& to = i % 2 == 0 ? responder : initiator;
      frames[i] = from.take();
      Bytes received = frames[i];
      to.link.receive(received, base::Time{});
    }
    CHASKI_ASSERT(initiator.link.state() == Link::State::open);
    CHASKI_ASSERT(responder.link.state() == Link::State::open);
  }
};

Vector keys(const Handshake& h, const std::string& prefix) {
  Vector out{prefix + "keys", "what the two parties bring", {}, {}};
  if (h.network_key) out.fields["network_key"] = to_hex(h.network_key->view());
  out.fields["prologue"] = to_hex(link::make_prologue(link::kVersions.packed()));
  out.fields["initiator_static_secret"] = to_hex(h.initiator.key.secret());
  out.fields["initiator_static_public"] = to_hex(h.initiator.key.public_key().view());
  out.fields["initiator_ephemeral_secret"] = to_hex(h.initiator.ephemeral);
  out.fields["responder_static_secret"] = to_hex(h.responder.key.secret());
  out.fields["responder_static_public"] = to_hex(h.responder.key.public_key().view());
  out.fields["responder_ephemeral_secret"] = to_hex(h.responder.ephemeral);
  out.fields["initiator_hello"] = hello_text(kInitiatorHello);
  out.fields["responder_hello"] = hello_text(kResponderHello);
  return out;
}

std::vector<Piece> header(ByteView& rest, const std::string& type) {
  std::vector<Piece> out{cut(rest, 1, "frame type: " + type)};
  out.push_back(cut(rest, 1, rest[0] == 0 ? "zero" : "versions offered: lowest, highest"));
  return out;
}

Vector message_1(const Handshake& h, const std::string& prefix) {
  ByteView rest = h.frames[0];
  auto pieces = header(rest, "message 1");
  pieces.push_back(cut(rest, 32, "e: the initiator's ephemeral key"));
  pieces.push_back(cut(rest, rest.size(), h.network_key ? "110 zeros, encrypted, and tag"
                                                        : "126 zeros"));
  return {prefix + "message-1", "initiator to responder", {}, std::move(pieces)};
}

Vector message_2(const Handshake& h, const std::string& prefix) {
  ByteView rest = h.frames[1];
  auto pieces = header(rest, "message 2");
  pieces.push_back(cut(rest, 32, "e: the responder's ephemeral key"));
  pieces.push_back(cut(rest, 48, "s: its static key, encrypted, and tag"));
  pieces.push_back(cut(rest, rest.size(), "hello and zeros, 62 bytes, encrypted, and tag"));
  return {prefix + "message-2", "responder to initiator", {}, std::move(pieces)};
}

Vector message_3(const Handshake& h, const std::string& prefix) {
  ByteView rest = h.frames[2];
  auto pieces = header(rest, "message 3");
  pieces.push_back(cut(rest, 48, "s: the initiator's static key, encrypted, and tag"));
  pieces.push_back(cut(rest, rest.size(), "hello and zeros, 94 bytes, encrypted, and tag"));
  return {prefix + "message-3", "initiator to responder", {}, std::move(pieces)};
}

Vector confirmation(const Handshake& h, const std::string& prefix) {
  return {prefix + "confirmation",
          "responder to initiator: no records, sealed as frame 0",
          {{"handshake_hash", to_hex(h.initiator.link.handshake_hash())},
           {"short_id_salt", to_hex(h.initiator.link.derive("chaski short ids"))}},
          {{h.frames[3], "tag of nothing"}}};
}

Vector sealed(Handshake& h) {
  const Bytes ready{21, 0};
  const Bytes frame = h.initiator.seal(ready);
  ByteView rest = frame;
  std::vector<Piece> pieces{cut(rest, 2, "record: ready, encrypted"), cut(rest, 16, "tag")};
  return {"sealed", "initiator to responder, frame 0: one record", {{"records", to_hex(ready)}},
          std::move(pieces)};
}

/// Frames kRekeyAfter - 1 and kRekeyAfter of one direction: the key changes between them.
Vector rekey(Handshake& h) {
  Bytes frame;
  std::vector<Piece> pieces;
  for (std::uint64_t number = 1; number <= Link::kRekeyAfter; ++number) {
    frame = h.initiator.seal({});
    if (number + 1 < Link::kRekeyAfter) continue;
    pieces.push_back({frame, "tag of frame " + std::to_string(number)});
  }
  return {"rekey", "the last empty frame before the first rekeying, and the one after", {},
          std::move(pieces)};
}

Vector no_version() {
  Bytes frame(Link::kHandshakeFrameSize);
  link::write_no_version_frame(frame);
  ByteView rest = frame;
  std::vector<Piece> pieces{cut(rest, 1, "frame type: no version in common"),
                            cut(rest, 1, "versions spoken: lowest, highest"),
                            cut(rest, rest.size(), "158 zeros")};
  return {"no-version", "instead of message 2", {}, std::move(pieces)};
}

}  // namespace

Page link_vectors(base::Random& random) {
  Handshake open(random, false);
  const Handshake closed(random, true);
  Page page;
  page.vectors = {keys(open, ""),         message_1(open, ""), message_2(open, ""),
                  message_3(open, ""),    confirmation(open, ""), sealed(open),
                  rekey(open),            no_version()};
  const std::string prefix = "network-key-";
  for (Vector& vector : std::vector<Vector>{keys(closed, prefix), message_1(closed, prefix),
                                            message_2(closed, prefix), message_3(closed, prefix),
                                            confirmation(closed, prefix)}) {
    page.vectors.push_back(std::move(vector));
  }
  return page;
}

}  // namespace chaski::vectors
