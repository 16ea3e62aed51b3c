// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <variant>

#include "e2ee/ratchet.hpp"
#include "e2ee/sealing.hpp"
#include "e2ee/session.hpp"
#include "e2ee/skipped_keys.hpp"
#include "e2ee/tag_window.hpp"

namespace chaski::e2ee {

/// The epoch in which we send: from our newest ratchet key until the contact's next one.
struct SendingEpoch {
  RatchetSecret ratchet_secret;
  RatchetPublicKey ratchet_public;
  ChainKey chain;
  TagChain tags;                      ///< its index is the number of the next message
  std::uint32_t previous_length = 0;  ///< messages we sent in the epoch before
  TagBlockKey next_tags;              ///< tags of our next epoch
};

/// Between two epochs: the contact has a new ratchet key, and we make ours when we next write.
/// There is no secret key to steal meanwhile. Source: "The Double Ratchet Algorithm", revision 1,
/// section 6.5 (deferring new ratchet key generation).
struct SendingDue {
  RatchetPublicKey theirs;
  std::uint32_t previous_length = 0;  ///< messages we sent in the epoch that ended
  TagBlockKey tags;                   ///< of the epoch that is due
};

/// The newest epoch of the contact from which something was opened.
struct ReceivingEpoch {
  ChainKey chain;  ///< at the message where the window starts
  TagWindow window;
};

struct Session::State {
  Direction outgoing;
  Direction incoming;
  RootKey root;
  std::variant<SendingEpoch, SendingDue> sending;
  std::optional<ReceivingEpoch> receiving;
  TagWindow next;  ///< the contact's epoch after that: its ratchet key is not known yet
  SkippedKeys skipped;
};

/// How a set-up makes its first session, and how tests look into one.
struct SessionSetup {
  static Session make(Session::State&& state) { return Session(std::move(state)); }
  static const Session::State& state(const Session& session) { return *session.state_; }
  using State = Session::State;
};

/// The epoch in which the next message is sent: begins it with a new ratchet key when one is due.
SendingEpoch& begin_sending(SessionSetup::State& state, base::Random& random);

/// Opens an envelope within a session: the steps of Session::open().
///
/// Rules: (1) nothing of the state is touched until the message has opened. (2) a message of the
/// next epoch costs one agreement before that, any other none. (3) work is bounded by the tag
/// window, and after opening by kSkippedMax. (4) no key that was passed over within `patience` goes
/// for a message: that one has to wait.
class Opener {
 public:
  using State = SessionSetup::State;
  Opener(State& state, const wire::EnvelopeFields& envelope, base::Time now, TagChanges& changes,
         base::Duration patience)
      : state_(state), envelope_(envelope), now_(now), changes_(changes), patience_(patience) {}
  std::optional<Content> open();
  /// Not 0 when only the room for keys was lacking: see OpenFailed.
  std::uint32_t opens_first() const { return opens_first_; }

 private:
  std::optional<Content> open_current(std::uint32_t index);
  std::optional<Content> open_next(std::uint32_t index);
  std::optional<Content> open_skipped(const MessageKey& key);
  std::optional<Content> open_with(const MessageKey& key) const;
  bool has_room_for(std::uint64_t keys);
  void pass_to(ReceivingEpoch& epoch, std::uint32_t index, const ChainKey& after);
  void end_epoch(ReceivingEpoch& epoch, std::uint32_t length);
  void keep(const wire::DeliveryTag& tag, const MessageKey& key);

  State& state_;
  const wire::EnvelopeFields& envelope_;
  base::Time now_;
  TagChanges& changes_;
  base::Duration patience_;
  std::uint32_t opens_first_ = 0;
};

}  // namespace chaski::e2ee
