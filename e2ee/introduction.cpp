// SPDX-License-Identifier: Apache-2.0
#include "e2ee/introduction.hpp"

#include "base/assert.hpp"
#include "e2ee/codec.hpp"
#include "e2ee/name.hpp"
#include "e2ee/reveal.hpp"
#include "e2ee/setup.hpp"

namespace chaski::e2ee {
namespace {

constexpr std::uint8_t kIntroductionVersion = 1;
constexpr std::size_t kHeadSize = 1 + 1 + IntroductionId::kSize;
constexpr std::size_t kIdentitySize = AgreementPublicKey::kSize + SigningPublicKey::kSize;

enum Step : std::uint8_t { offer = 1, consent = 2, decline = 3, meet = 4 };

bool is_good(const IntroductionOffer& offer) {
  return !offer.name.empty() && is_valid_name(offer.name) &&
         offer.note.size() <= IntroductionOffer::kNoteSizeMax && is_one_plain_line(offer.note);
}

/// Writes each step behind the head.
struct Body {
  Writer& writer;
  void operator()(const IntroductionOffer& offer) const {
    writer.number(static_cast<std::uint8_t>(offer.role))
        .short_text(offer.name)
        .short_text(offer.note);
  }
  void operator()(const IntroductionConsent& consent) const { given(consent.given); }
  void operator()(const IntroductionDecline&) const {}
  void operator()(const IntroductionMeet& meet) const {
    writer.bytes(meet.identity.agreement.view()).bytes(meet.identity.signing.view());
    given(meet.given);
  }
  void given(const std::optional<StandingPublic>& one) const {
    if (one) write_standing(writer, *one);
  }
};

/// Bytes behind the head.
struct BodySize {
  std::size_t operator()(const IntroductionOffer& offer) const {
    return 1 + 1 + offer.name.size() + 1 + offer.note.size();
  }
  std::size_t operator()(const IntroductionConsent& consent) const {
    return consent.given ? StandingPublic::kSize : 0;
  }
  std::size_t operator()(const IntroductionDecline&) const { return 0; }
  std::size_t operator()(const IntroductionMeet& meet) const {
    return kIdentitySize + (meet.given ? StandingPublic::kSize : 0);
  }
};

/// What an inviter gave, or nothing where the bytes end; false when it must be refused.
bool read_given(Reader& reader, std::optional<StandingPublic>& out) {
  return reader.rest().empty() || read_standing(reader, out.emplace());
}

bool read_step(Reader& reader, IntroductionOffer& out) {
  const auto role = reader.number<std::uint8_t>();
  out.role = static_cast<IntroductionRole>(role);
  out.name = reader.short_text();
  out.note = reader.short_text();
  return (role == 1 || role == 2) && is_good(out);
}
bool read_step(Reader& reader, IntroductionConsent& out) { return read_given(reader, out.given); }
bool read_step(Reader&, IntroductionDecline&) { return true; }
bool read_step(Reader& reader, IntroductionMeet& out) {
  reader.fill(out.identity.agreement);
  reader.fill(out.identity.signing);
  return reader.ok() && has_acceptable_keys(out.identity) && read_given(reader, out.given);
}

bool read_step(Reader& reader, std::uint8_t number, Introduction& out) {
  switch (number) {
    case offer:
      return read_step(reader, out.step.emplace<IntroductionOffer>());
    case consent:
      return read_step(reader, out.step.emplace<IntroductionConsent>());
    case decline:
      return read_step(reader, out.step.emplace<IntroductionDecline>());
    case meet:
      return read_step(reader, out.step.emplace<IntroductionMeet>());
    default:
      return false;
  }
}

}  // namespace

base::Bytes encode_introduction(const Introduction& introduction) {
  const auto* offered = std::get_if<IntroductionOffer>(&introduction.step);
  CHASKI_ASSERT(offered == nullptr || is_good(*offered));
  base::Bytes out(kHeadSize + std::visit(BodySize{}, introduction.step));
  Writer writer(out);
  writer.number(kIntroductionVersion)
      .number(static_cast<std::uint8_t>(introduction.step.index() + 1))
      .bytes(introduction.id.view());
  std::visit(Body{writer}, introduction.step);
  return out;
}

std::optional<Introduction> decode_introduction(base::ByteView payload) {
  Reader reader(payload);
  Introduction out;
  const bool known = reader.number<std::uint8_t>() == kIntroductionVersion;
  const auto step = reader.number<std::uint8_t>();
  reader.fill(out.id);
  if (!reader.ok() || !known || !read_step(reader, step, out) || !reader.finished())
    return std::nullopt;
  return out;
}

}  // namespace chaski::e2ee
