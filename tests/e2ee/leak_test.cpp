// SPDX-License-Identifier: Apache-2.0
// Somebody copies one person's whole state at some moment, and has recorded everything: what they
// read of before, and of after.
#include <cstdlib>
#include <functional>
#include <memory>

#include "e2ee/setup.hpp"
#include "pair.hpp"
#include "thief.hpp"

namespace chaski::e2ee::test {
namespace {

/// A recorded message and what the story knows of it.
struct Recorded {
  base::Bytes bytes;
  std::size_t from = 0;
  bool opened = false;  ///< by whom it was for, before the leak
  bool after = false;   ///< sealed after the leak
  bool healed = false;  ///< sealed after the conversation had healed
};

/// A conversation of two with loss and reordering, and what one of them held at one moment.
class Story {
 public:
  explicit Story(std::uint64_t seed) : random_(seed), pair_(meet(random_)) {}

  void talk(int steps) {
    for (int i = 0; i < steps; ++i) step();
  }
  void leak(std::size_t victim) {
    victim_ = victim;
    stolen_ = std::make_unique<Session>(person(victim).session);
    fresh_from_ = key_of(victim);
    for (const std::size_t i : opened_) messages_[i].opened = true;
  }
  /// Talks on until both have heard of keys that were made after the leak, and then some.
  void heal(int steps) {
    while (!healed_) step();
    talk(steps);
  }
  const std::vector<Recorded>& messages() const { return messages_; }
  const Session& stolen() const { return *stolen_; }
  Thief thief() const {
    const auto& state = SessionSetup::state(*stolen_);
    return {stolen_->save(), {state.outgoing, state.incoming}};
  }
  std::size_t victim() const { return victim_; }

 private:
  Person& person(std::size_t who) { return who == 0 ? pair_.inviter : pair_.acceptor; }
  /// The ratchet key under which somebody sends, or none while one is due.
  std::optional<RatchetPublicKey> key_of(std::size_t who) {
    const auto& sending = SessionSetup::state(person(who).session).sending;
    const auto* epoch = std::get_if<SendingEpoch>(&sending);
    if (epoch == nullptr) return std::nullopt;
    return epoch->ratchet_public;
  }
  void step() {
    const std::size_t who = random_.below(2);
    if (random_.below(2) == 0) {
      seal(who);
    } else {
      open(who);
    }
  }
  void seal(std::size_t who) {
    Recorded message;
    message.bytes = person(who).seal("secret", random_);
    message.from = who;
    message.after = stolen_ != nullptr;
    message.healed = healed_;
    // The victim's own key is fresh as soon as they made one.
    if (stolen_ && who == victim_ && key_of(who) != fresh_from_) {
      message.healed = true;
      fresh_.insert(messages_.size());
    }
    messages_.push_back(std::move(message));
  }
  void open(std::size_t who) {
    std::vector<std::size_t> waiting;
    for (std::size_t i = 0; i < messages_.size(); ++i) {
      if (messages_[i].from != who && !opened_.contains(i) && !lost_.contains(i))
        waiting.push_back(i);
    }
    if (waiting.empty()) return;
    const std::size_t at = waiting[random_.below(std::min<std::uint64_t>(waiting.size(), 3))];
    if (random_.below(8) == 0) {
      lost_.insert(at);
      return;
    }
    if (!person(who).open(messages_[at].bytes)) return;
    opened_.insert(at);
    if (fresh_.contains(at)) healed_ = true;  // the contact has heard the victim's fresh key
  }

  base::SeededRandom random_;
  Pair pair_;
  std::vector<Recorded> messages_;
  std::set<std::size_t> opened_;
  std::set<std::size_t> lost_;
  std::set<std::size_t> fresh_;  ///< the victim's, under a key made after the leak
  std::unique_ptr<Session> stolen_;
  std::size_t victim_ = 0;
  std::optional<RatchetPublicKey> fresh_from_;
  bool healed_ = false;
};

/// Reads along as the victim would: every recorded message for them, again and again until no
/// more opens.
std::set<std::size_t> read_along(const Story& story) {
  Session session = story.stolen();
  std::set<std::size_t> read;
  for (bool more = true; more;) {
    more = false;
    for (std::size_t i = 0; i < story.messages().size(); ++i) {
      if (read.contains(i)) continue;
      TagChanges changes;
      const auto envelope = wire::decode_envelope(story.messages()[i].bytes);
      if (!session.open(*envelope, {}, changes)) continue;
      read.insert(i);
      more = true;
    }
  }
  return read;
}

void for_each_story(int count, const std::function<void(Story&)>& check) {
  // CHASKI_SEED=n replays one.
  const char* replay = std::getenv("CHASKI_SEED");
  const std::uint64_t first = replay != nullptr ? std::strtoull(replay, nullptr, 10) : 1;
  const std::uint64_t end = replay != nullptr ? first + 1 : first + static_cast<unsigned>(count);
  for (std::uint64_t seed = first; seed < end; ++seed) {
    SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
    base::SeededRandom random(seed);
    Story story(seed);
    story.talk(static_cast<int>(random.below(60)));
    story.leak(random.below(2));
    story.talk(static_cast<int>(random.below(12)));
    story.heal(20);
    check(story);
  }
}

TEST(Leak, OpensNothingFromBeforeAndNothingAfterHealing) {
  std::size_t read_in_between = 0;
  std::size_t healed = 0;
  std::size_t before = 0;
  for_each_story(150, [&](const Story& story) {
    const auto read = read_along(story);
    for (std::size_t i = 0; i < story.messages().size(); ++i) {
      const Recorded& message = story.messages()[i];
      const bool own = message.from == story.victim();
      if (!message.after && (message.opened || own)) {
        ++before;
        EXPECT_FALSE(read.contains(i)) << "message " << i << ", from before";
      }
      if (message.healed) {
        ++healed;
        EXPECT_FALSE(read.contains(i)) << "message " << i << ", healed";
      }
      read_in_between += message.after && read.contains(i);
    }
  });
  // The thief is no straw man, and the stories have something to say.
  EXPECT_GT(read_in_between, 100u);
  EXPECT_GT(before, 1'000u);
  EXPECT_GT(healed, 1'000u);
}

TEST(Leak, NoBytesOfTheStateAreAKeyOrATagFromBefore) {
  std::size_t found = 0;
  std::size_t recognised = 0;
  for_each_story(6, [&](const Story& story) {
    const Thief thief = story.thief();
    for (std::size_t i = 0; i < story.messages().size(); ++i) {
      const Recorded& message = story.messages()[i];
      const auto envelope = *wire::decode_envelope(message.bytes);
      const bool own = message.from == story.victim();
      if ((!message.after && (message.opened || own)) || message.healed) {
        EXPECT_FALSE(thief.opens(envelope)) << "message " << i;
      } else {
        found += thief.opens(envelope);
      }
      if (!message.after && (message.opened || own)) {
        EXPECT_FALSE(thief.recognises(envelope)) << "message " << i;
      } else {
        recognised += thief.recognises(envelope);
      }
    }
  });
  EXPECT_GT(found, 3u);
  EXPECT_GT(recognised, 3u);
}

TEST(Leak, WhileAStepIsOwedThereIsNothingToFollowWith) {
  // The owner has read and not written: the copy reads what is still on its way in that epoch, and
  // not the contact's next, whatever the owner does then.
  base::SeededRandom random(7);
  Pair pair = meet(random);
  ASSERT_TRUE(pair.acceptor.reads(pair.inviter.seal("1", random), "1"));
  const Session stolen = pair.acceptor.session;
  ASSERT_TRUE(std::holds_alternative<SendingDue>(SessionSetup::state(stolen).sending));
  const auto same_epoch = pair.inviter.seal("2", random);
  const auto answer = pair.acceptor.seal("3", random);
  ASSERT_TRUE(pair.inviter.reads(answer, "3"));
  const auto next_epoch = pair.inviter.seal("4", random);
  const auto opens = [](Session state, const base::Bytes& sealed) {
    TagChanges changes;
    return state.open(*wire::decode_envelope(sealed), {}, changes).has_value();
  };
  EXPECT_TRUE(opens(stolen, same_epoch));
  EXPECT_FALSE(opens(stolen, next_epoch));
  const auto& state = SessionSetup::state(stolen);
  const Thief thief(stolen.save(), {state.outgoing, state.incoming});
  EXPECT_FALSE(thief.opens(*wire::decode_envelope(answer)));
  EXPECT_FALSE(thief.opens(*wire::decode_envelope(next_epoch)));
}

TEST(Leak, NeitherSideCanWorkOutTheMeetingAgain) {
  // Everything of one side, the invitation as it was shown, and their long-term keys: is there any
  // secret left that agrees to what the first messages were sealed with?
  base::SeededRandom random(8);
  const Identity a = Identity::generate(random);
  const Identity b = Identity::generate(random);
  const PendingInvite pending = make_invite(a, "Anna", random);
  auto accepted = *accept_invite(b, "Bela", pending.invite, random);
  auto answered = *open_answer(a, pending, accepted.answer.body);
  const auto& invite = pending.invite;
  const EphemeralPublicKey ephemeral = mask(
      invite.rendezvous, *EphemeralPublicKey::from(base::ByteView(accepted.answer.body).first(32)));
  const auto opens_answer = [&](const SharedSecret& dh3) {
    const base::Bytes said = invite_bytes(invite);
    base::Bytes plain(328);
    return aead_open(answer_key(invite.rendezvous, dh3).view(), accepted.answer.tag,
                     answer_binding(said, ephemeral),
                     base::ByteView(accepted.answer.body).subspan(32), plain);
  };
  const auto finds = [&](base::Bytes all) {
    for (std::size_t at = 0; at + 32 <= all.size(); ++at) {
      const base::ByteView window = base::ByteView(all).subspan(at, 32);
      const auto with_prekey = agree(window, invite.prekey.view());
      const auto with_ephemeral = agree(window, ephemeral.view());
      if (with_prekey && opens_answer(*with_prekey)) return true;
      if (with_ephemeral && opens_answer(*with_ephemeral)) return true;
    }
    return false;
  };
  for (const auto& [session, identity] :
       {std::pair{&accepted.session, &b}, std::pair{&answered.session, &a}}) {
    base::Bytes all = session->save();
    const base::Bytes own = identity->save();
    all.insert(all.end(), own.begin(), own.end());
    EXPECT_FALSE(finds(all));
  }
  // What would be enough, and is wiped: the prekey.
  EXPECT_TRUE(finds(pending.save()));
}

}  // namespace
}  // namespace chaski::e2ee::test
