// SPDX-License-Identifier: Apache-2.0
#include "e2ee/answer_stamp.hpp"

#include "e2ee/codec.hpp"
#include "e2ee/kdf.hpp"
#include "e2ee/labels.hpp"
#include "e2ee/reveal.hpp"
#include "e2ee/setup.hpp"

namespace chaski::e2ee {
namespace {

constexpr std::uint8_t kUnpaidVersion = 1;

}  // namespace

wire::StampSubject answer_subject(const RendezvousSecret& rendezvous, base::ByteView body) {
  wire::StampSubject subject;
  hash(subject.mutable_view(), label::kAnswerWork, rendezvous.view(),
       {body.first(kAnswerStampAt), body.subspan(kAnswerStampAt + kAnswerStampSize)});
  return subject;
}

bool is_paid(const InvitePublic& invite, base::ByteView body) {
  if (invite.price_bits == 0) return true;
  if (body.size() != kAnswerBodySize) return false;
  Reader reader(body.subspan(kAnswerStampAt));
  const auto nonce = reader.number<std::uint64_t>();
  // What it would be for is told to nobody either way; how many bits it has may show.
  const wire::StampSubject subject = answer_subject(invite.rendezvous, body);
  return wire::stamp_bits(revealed(subject), nonce) >= invite.price_bits;
}

wire::StampSearch UnpaidAnswer::search(base::Random& random) const {
  return {subject, price_bits, random.next_u64()};
}

void UnpaidAnswer::pay(std::uint64_t nonce) {
  Writer(base::MutableByteView(answer.body).subspan(kAnswerStampAt)).number(nonce);
}

base::Bytes UnpaidAnswer::save() const {
  base::Bytes out(1 + 1 + wire::StampSubject::kSize + wire::DeliveryTag::kSize +
                  answer.body.size() + kSaveChecksumSize);
  Writer(out)
      .number(kUnpaidVersion)
      .number(price_bits)
      .bytes(subject.view())
      .bytes(answer.tag.view())
      .bytes(answer.body);
  finish_record(out);
  return out;
}

base::Expected<UnpaidAnswer, LoadFailed> UnpaidAnswer::load(base::ByteView bytes) {
  const auto record = open_record(bytes);
  if (!record) return base::unexpected(LoadFailed{});
  Reader reader(*record);
  UnpaidAnswer out;
  const bool known = reader.number<std::uint8_t>() == kUnpaidVersion;
  out.price_bits = reader.number<std::uint8_t>();
  reader.fill(out.subject);
  reader.fill(out.answer.tag);
  const base::ByteView body = reader.rest();
  if (!reader.ok() || !known || out.price_bits == 0 || out.price_bits > wire::kStampBitsMax ||
      out.answer.tag.is_zero() || body.size() != kAnswerBodySize) {
    return base::unexpected(LoadFailed{});
  }
  out.answer.body.assign(body.begin(), body.end());
  return out;
}

}  // namespace chaski::e2ee
