// SPDX-License-Identifier: Apache-2.0
// The input is a script: what strangers, an authenticated neighbour and the person do to a node.
//
// Whatever happens: limits hold, nothing is answered to strangers beyond what they sent, what was
// committed outlives a crash, and a message is shown to its reader at most once.
#include <cstdint>
#include <map>
#include <memory>
#include <set>

#include "base/assert.hpp"
#include "node/memory_node_store.hpp"
#include "node/node.hpp"
#include "tests/fuzz/fuzz_script.hpp"
#include "wire/records.hpp"

namespace chaski::node {
namespace {

using base::LinkRole;
using fuzz::Script;

/// A neighbour that speaks the link protocol well, and lies above it.
struct Liar {
  explicit Liar(base::Random& random, const link::NodeKey& key, base::Time now)
      : link({.role = LinkRole::initiator,
              .node_key = &key,
              .network_key = {},
              .hello = {.capabilities = 0, .frame_size_max = 4'080},
              .timers = {}},
             random, now) {}
  link::Link link;
};

class Drama {
 public:
  Drama() { start(); }

  void play(Script& script) {
    for (int steps = 0; !script.at_end() && steps < kStepsMax; ++steps) {
      act(script);
      check();
    }
    flush();
    crash();
    check();
  }

 private:
  static constexpr int kStepsMax = 200;
  static constexpr std::size_t kFrame = 4'096;
  static constexpr std::uint64_t kLiarLink = 1'000'000;

  static NodeConfig config() {
    NodeConfig out;
    out.links_max = 6;
    out.handshakes_max = 4;
    out.router.envelopes_max = 200;
    return out;
  }

  void start() {
    node_ = std::make_unique<Node>(config(), store_, random_, now_);
    heard_.clear();
    liar_.reset();
  }

  void act(Script& script) {
    switch (script.u8() % 12) {
      case 0:
        open_stranger(script.u8());
        break;
      case 1:
        stranger_speaks(script.u8() % 4, script.bytes(script.u8()));
        break;
      case 2:
        meet_liar();
        break;
      case 3:
        liar_speaks(script.bytes(script.u8()));
        break;
      case 4:
        liar_brings(script);
        break;
      case 5:
        person_adds(script);
        break;
      case 6:
        person_sends(script);
        break;
      case 7:
        flush();
        break;
      case 8:
        now_ += std::chrono::milliseconds(script.u24());
        node_->wake(now_);
        break;
      case 9:
        crash();
        break;
      case 10:
        store_.set_accepts(script.u8() % 2 == 0);
        break;
      default:
        node_->link_closed({script.u8() % 4u}, now_);
        break;
    }
    drain();
  }

  void open_stranger(std::uint8_t how) {
    const base::LinkId id{how % 4u};
    if (heard_.contains(id)) return;
    const auto role = how % 8 < 4 ? LinkRole::responder : LinkRole::initiator;
    const auto kind = how % 3 == 0 ? base::TransportKind::ble : base::TransportKind::lan;
    // Ids are never reused while the process lives: only a fresh start forgets them.
    if (node_->link_opened(id, kind, role, kFrame, now_))
      heard_[id] = role == LinkRole::responder ? 0 : link::Link::kHandshakeFrameSize;
  }

  void stranger_speaks(std::uint8_t which, base::Bytes frame) {
    const base::LinkId id{which};
    if (!heard_.contains(id)) return;
    heard_[id] += static_cast<std::int64_t>(frame.size());
    node_->receive(id, frame, now_);
  }

  void meet_liar() {
    if (liar_) return;
    const base::LinkId id{kLiarLink + liars_++};
    if (!node_->link_opened(id, base::TransportKind::lan, LinkRole::responder, kFrame, now_))
      return;
    liar_ = std::make_unique<Liar>(random_, liar_key_, now_);
    liar_id_ = id;
    for (int turn = 0; turn < 4; ++turn) {
      base::Bytes frame(kFrame);
      frame.resize(liar_->link.next_frame(frame, now_));
      if (!frame.empty()) node_->receive(id, frame, now_);
      drain();
    }
  }

  void liar_speaks(base::ByteView records) {
    if (!liar_ || liar_->link.state() != link::Link::State::open || records.empty()) return;
    base::Bytes frame(records.begin(), records.end());
    frame.resize(records.size() + link::Link::kSealOverhead);
    frame.resize(liar_->link.seal(frame, records.size(), now_));
    node_->receive(liar_id_, frame, now_);
  }

  /// A real envelope of the contact, whole or changed at one place, or new with a copied tag.
  void liar_brings(Script& script) {
    contact_writes();
    std::vector<base::Bytes> envelopes;
    friend_store_.envelopes().for_each([&](mesh_router::StoreKey key, const auto&) {
      const base::ByteView bytes = friend_store_.envelopes().read(key);
      envelopes.emplace_back(bytes.begin(), bytes.end());
    });
    if (envelopes.empty()) return;
    base::Bytes envelope = envelopes[script.u8() % envelopes.size()];
    if (const std::uint8_t change = script.u8(); change > 128)
      envelope[script.u24() % envelope.size()] ^= change;
    const wire::CarryState state{.age_ms = script.u24(), .hops_left = script.u8(), .copies = 0};
    base::Bytes payload(envelope.size() + 64);
    const auto size = wire::encode_carried({state, envelope}, payload);
    if (!size) return;
    base::Bytes frame(kFrame);
    wire::RecordWriter writer(frame);
    if (writer.add(wire::RecordType::envelope, base::ByteView(payload).first(*size)))
      liar_speaks(base::ByteView(frame).first(writer.size()));
  }

  void contact_writes() {
    if (!friend_) {
      friend_ = std::make_unique<Node>(config(), friend_store_, random_, now_);
      (void)friend_->create_identity("ben");
    }
    (void)node_->create_identity("ana");
    if (node_->contacts().empty() && invited_ < 3) {
      ++invited_;
      // Either the answer comes by link, or the liar may bring it.
      if (const auto link = node_->invite(now_)) {
        const auto added = friend_->add(*link, "", now_, {});
        if (added && invited_ % 2 == 0) (void)node_->add(*added->answer_link, "", now_, {});
      }
    }
    for (const ContactRecord& contact : friend_->contacts())
      (void)friend_->send(contact.name, "text " + std::to_string(written_++), {}, now_, {});
    (void)friend_->flush(now_);
  }

  void person_adds(Script& script) {
    const base::Bytes text = script.bytes(script.u8());
    (void)node_->add(base::as_text(text), "", now_, {});
    (void)node_->add("chaski:invite/" + std::string(base::as_text(text)), base::as_text(text), now_,
                     {});
  }

  void person_sends(Script& script) {
    const base::Bytes text = script.bytes(script.u8());
    for (const ContactRecord& contact : node_->contacts())
      (void)node_->send(contact.name, base::as_text(text), {.lifetime_s = script.u24()}, now_, {});
  }

  void flush() {
    CHASKI_ASSERT(node_->flush(now_).has_value());
    committed_messages_ = store_.people().message_count();
    read_events();
  }

  void crash() {
    node_.reset();
    store_.crash();
    start();
    CHASKI_ASSERT(store_.people().message_count() >= committed_messages_);
  }

  void read_events() {
    while (const auto event = node_->next_event()) {
      if (const auto* closed = std::get_if<LinkClosed>(&*event)) {
        if (liar_ && closed->link == liar_id_) liar_.reset();
        // Its id stays used; heard_ keeps it so that it is not opened again.
      } else if (const auto* changed = std::get_if<MessageChanged>(&*event)) {
        CHASKI_ASSERT(changed->message <= committed_messages_);
        const auto message = store_.people().find_message(changed->message);
        CHASKI_ASSERT(message.has_value());
        if (message->direction == Direction::incoming)
          CHASKI_ASSERT(shown_.insert(message->envelope).second);
      }
    }
  }

  void drain() {
    read_events();
    for (base::LinkId id : node_->ready_links()) {
      for (int frames = 0; frames < 64; ++frames) {
        base::Bytes frame(kFrame);
        const std::size_t size = node_->next_frame(id, frame, now_);
        CHASKI_ASSERT(size <= frame.size());
        if (size == 0) break;
        frame.resize(size);
        if (liar_ && id == liar_id_) {
          (void)liar_->link.receive(frame, now_);
        } else if (heard_.contains(id)) {
          heard_[id] -= static_cast<std::int64_t>(size);
          CHASKI_ASSERT(heard_[id] >= 0);
        }
      }
    }
    read_events();
  }

  void check() {
    CHASKI_ASSERT(node_->handshakes() <= 4);
    CHASKI_ASSERT(node_->neighbours().size() <= 6);
    CHASKI_ASSERT(node_->router().usage().envelopes <= 200);
    std::set<wire::EnvelopeId> incoming;
    MessageQuery all;
    all.limit = 10'000;
    for (const MessageRecord& message : store_.people().messages(all))
      if (message.direction == Direction::incoming)
        CHASKI_ASSERT(incoming.insert(message.envelope).second);
  }

  base::Time now_ = base::from_us(5'000'000);
  base::SeededRandom random_{42};
  MemoryNodeStore store_{1u << 18};
  MemoryNodeStore friend_store_{1u << 18};
  std::unique_ptr<Node> node_;
  std::unique_ptr<Node> friend_;
  std::map<base::LinkId, std::int64_t> heard_;  ///< bytes that strangers may still be answered
  link::NodeKey liar_key_ = link::NodeKey::generate(random_);
  std::unique_ptr<Liar> liar_;
  base::LinkId liar_id_;
  std::uint64_t liars_ = 0;
  int invited_ = 0;
  int written_ = 0;
  std::uint64_t committed_messages_ = 0;
  std::set<wire::EnvelopeId> shown_;
};

}  // namespace
}  // namespace chaski::node

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chaski::fuzz::Script script(data, size);
  chaski::node::Drama().play(script);
  return 0;
}
