// SPDX-License-Identifier: Apache-2.0
// wire/ against a naive second implementation. rapidcheck prints the seed of a failure.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/wire/naive_protobuf.hpp"
#include "wire/envelope.hpp"
#include "wire/reassembler.hpp"
#include "wire/records.hpp"

namespace chaski::wire {
namespace {

using base::Bytes;

Bytes gen_bytes(std::size_t least, std::size_t most) {
  const auto size = *rc::gen::inRange<std::size_t>(least, most + 1);
  return *rc::gen::container<Bytes>(size, rc::gen::arbitrary<std::uint8_t>());
}

template <class Tagged>
Tagged gen_tagged() {
  Tagged out = *Tagged::from(gen_bytes(Tagged::kSize, Tagged::kSize));
  if (out.is_zero()) out.bytes[0] = 1;
  return out;
}

/// A valid envelope and its bytes by the naive encoder.
struct Sample {
  Bytes stamp, body;
  EnvelopeFields fields;
  naive::Message message;
};

void gen_sample(Sample& s) {
  const bool receipt = *rc::gen::arbitrary<bool>();
  s.stamp = gen_bytes(0, kStampSizeMax);
  s.body = gen_bytes(1, 400);
  s.fields.kind = receipt ? EnvelopeKind::receipt : EnvelopeKind::sealed;
  s.fields.priority = static_cast<Priority>(*rc::gen::inRange(0, 3));
  s.fields.lifetime_s = *rc::gen::inRange<std::uint32_t>(1, kLifetimeMax_s + 1);
  s.fields.stamp = s.stamp;
  s.fields.body = s.body;
  s.message = {{1, std::uint64_t{1}},
               {2, std::uint64_t{receipt ? 2U : 1U}},
               {3, static_cast<std::uint64_t>(s.fields.priority)},
               {4, std::uint64_t{s.fields.lifetime_s}},
               {7, s.stamp},
               {8, s.body}};
  if (receipt) return;
  s.fields.tag = gen_tagged<DeliveryTag>();
  s.fields.commitment = gen_tagged<ReceiptCommitment>();
  s.message[5] = Bytes(s.fields.tag.bytes.begin(), s.fields.tag.bytes.end());
  s.message[6] = Bytes(s.fields.commitment.bytes.begin(), s.fields.commitment.bytes.end());
}

TEST(WireProperty, EnvelopesEncodeAsTheNaiveEncoderSays) {
  EXPECT_TRUE(rc::check([] {
    Sample s;
    gen_sample(s);
    const Bytes bytes = encode_envelope(s.fields);
    RC_ASSERT(bytes == naive::encode(s.message));
    const auto decoded = decode_envelope(bytes);
    RC_ASSERT(decoded.has_value());
    RC_ASSERT(decoded->kind == s.fields.kind && decoded->priority == s.fields.priority);
    RC_ASSERT(decoded->lifetime_s == s.fields.lifetime_s);
    RC_ASSERT(decoded->tag == s.fields.tag && decoded->commitment == s.fields.commitment);
    RC_ASSERT(base::equal(decoded->stamp, s.stamp) && base::equal(decoded->body, s.body));
    RC_ASSERT(encode_envelope(*decoded) == bytes);
  }));
}

/// What the protocol document says, in so many words.
bool naive_accepts(const Bytes& bytes) {
  const auto m = naive::decode(bytes);
  if (!m) return false;
  for (const auto& [field, value] : *m) {
    if (field < 1 || field > 8) return false;
    if (std::holds_alternative<std::uint64_t>(value) != (field <= 4)) return false;
  }
  if (naive::number(*m, 1) != 1) return false;
  const auto kind = naive::number(*m, 2);
  if (kind != 1 && kind != 2) return false;
  if (naive::number(*m, 3) > 2) return false;
  const auto lifetime = naive::number(*m, 4);
  if (lifetime < 1 || lifetime > 1'209'600) return false;
  const Bytes tag = naive::octets(*m, 5), commitment = naive::octets(*m, 6);
  const auto zero = [](const Bytes& b) {
    return std::all_of(b.begin(), b.end(), [](std::uint8_t x) { return x == 0; });
  };
  if (kind == 2 && (!tag.empty() || !commitment.empty())) return false;
  if (kind == 1 && (tag.size() != 8 || zero(tag))) return false;
  if (kind == 1 && (commitment.size() != 16 || zero(commitment))) return false;
  const auto body = naive::octets(*m, 8).size();
  return naive::octets(*m, 7).size() <= 16 && body >= 1 && body <= 65'824;
}

TEST(WireProperty, MutatedEnvelopesAreJudgedAsTheNaiveDecoderJudges) {
  EXPECT_TRUE(rc::check([] {
    Sample s;
    gen_sample(s);
    Bytes bytes = encode_envelope(s.fields);
    const auto changes = *rc::gen::inRange(1, 4);
    for (int i = 0; i < changes; ++i) {
      // Mostly in the header, where every byte has a meaning.
      const std::size_t where = *rc::gen::inRange<std::size_t>(0, std::min<std::size_t>(
                                                                      bytes.size(), 64));
      const auto at = bytes.begin() + static_cast<std::ptrdiff_t>(where);
      switch (*rc::gen::inRange(0, 3)) {
        case 0: *at = *rc::gen::arbitrary<std::uint8_t>(); break;
        case 1: bytes.insert(at, *rc::gen::inRange<std::uint8_t>(0, 70)); break;
        default: if (bytes.size() > 1) bytes.erase(at); break;
      }
    }
    const bool accepted = decode_envelope(bytes).has_value();
    RC_CLASSIFY(accepted);
    RC_ASSERT(accepted == naive_accepts(bytes));
  }));
}

TEST(WireProperty, ReceiptsAndSealedDifferOnlyAsWritten) {
  // A receipt whose tag is present and all zero is the one case where naive and bounds could part.
  naive::Message m{{1, std::uint64_t{1}}, {2, std::uint64_t{2}}, {4, std::uint64_t{9}},
                   {5, Bytes(8)},         {8, Bytes(32, 1)}};
  EXPECT_EQ(decode_envelope(naive::encode(m)).has_value(), naive_accepts(naive::encode(m)));
}

TEST(WireProperty, CarriedEnvelopesComeBackAndHaveTheSizeThatWasSaid) {
  EXPECT_TRUE(rc::check([](std::uint64_t age, std::uint16_t copies) {
    const auto hops = *rc::gen::inRange<std::uint8_t>(0, kHopsMax + 1);
    const Bytes envelope = gen_bytes(1, 300);
    const CarryState state{age, hops, copies};
    Bytes out(carried_size(state, envelope.size()));
    RC_ASSERT(encode_carried({state, envelope}, out) == out.size());
    RC_ASSERT(out == naive::encode({{1, age}, {2, std::uint64_t{hops}}, {3, std::uint64_t{copies}},
                                    {4, envelope}}));
    const auto decoded = decode_carried(out);
    RC_ASSERT(decoded.has_value());
    RC_ASSERT(decoded->state.age_ms == age && decoded->state.hops_left == hops);
    RC_ASSERT(decoded->state.copies == copies && base::equal(decoded->envelope, envelope));
  }));
}

TEST(WireProperty, RandomBytesAreJudgedWithoutHarm) {
  EXPECT_TRUE(rc::check([](const Bytes& bytes) {
    RC_ASSERT(decode_envelope(bytes).has_value() == naive_accepts(bytes));
    (void)decode_carried(bytes);
    (void)decode_fragment(bytes);
    (void)decode_ack(bytes);
    (void)decode_refuse(bytes);
    RecordReader reader(bytes);
    std::size_t seen = 0;
    for (auto record = reader.next(); record && *record; record = reader.next()) {
      seen += record_size((*record)->payload.size());
    }
    RC_ASSERT(seen <= bytes.size());
  }));
}

TEST(WireProperty, InterleavedTransfersComeOutWhole) {
  EXPECT_TRUE(rc::check([] {
    struct Transfer {
      Bytes whole;
      std::size_t sent = 0;
    };
    std::vector<Transfer> transfers(Reassembler::kTransfersMax);
    for (auto& t : transfers) t.whole = gen_bytes(1, 500);
    Reassembler reassembler;
    std::size_t done = 0;
    while (done < transfers.size()) {
      const auto id = *rc::gen::inRange<std::size_t>(0, transfers.size());
      Transfer& t = transfers[id];
      if (t.sent == t.whole.size()) {
        // Ended: the next unfinished one goes on, so that the loop ends.
        for (auto& other : transfers) {
          if (other.sent < other.whole.size()) {
            const auto index = static_cast<std::uint32_t>(&other - transfers.data());
            const auto rest = base::ByteView(other.whole).subspan(other.sent);
            const auto out = reassembler.add({index, static_cast<std::uint32_t>(other.sent),
                                              static_cast<std::uint32_t>(other.whole.size()),
                                              RecordType::envelope, rest});
            RC_ASSERT(out.has_value() && out->has_value());
            RC_ASSERT(base::equal((*out)->payload, other.whole));
            other.sent = other.whole.size();
            ++done;
            break;
          }
        }
        continue;
      }
      const auto size = *rc::gen::inRange<std::size_t>(1, t.whole.size() - t.sent + 1);
      const auto out = reassembler.add({static_cast<std::uint32_t>(id),
                                        static_cast<std::uint32_t>(t.sent),
                                        static_cast<std::uint32_t>(t.whole.size()),
                                        RecordType::envelope,
                                        base::ByteView(t.whole).subspan(t.sent, size)});
      RC_ASSERT(out.has_value());
      t.sent += size;
      RC_ASSERT(out->has_value() == (t.sent == t.whole.size()));
      if (*out) {
        RC_ASSERT(base::equal((*out)->payload, t.whole));
        ++done;
      }
    }
  }));
}

}  // namespace
}  // namespace chaski::wire
