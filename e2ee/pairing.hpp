// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <initializer_list>
#include <optional>

#include "base/random.hpp"
#include "e2ee/invite.hpp"
#include "e2ee/pairing_keys.hpp"

namespace chaski::e2ee {

enum class PairingRole : std::uint8_t { initiator, responder };

/// One attempt of two direct neighbours to become contacts, proved by symbols that their people
/// compare; docs/protocol/pairing.md.
///
/// Rules: (1) the initiator is committed to its share before it sees the other; each share counts
/// once, so that who sits in the middle makes two screens agree once in 2^36 attempts. (2) Nothing
/// of an identity is said before both people have confirmed. (3) Whatever is out of turn, changed
/// or not of this link ends the attempt; an attempt is never begun anew: that takes another object.
/// (4) Secrets are wiped when it ends. Messages must come in order; a link gives them so.
///
/// Order of polling: after every call, next_message() until it gives nothing.
class Pairing {
 public:
  /// Longest message, the answer; a receiver need not keep more.
  static constexpr std::size_t kMessageMax = 393;
  static constexpr std::uint8_t kVersion = 1;
  /// Calls that are answered or let pass; more end the attempt.
  static constexpr unsigned kCallsMax = 4;

  enum class State : std::uint8_t {
    calling,     ///< nothing was heard, or no more than that the other calls
    exchanging,  ///< half of what the symbols need is known
    comparing,   ///< symbols() are to be compared; not both have confirmed
    meeting,     ///< both have: offer() and take_offer(), answer() and take_answer()
    over,        ///< finish() was called
    failed,
  };
  enum class Failure : std::uint8_t {
    none,
    cancelled,     ///< by this side
    they_ended,    ///< the other side cancelled, or found fault with us
    broke_rules,   ///< what came cannot be right
    exhausted,     ///< receive() was not allowed to show our share
  };

  Pairing(PairingRole role, const PairingBinding& binding) : role_(role), binding_(binding) {}

  PairingRole role() const { return role_; }
  State state() const { return state_; }
  Failure failure() const { return failure_; }
  /// Whether the other could have learnt our share, and so the symbols: the attempt counts.
  bool shown() const { return shown_; }
  /// Valid while comparing and meeting.
  const std::optional<PairingSymbols>& symbols() const { return symbols_; }
  bool we_confirmed() const { return we_confirmed_; }
  bool they_confirmed() const { return they_confirmed_; }

  /// Tells the other that this side pairs; whoever pairs already answers.
  void call();
  /// One message of the other's. `may_show`: whether one more attempt may count (see shown()).
  void receive(base::ByteView message, bool may_show, base::Random& random);
  /// The person saw the same symbols on the other's screen. Only while comparing, once.
  void confirm();
  /// The person says no, or the time is over.
  void cancel();

  /// The initiator, meeting: seals their invitation, once. Its price must be 0.
  void offer(const InvitePublic& invite);
  bool offered() const { return offered_; }
  /// The responder: the invitation that came, once.
  std::optional<InvitePublic> take_offer();
  /// The responder, meeting: seals the body of their answer, once.
  void answer(base::ByteView body);
  /// The initiator: the body of the answer that came, once.
  std::optional<base::Bytes> take_answer();
  /// The contact is there: nothing more is expected or taken. Wipes all secrets.
  void finish();

  /// What wants to go to the other; 1 to kMessageMax bytes.
  std::optional<base::Bytes> next_message();

 private:
  enum class Type : std::uint8_t {
    call = 1, commit, share, reveal, confirm, offer, answer, end,
  };
  void say(Type type, std::initializer_list<base::ByteView> parts);
  void say_sealed(Type type, const PairingSealKey& key, base::MutableByteView text);
  std::optional<base::Bytes> open(const PairingSealKey& key, base::ByteView sealed) const;
  void end(State state, Failure why);
  void fault() { fail(Failure::broke_rules); }
  void fail(Failure why);

  void take(Type type, base::ByteView payload, bool may_show, base::Random& random);
  void on_call(base::ByteView payload, base::Random& random);
  void on_commit(base::ByteView payload, bool may_show, base::Random& random);
  void on_share(base::ByteView payload, bool may_show);
  void on_reveal(base::ByteView payload);
  void on_confirm(base::ByteView payload);
  void on_offer(base::ByteView payload);
  void on_answer(base::ByteView payload);
  void make_share(base::Random& random);
  bool agree_with(const PairingShare& theirs);

  PairingRole role_;
  PairingBinding binding_;
  State state_ = State::calling;
  Failure failure_ = Failure::none;
  bool spoke_ = false;
  bool shown_ = false;
  bool we_confirmed_ = false;
  bool they_confirmed_ = false;
  bool offered_ = false;   ///< sent, or come
  bool answered_ = false;  ///< sent, or come
  unsigned calls_heard_ = 0;
  std::uint8_t their_version_ = 0;
  PairingSecret secret_;
  PairingShare ours_;
  PairingCommitment commitment_;  ///< the initiator's
  PairingTranscript transcript_{};
  std::optional<PairingKeys> keys_;
  std::optional<PairingSymbols> symbols_;
  std::optional<InvitePublic> offer_;
  std::optional<base::Bytes> answer_;
  std::deque<base::Bytes> messages_;
};

const char* to_string(Pairing::State state);
const char* to_string(Pairing::Failure failure);

}  // namespace chaski::e2ee
