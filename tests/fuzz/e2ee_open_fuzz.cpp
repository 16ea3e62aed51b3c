// SPDX-License-Identifier: Apache-2.0
// A hostile mesh between two people: it repeats, reorders, cuts and changes what they send, and
// makes up bodies under tags that are expected. The input is its script.
#include <set>

#include "base/assert.hpp"
#include "base/random.hpp"
#include "e2ee/codec.hpp"
#include "e2ee/session.hpp"

using namespace chaski;

namespace {

struct World {
  base::SeededRandom random{1};
  e2ee::Identity a = e2ee::Identity::generate(random);
  e2ee::Identity b = e2ee::Identity::generate(random);
  e2ee::PendingInvite pending = e2ee::make_invite(a, "a", random);
  e2ee::Accepted accepted = *e2ee::accept_invite(b, "b", pending.invite, random);
  e2ee::Answered answered = *e2ee::open_answer(a, pending, accepted.answer.body);
};

class Mesh {
 public:
  Mesh(const World& world, base::ByteView script)
      : sessions_{world.answered.session, world.accepted.session}, script_(script) {
    for (std::size_t i = 0; i < 2; ++i) {
      for (const auto& tag : sessions_[i].expected_tags()) tables_[i].insert(tag);
    }
  }
  void run() {
    for (int steps = 0; !script_.rest().empty() && steps < 60; ++steps) step();
    for (std::size_t i = 0; i < 2; ++i) {
      const auto tags = sessions_[i].expected_tags();
      CHASKI_ASSERT(std::set(tags.begin(), tags.end()) == tables_[i]);
      CHASKI_ASSERT(tags.size() == tables_[i].size());
    }
  }

 private:
  struct Sent {
    base::Bytes envelope;
    std::size_t to;
    bool opened = false;
  };
  void step() {
    const auto what = script_.number<std::uint8_t>();
    const std::size_t who = what & 1;
    switch ((what >> 1) % 4) {
      case 0:
        return send(who);
      case 1:
        return deliver();
      case 2:
        return deliver_changed();
      default:
        return make_up(who);
    }
  }
  void send(std::size_t from) {
    e2ee::Content content;
    content.payload.resize(script_.number<std::uint8_t>());
    auto sealed = sessions_[from].seal(content, 60, wire::Priority::normal, random_);
    sent_.push_back({std::move(sealed.envelope), 1 - from});
  }
  Sent* pick() {
    if (sent_.empty()) return nullptr;
    return &sent_[script_.number<std::uint8_t>() % sent_.size()];
  }
  void deliver() {
    Sent* sent = pick();
    if (sent == nullptr) return;
    const bool opened = open(sent->to, *wire::decode_envelope(sent->envelope));
    CHASKI_ASSERT(!(opened && sent->opened));
    sent->opened = sent->opened || opened;
  }
  void deliver_changed() {
    Sent* sent = pick();
    if (sent == nullptr) return;
    base::Bytes changed = sent->envelope;
    const std::size_t at = script_.number<std::uint16_t>() % changed.size();
    changed[at] ^= static_cast<std::uint8_t>(script_.number<std::uint8_t>() | 1);
    const auto envelope = wire::decode_envelope(changed);
    if (envelope) CHASKI_ASSERT(!open(sent->to, *envelope));
  }
  /// A body of the fuzzer's own under a tag that the recipient waits for.
  void make_up(std::size_t to) {
    wire::EnvelopeFields envelope;
    envelope.lifetime_s = 60;
    const auto tags = sessions_[to].expected_tags();
    envelope.tag = tags[script_.number<std::uint8_t>() % tags.size()];
    base::Bytes body(script_.number<std::uint8_t>() % 2 == 0 ? 160 : 376);
    const auto rest = script_.bytes(std::min<std::size_t>(script_.rest().size(), 24));
    std::copy(rest.begin(), rest.end(), body.begin());
    envelope.body = body;
    CHASKI_ASSERT(!open(to, envelope));
  }
  bool open(std::size_t to, const wire::EnvelopeFields& envelope) {
    e2ee::TagChanges changes;
    const auto before = sessions_[to].save();
    const base::Duration patience = std::chrono::hours(sent_.size() % 2);
    const bool opened = sessions_[to].open(envelope, {}, changes, patience).has_value();
    if (!opened) {
      CHASKI_ASSERT(changes.added.empty() && changes.removed.empty());
      CHASKI_ASSERT(sessions_[to].save() == before);
    }
    for (const auto& tag : changes.added) CHASKI_ASSERT(tables_[to].insert(tag).second);
    for (const auto& tag : changes.removed) CHASKI_ASSERT(tables_[to].erase(tag) == 1);
    return opened;
  }

  base::SeededRandom random_{2};
  e2ee::Session sessions_[2];
  std::set<wire::DeliveryTag> tables_[2];
  std::vector<Sent> sent_;
  e2ee::Reader script_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const World world;
  Mesh(world, {data, size}).run();
  return 0;
}
