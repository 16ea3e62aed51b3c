// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/expected.hpp"
#include "base/random.hpp"
#include "e2ee/pairing.hpp"
#include "node/neighbour_talk.hpp"
#include "node/node.hpp"
#include "node/pairing_info.hpp"

namespace chaski::node {

/// Pairing with whoever is near, from the command to the contact; docs/protocol/pairing.md.
///
/// Rules: (1) nothing is heard and nothing said but between start() and the end of the command,
/// kTime later at most. (2) Each neighbour has one attempt in which our share is shown, and all
/// together kShownMax: as many times somebody in the middle can try. (3) The person chooses one of
/// them; the others end. (4) A neighbour is heard kRecordsMax times, and holds one message here.
/// (5) What may be said only once it is durable waits for committed().
class PairingTable final : public NeighbourTalk {
 public:
  static constexpr base::Duration kTime = std::chrono::minutes(2);
  static constexpr std::uint32_t kShownMax = 16;
  static constexpr std::uint32_t kRecordsMax = 64;
  /// Neighbours that are known in one command, those that left and must not come back with them.
  static constexpr std::size_t kPeersMax = 512;
  /// Messages that wait for a link to take them.
  static constexpr std::size_t kQueueMax = 32;

  explicit PairingTable(base::Random& random) : random_(random) {}

  // The person.
  /// Begins, and ends what was begun before. `name`: what the contact will be called; may be empty.
  void start(std::string_view name, const std::vector<TalkLink>& links, base::Time now);
  /// The symbols of this peer are on the other's screen too. Errors: no_pairing, unknown_peer.
  base::Expected<void, PersonError> confirm(std::uint32_t peer);
  /// The same for whoever has these words. Errors: no_pairing, words_differ.
  base::Expected<void, PersonError> confirm_words(std::string_view words);
  /// Ends it, if it runs.
  void stop(PairingEnd why);
  /// The person is gone, and what they were told with them.
  void forget();
  PairingInfo info(base::Time now) const;
  /// Whether info() has changed since the last call.
  bool take_change() { return std::exchange(changed_, false); }

  // Time and store.
  std::optional<base::Time> next_wakeup() const;
  void wake(base::Time now);
  void committed();

  // Whoever makes contacts.
  const std::string& wanted_name() const { return name_; }
  /// The attempt that both have confirmed; null when there is none, or nothing to do in it.
  e2ee::Pairing* meeting();
  /// What it says from here on waits for committed().
  void hold();
  /// Told to the person once committed.
  void met(const ContactRecord& contact);

  // NeighbourTalk.
  void link_began(const TalkLink& link) override;
  void link_ended(base::LinkId link) override;
  bool listens() const override { return phase_ == PairingPhase::running; }
  void heard(base::LinkId link, base::ByteView payload) override;
  std::size_t speak(base::LinkId link, base::MutableByteView records) override;
  std::vector<base::LinkId> ready() override;

 private:
  struct Peer {
    TalkLink link;
    bool linked = true;
    e2ee::Pairing pairing;
    std::uint32_t number = 0;   ///< as the person sees it; 0 before there are symbols
    std::uint32_t records = 0;  ///< heard in this command
    bool deaf = false;          ///< nothing more is heard of it in this command
    bool held = false;          ///< says nothing before committed()
    base::Bytes coming;         ///< what came of a message
    std::deque<base::Bytes> queue;
    std::size_t sent = 0;  ///< of the first of them
  };
  static e2ee::Pairing pairing_over(const TalkLink& link);
  Peer* find(base::LinkId link);
  void begin(Peer& peer);
  void take(Peer& peer, base::ByteView message);
  void give_up(Peer& peer);
  /// Puts what the attempt says into its queue.
  void collect(Peer& peer);
  void end_all();
  void choose(Peer& peer);

  base::Random& random_;
  PairingPhase phase_ = PairingPhase::none;
  PairingEnd why_ = PairingEnd::none;
  base::Time ends_{};
  std::string name_;
  std::deque<Peer> peers_;
  std::uint32_t shown_ = 0;
  std::uint32_t numbers_ = 0;
  std::optional<std::uint32_t> chosen_;  ///< the number of the one that was confirmed
  std::optional<ContactRecord> met_;     ///< not committed yet
  std::optional<ContactRecord> contact_;
  bool changed_ = false;
};

}  // namespace chaski::node
