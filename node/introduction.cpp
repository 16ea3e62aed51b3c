// SPDX-License-Identifier: Apache-2.0
#include "node/introduction.hpp"

#include "e2ee/codec.hpp"
#include "e2ee/name.hpp"

namespace chaski::node {
namespace {

constexpr std::uint8_t kVersion = 1;
/// More than one of either kind ever takes.
constexpr std::size_t kEntryMax = 1'024;

std::uint64_t number_of(base::Time time) {
  return static_cast<std::uint64_t>(base::to_us(time));
}
base::Time read_time(e2ee::Reader& in) {
  return base::from_us(static_cast<std::int64_t>(in.number<std::uint64_t>()));
}

template <class Enum>
bool read_enum(e2ee::Reader& in, Enum last, Enum& out) {
  const auto value = in.number<std::uint8_t>();
  out = static_cast<Enum>(value);
  return value <= static_cast<std::uint8_t>(last);
}
/// Whether something follows; anything but 0 and 1 is wrong.
bool read_flag(e2ee::Reader& in, bool& out) {
  const auto value = in.number<std::uint8_t>();
  out = value == 1;
  return value <= 1;
}

void write(e2ee::Writer& out, const IntroductionWord& word) {
  out.number(static_cast<std::uint8_t>(word.state))
      .number(number_of(word.at))
      .bytes(word.envelope.view());
}
bool read(e2ee::Reader& in, IntroductionWord& word) {
  const bool good = read_enum(in, IntroductionWord::State::expired, word.state);
  word.at = read_time(in);
  in.fill(word.envelope);
  return good;
}

void write(e2ee::Writer& out, const std::optional<e2ee::StandingPublic>& given) {
  out.number(static_cast<std::uint8_t>(given ? 1 : 0));
  if (given) write_standing(out, *given);
}
bool read(e2ee::Reader& in, std::optional<e2ee::StandingPublic>& given) {
  bool there = false;
  return read_flag(in, there) && (!there || read_standing(in, given.emplace()));
}

void write_base(e2ee::Writer& out, const IntroductionBase& one) {
  out.number(one.number)
      .bytes(one.id.view())
      .number(static_cast<std::uint8_t>(one.state))
      .number(number_of(one.until))
      .number(static_cast<std::uint64_t>(one.began_unix_s))
      .short_text(one.note);
}
bool read_base(e2ee::Reader& in, IntroductionBase& one) {
  one.number = in.number<std::uint32_t>();
  in.fill(one.id);
  const bool good = read_enum(in, IntroductionState::lapsed, one.state);
  one.until = read_time(in);
  one.began_unix_s = static_cast<std::int64_t>(in.number<std::uint64_t>());
  one.note = in.short_text();
  return good && one.note.size() <= e2ee::IntroductionOffer::kNoteSizeMax &&
         e2ee::is_one_plain_line(one.note);
}

void write(e2ee::Writer& out, const OurIntroduction& one) {
  write_base(out, one);
  for (const OurIntroduction::Party& party : one.parties) {
    out.bytes(party.contact.view()).number(static_cast<std::uint8_t>(party.reply));
    write(out, party.offer);
    write(out, party.meet);
  }
  write(out, one.given);
}
bool read(e2ee::Reader& in, OurIntroduction& one) {
  bool good = read_base(in, one);
  for (OurIntroduction::Party& party : one.parties) {
    in.fill(party.contact);
    good = good && read_enum(in, IntroductionReply::no, party.reply) && read(in, party.offer) &&
           read(in, party.meet);
  }
  return good && read(in, one.given);
}

void write(e2ee::Writer& out, const TheirIntroduction& one) {
  write_base(out, one);
  out.bytes(one.by.view())
      .number(static_cast<std::uint8_t>(one.role))
      .short_text(one.name)
      .short_text(one.chosen);
  write(out, one.reply);
  write(out, one.answer);
  out.number(static_cast<std::uint8_t>(one.other ? 1 : 0));
  if (one.other) out.bytes(one.other->agreement.view()).bytes(one.other->signing.view());
  out.number(static_cast<std::uint8_t>(one.made ? 1 : 0));
  if (one.made) {
    out.bytes(one.made->prekey_secret.view());
    write_standing(out, one.made->given);
  }
  write(out, one.given);
}
bool read(e2ee::Reader& in, TheirIntroduction& one) {
  bool good = read_base(in, one);
  in.fill(one.by);
  good = good && read_enum(in, e2ee::IntroductionRole::inviter, one.role) &&
         one.role >= e2ee::IntroductionRole::acceptor;
  one.name = in.short_text();
  one.chosen = in.short_text();
  good = good && e2ee::is_valid_name(one.name) && e2ee::is_valid_name(one.chosen);
  bool there = false;
  good = good && read(in, one.reply) && read(in, one.answer) && read_flag(in, there);
  if (good && there) {
    in.fill(one.other.emplace().agreement);
    in.fill(one.other->signing);
  }
  good = good && read_flag(in, there);
  if (good && there) {
    in.fill(one.made.emplace().prekey_secret);
    good = read_standing(in, one.made->given);
  }
  return good && read(in, one.given);
}

template <class Entry>
bool read_all(e2ee::Reader& in, std::size_t max, std::deque<Entry>& out) {
  const std::size_t count = in.number<std::uint8_t>();
  if (count > max) return false;
  for (std::size_t i = 0; i < count; ++i)
    if (!read(in, out.emplace_back())) return false;
  return in.ok();
}

}  // namespace

base::Bytes IntroductionBook::save() const {
  base::Bytes out(1 + 4 + 2 + (ours.size() + theirs.size()) * kEntryMax);
  e2ee::Writer writer(out);
  writer.number(kVersion).number(last_number).number(static_cast<std::uint8_t>(ours.size()));
  for (const OurIntroduction& one : ours) write(writer, one);
  writer.number(static_cast<std::uint8_t>(theirs.size()));
  for (const TheirIntroduction& one : theirs) write(writer, one);
  out.resize(out.size() - writer.rest().size());
  return out;
}

std::optional<IntroductionBook> IntroductionBook::load(base::ByteView bytes) {
  e2ee::Reader in(bytes);
  IntroductionBook out;
  const bool known = in.number<std::uint8_t>() == kVersion;
  out.last_number = in.number<std::uint32_t>();
  if (!known || !read_all(in, kOursMax, out.ours) || !read_all(in, kTheirsMax, out.theirs) ||
      !in.finished()) {
    return std::nullopt;
  }
  return out;
}

const char* to_string(IntroductionState state) {
  switch (state) {
    case IntroductionState::offered:
      return "offered";
    case IntroductionState::accepted:
      return "accepted";
    case IntroductionState::meeting:
      return "meeting";
    case IntroductionState::met:
      return "met";
    case IntroductionState::known:
      return "known";
    case IntroductionState::declined:
      return "declined";
    case IntroductionState::refused:
      return "refused";
    case IntroductionState::lapsed:
      return "lapsed";
  }
  return "unknown";
}

const char* to_string(IntroductionWord::State state) {
  switch (state) {
    case IntroductionWord::State::unsaid:
      return "unsaid";
    case IntroductionWord::State::due:
      return "due";
    case IntroductionWord::State::underway:
      return "underway";
    case IntroductionWord::State::delivered:
      return "delivered";
    case IntroductionWord::State::expired:
      return "expired";
  }
  return "unknown";
}

const char* to_string(IntroductionReply reply) {
  switch (reply) {
    case IntroductionReply::none:
      return "none";
    case IntroductionReply::yes:
      return "yes";
    case IntroductionReply::no:
      return "no";
  }
  return "unknown";
}

}  // namespace chaski::node
