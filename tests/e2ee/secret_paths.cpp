// SPDX-License-Identifier: Apache-2.0
// A meeting and a conversation in which everything random is secret until somebody reveals it.
//
// Not a GoogleTest: it runs under valgrind, for which secret bytes are uninitialised ones, so that
// a branch or an address that depends on one is reported. secret_paths_test.py judges.
#include <sodium.h>
#include <valgrind/memcheck.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "e2ee/card.hpp"
#include "e2ee/pairing.hpp"
#include "e2ee/reveal.hpp"
#include "e2ee/session.hpp"
#include "e2ee/standing.hpp"

namespace chaski::e2ee {

void mark_revealed(const void* value, std::size_t size) {
  (void)VALGRIND_MAKE_MEM_DEFINED(value, size);
}

namespace {

void check(bool worked, const char* what) {
  if (worked) return;
  std::fprintf(stderr, "secret-paths: %s\n", what);
  std::exit(2);
}

void make_secret(base::MutableByteView bytes) {
  (void)VALGRIND_MAKE_MEM_UNDEFINED(bytes.data(), bytes.size());
}
/// What goes over the air or stands on a screen.
template <class Container>
const Container& in_public(const Container& bytes) {
  (void)VALGRIND_MAKE_MEM_DEFINED(bytes.data(), bytes.size());
  return bytes;
}

class SecretRandom final : public base::Random {
 public:
  void fill(base::MutableByteView out) override {
    seeded_.fill(out);
    make_secret(out);
  }

 private:
  base::SeededRandom seeded_{1};
};

struct World {
  SecretRandom random;
  Identity anna = Identity::generate(random);
  Identity bela = Identity::generate(random);

  static Content text(std::size_t size) {
    Content content;
    content.payload.assign(size, 'x');
    make_secret(content.payload);
    return content;
  }
  base::Bytes seal(Session& from, std::size_t size = 100) {
    const auto sealed = from.seal(text(size), 3'600, wire::Priority::normal, random);
    return in_public(sealed.envelope);
  }
  static bool open(Session& to, const base::Bytes& bytes) {
    TagChanges changes;
    return to.open(*wire::decode_envelope(bytes), base::Time{}, changes).has_value();
  }

  /// The acceptor's side and the inviter's, over links, with a price or without.
  std::vector<Session> meet(std::uint8_t price) {
    const auto made = make_invite(anna, "Anna", random, price);
    const auto pending = PendingInvite::load(made.save());
    check(pending.has_value(), "an invitation was not loaded");
    auto invite = *parse_invite(in_public(to_link(pending->invite)));
    make_secret(invite.rendezvous.mutable_view());
    auto accepted = accept_invite(bela, "Bela", invite, random);
    check(accepted.has_value(), "an invitation was not accepted");
    base::Bytes body = in_public(accepted->answer.body);
    check(is_paid(pending->invite, body) == (price == 0), "a stamp");
    body[40] ^= 1;
    check(!open_answer(anna, *pending, body), "a changed answer opened");
    body[40] ^= 1;
    auto answered = open_answer(anna, *pending, body);
    check(answered.has_value(), "an answer did not open");
    check(answered->name == "Bela", "a name");
    check(open_answer(anna, *pending, parse_answer(in_public(to_link(accepted->answer)))->body)
              .has_value(),
          "an answer from a link");
    std::vector<Session> out;
    out.push_back(std::move(accepted->session));
    out.push_back(std::move(answered->session));
    return out;
  }

  /// Two who are near each other, up to the answer; and one whose confirmation is wrong.
  void pair(bool honest) {
    Pairing first(PairingRole::initiator, {});
    Pairing second(PairingRole::responder, {});
    const auto run = [&] {
      for (bool moved = true; moved;) {
        moved = false;
        for (Pairing* from : {&first, &second}) {
          while (auto message = from->next_message()) {
            base::Bytes said = in_public(*message);
            if (!honest && said[0] == 5) said[7] ^= 1;
            (from == &first ? second : first).receive(said, true, random);
            moved = true;
          }
        }
      }
    };
    first.call();
    second.call();
    run();
    check(first.symbols() && first.symbols() == second.symbols(), "symbols");
    first.confirm();
    if (honest) second.confirm();
    run();
    check((first.state() == Pairing::State::meeting) == honest, "a confirmation");
    if (!honest) return;
    const auto pending = make_invite(anna, "Anna", random);
    first.offer(pending.invite);
    run();
    auto invite = second.take_offer();
    check(invite.has_value(), "an offer");
    make_secret(invite->rendezvous.mutable_view());
    const auto accepted = accept_invite(bela, "Bela", *invite, random);
    check(accepted.has_value(), "an invitation was not accepted");
    second.answer(accepted->answer.body);
    run();
    const auto body = first.take_answer();
    check(body && open_answer(anna, pending, in_public(*body)), "an answer did not open");
  }

  /// Two who never met: a card, read from its link, and the answer to it.
  std::vector<Session> meet_by_card() {
    const OwnCard own = make_card(anna, "Anna", {.issued_at = 1'700'000'000}, random);
    const auto card = parse_card(in_public(to_link(own.card)));
    check(card.has_value(), "a card was not read");
    auto accepted = accept_invite(bela, "Bela", card_invite(*card), random, 1'700'000'000);
    check(accepted.has_value(), "a card was not accepted");
    const PendingInvite pending = card_pending(own);
    base::Bytes body = in_public(accepted->answer.body);
    check(!is_paid(pending.invite, body), "a stamp");
    body[60] ^= 1;
    check(!open_answer(anna, pending, body), "a changed answer opened");
    body[60] ^= 1;
    auto answered = open_answer(anna, pending, body);
    check(answered.has_value(), "an answer to a card did not open");
    std::vector<Session> out;
    out.push_back(std::move(accepted->session));
    out.push_back(std::move(answered->session));
    return out;
  }

  /// A session that begins anew: the list as the contact read it, answered and opened.
  std::vector<Session> meet_again() {
    const StandingInvite standing = make_standing(random);
    base::Bytes list = encode_prekeys({.serial = 1, .invitations = {standing.given}});
    make_secret(list);
    const auto read = decode_prekeys(list);
    check(read.has_value(), "a list was not read");
    const auto invite = standing_invite(read->invitations[0], anna.public_identity(),
                                        bela.public_identity());
    auto accepted = accept_invite(bela, "", invite, random, 1'700'000'000);
    check(accepted.has_value(), "a standing invitation was not accepted");
    const auto pending =
        standing_pending(standing, anna.public_identity(), bela.public_identity());
    base::Bytes body = in_public(accepted->answer.body);
    body[40] ^= 1;
    check(!open_answer(anna, pending, body), "a changed answer opened");
    body[40] ^= 1;
    auto answered = open_answer(anna, pending, body);
    check(answered.has_value() && answered->generation == 1'700'000'000, "a standing answer");
    std::vector<Session> out;
    out.push_back(std::move(accepted->session));
    out.push_back(std::move(answered->session));
    return out;
  }

  void talk(std::vector<Session> sides) {
    for (int turn = 0; turn < 4; ++turn) {
      Session& from = sides[turn % 2];
      Session& to = sides[1 - turn % 2];
      std::vector<base::Bytes> sent;
      for (std::size_t i = 0; i < 70; ++i) sent.push_back(seal(from, 5 * i));
      // Out of order over blocks and epochs, with junk under a known tag between.
      for (const std::size_t i : {3U, 40U, 0U, 64U, 2U}) {
        base::Bytes junk = sent[i];
        junk.back() ^= 1;
        check(!open(to, junk), "junk opened");
        junk = sent[i];
        junk[junk.size() - 200] ^= 1;
        check(!open(to, junk), "junk opened");
        check(open(to, sent[i]), "a message did not open");
        check(!open(to, sent[i]), "a message opened twice");
      }
      auto loaded = Session::load(to.save());
      check(loaded.has_value(), "a session was not loaded");
      to = std::move(*loaded);
      TagChanges changes;
      to.expire(base::Time{std::chrono::hours(1)}, changes);
    }
  }
};

/// What a careless hand could write: here valgrind must say something.
[[gnu::noinline]] int planted_branch(const AgreementSecret& key) {
  return key.view()[7] > 100 ? std::getenv("HOME") != nullptr : 3;
}
[[gnu::noinline]] int planted_look_up(const AgreementSecret& key) {
  static const std::vector<int> table(256, 1);
  return table[key.view()[7]];
}

int run(std::string_view planted) {
  World world;
  for (const std::uint8_t price : {0, 8}) world.talk(world.meet(price));
  for (const bool honest : {true, false}) world.pair(honest);
  world.talk(world.meet_again());
  world.talk(world.meet_by_card());
  int sum = 0;
  if (planted == "branch") sum = planted_branch(world.anna.agreement_secret());
  if (planted == "look-up") sum = planted_look_up(world.anna.agreement_secret());
  reveal(sum);
  std::printf("%d: no branch and no look-up on a secret but what was planted: %.*s\n", sum > 5,
              static_cast<int>(planted.size()), planted.data());
  return 0;
}

}  // namespace
}  // namespace chaski::e2ee

int main(int argc, char** argv) {
  if (argc != 2 || sodium_init() < 0) return 2;
  if (RUNNING_ON_VALGRIND == 0) {
    std::fprintf(stderr, "secret-paths: says nothing but under valgrind\n");
    return 2;
  }
  return chaski::e2ee::run(argv[1]);
}
