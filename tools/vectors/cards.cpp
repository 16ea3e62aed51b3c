// SPDX-License-Identifier: Apache-2.0
#include "tools/vectors/cards.hpp"

#include "base/assert.hpp"
#include "base/hex.hpp"
#include "e2ee/answer_stamp.hpp"
#include "e2ee/published_card.hpp"
#include "e2ee/session.hpp"
#include "tools/vectors/pieces.hpp"
#include "tools/vectors/recorder.hpp"

namespace chaski::vectors {

using base::Bytes;
using base::ByteView;
using base::to_hex;

std::vector<Vector> card_vectors(const e2ee::Identity& inviter, const e2ee::Identity& acceptor,
                                 base::Random& from) {
  constexpr std::uint64_t kGeneration = 1'700'000'000;
  Recorder random(from);
  const e2ee::OwnCard own = e2ee::make_card(
      inviter, "Anna",
      {.price_bits = 16, .issued_at = 1'700'000'000, .lifetime_s = 2'592'000}, random);
  const e2ee::InvitePublic invite = e2ee::card_invite(own.card);
  auto unpaid =
      *e2ee::accept_invite(acceptor, "Béla", invite, random, kGeneration)->unpaid;
  wire::StampSearch search(unpaid.subject, unpaid.price_bits, 0);
  while (!search.work(std::uint64_t{1} << 16)) continue;
  unpaid.pay(*search.nonce());
  CHASKI_ASSERT(e2ee::is_paid(invite, unpaid.answer.body));
  CHASKI_ASSERT(e2ee::open_answer(inviter, e2ee::card_pending(own), unpaid.answer.body));

  const Bytes said = e2ee::card_bytes(own.card);
  ByteView rest(said);
  Vector shown{"card", "Anna's card, good for 30 days", {}, {}};
  shown.fields["link"] = e2ee::to_link(own.card);
  shown.fields["prekey_secret"] = to_hex(random[0]);
  shown.fields["rendezvous"] = to_hex(invite.rendezvous.view());
  shown.pieces = {cut(rest, 1, "version"),
                  cut(rest, 1, "price"),
                  cut(rest, 8, "issued at"),
                  cut(rest, 8, "expires at"),
                  cut(rest, 64, "agreement key, signing key"),
                  cut(rest, 32, "prekey"),
                  cut(rest, 1, "length of the name"),
                  cut(rest, own.card.name.size(), "name"),
                  cut(rest, 64, "signature")};
  Vector answer{"card-answer", "Béla answers it", {}, {}};
  answer.fields["ephemeral_secret"] = to_hex(random[1]);
  answer.fields["acceptor_ratchet_secret"] = to_hex(random[2]);
  answer.fields["generation"] = kGeneration;
  answer.fields["tag"] = to_hex(unpaid.answer.tag.view());
  answer.fields["subject"] = to_hex(unpaid.subject.view());
  answer.fields["nonce"] = *search.nonce();
  rest = unpaid.answer.body;
  answer.pieces = {cut(rest, 32, "ephemeral key, covered"), cut(rest, 8, "nonce of the stamp"),
                   cut(rest, 320, "sealed text"), cut(rest, 16, "authenticator")};
  const wire::StampSubject subject = e2ee::published_card_subject(said);
  wire::StampSearch work(subject, e2ee::kPublishedBitsMin, 0);
  while (!work.work(std::uint64_t{1} << 20)) continue;
  const Bytes body = e2ee::write_published_card(said, *work.nonce());
  CHASKI_ASSERT(e2ee::open_published_card(body)->stamp_bits >= e2ee::kPublishedBitsMin);
  Vector published{"published-card", "the same card on its way through the mesh", {}, {}};
  published.fields["tag"] = to_hex(e2ee::published_card_tag().view());
  published.fields["subject"] = to_hex(subject.view());
  published.fields["nonce"] = *work.nonce();
  rest = body;
  published.pieces = {cut(rest, 8, "nonce of the stamp"), cut(rest, said.size(), "card"),
                      cut(rest, rest.size(), "zero")};
  return {shown, answer, published};
}

}  // namespace chaski::vectors
