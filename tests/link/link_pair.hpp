// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <memory>

#include "base/random.hpp"
#include "link/link.hpp"
#include "wire/limits.hpp"
#include "wire/records.hpp"

namespace chaski::link {

/// How the two ends of a test link differ from the ordinary.
struct PairOptions {
  std::uint64_t seed = 1;
  std::optional<NetworkKey> initiator_network_key;
  std::optional<NetworkKey> responder_network_key;
  bool same_node_key = false;
  LinkTimers timers;
  std::uint32_t frame_size_max = wire::kFrameSizeMax;
};

inline NetworkKey network_key(std::uint8_t fill) {
  NetworkKey key;
  key.bytes.fill(fill);
  return key;
}

/// Two links and the wire between them, which a test may hold, change or repeat.
class LinkPair {
 public:
  /// Sees every frame on its way and may change it; false loses it.
  using Tap = std::function<bool(base::LinkRole from, base::Bytes& frame)>;

  explicit LinkPair(const PairOptions& options = {})
      : random_(options.seed),
        initiator_key_(NodeKey::generate(random_)),
        responder_key_(options.same_node_key ? initiator_key_ : NodeKey::generate(random_)),
        initiator_(config(options, base::LinkRole::initiator), random_, now_),
        responder_(config(options, base::LinkRole::responder), random_, now_) {}

  Link& initiator() { return initiator_; }
  Link& responder() { return responder_; }
  const NodeKey& initiator_key() const { return initiator_key_; }
  const NodeKey& responder_key() const { return responder_key_; }
  base::Time now() const { return now_; }
  base::SeededRandom& random() { return random_; }

  /// Moves frames until both are quiet; a link that closed closes the transport of the other.
  void pump(const Tap& tap = {}) {
    while (move(initiator_, responder_, base::LinkRole::initiator, tap) ||
           move(responder_, initiator_, base::LinkRole::responder, tap)) {
    }
    propagate();
  }
  /// Moves at most one frame; false when there was none.
  bool move(Link& from, Link& to, base::LinkRole role, const Tap& tap = {}) {
    base::Bytes frame = take(from);
    if (frame.empty()) return false;
    frames_.push_back(frame);
    if (tap && !tap(role, frame)) return true;
    const base::ByteView records = to.receive(frame, now_);
    received_.assign(records.begin(), records.end());
    return true;
  }
  base::Bytes take(Link& from) {
    base::Bytes out(512);
    out.resize(from.next_frame(out, now_));
    return out;
  }
  /// Seals `records` at one end.
  base::Bytes seal(Link& from, base::ByteView records) {
    base::Bytes frame(records.begin(), records.end());
    frame.resize(records.size() + Link::kSealOverhead);
    frame.resize(from.seal(frame, records.size(), now_));
    return frame;
  }
  /// Lets time pass to the given moment, waking both as they ask; frames move when `connected`.
  void run_to(base::Time end, bool connected) {
    for (;;) {
      base::Time next = end;
      for (Link* link : {&initiator_, &responder_}) {
        if (const auto wakeup = link->next_wakeup()) next = std::min(next, *wakeup);
      }
      now_ = std::max(now_, next);
      initiator_.wake(now_);
      responder_.wake(now_);
      if (connected) pump();
      if (now_ >= end) return;
    }
  }
  void set_now(base::Time now) { now_ = now; }
  bool both(Link::State state) const {
    return initiator_.state() == state && responder_.state() == state;
  }
  /// Every frame that was sent, before the tap.
  const std::vector<base::Bytes>& frames() const { return frames_; }
  /// The records of the last frame that moved.
  const base::Bytes& received() const { return received_; }

 private:
  LinkConfig config(const PairOptions& options, base::LinkRole role) {
    const bool initiator = role == base::LinkRole::initiator;
    return {role, initiator ? &initiator_key_ : &responder_key_,
            initiator ? options.initiator_network_key : options.responder_network_key,
            Hello{initiator ? 0x5u : 0xAu, options.frame_size_max}, options.timers};
  }
  void propagate() {
    if (initiator_.state() == Link::State::closed) responder_.transport_closed();
    if (responder_.state() == Link::State::closed) initiator_.transport_closed();
  }

  base::Time now_{};
  base::SeededRandom random_;
  NodeKey initiator_key_;
  NodeKey responder_key_;
  Link initiator_;
  Link responder_;
  std::vector<base::Bytes> frames_;
  base::Bytes received_;
};

}  // namespace chaski::link
