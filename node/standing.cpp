// SPDX-License-Identifier: Apache-2.0
#include "node/standing.hpp"

#include <algorithm>

#include "base/hex.hpp"
#include "e2ee/codec.hpp"
#include "e2ee/session.hpp"

namespace chaski::node {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kTheirsSize = e2ee::PrekeyPublic::kSize + e2ee::RendezvousSecret::kSize;
constexpr std::size_t kOursSize = e2ee::PrekeySecret::kSize + kTheirsSize;
constexpr std::size_t kFixedSize =
    1 + 3 * 8 + 1 + 1 + 8 + 1 + 8 + wire::EnvelopeId::kSize + 8 + 1 + 8 + 8 + 1 + 8;

std::uint64_t number_of(base::Time time) {
  return static_cast<std::uint64_t>(base::to_us(time));
}
base::Time read_time(e2ee::Reader& in) {
  return base::from_us(static_cast<std::int64_t>(in.number<std::uint64_t>()));
}
std::uint8_t size_of(std::size_t size) { return static_cast<std::uint8_t>(size); }

}  // namespace

bool Standing::was_used(const wire::DeliveryTag& tag) const {
  return std::find(used.begin(), used.end(), tag) != used.end();
}

void Standing::use(const wire::DeliveryTag& tag) {
  std::erase_if(theirs, [&tag](const auto& one) { return one.answer_tag() == tag; });
  if (was_used(tag)) return;
  used.push_back(tag);
  if (used.size() > kUsedMax) used.pop_front();
}

base::Bytes Standing::save() const {
  base::Bytes out(kFixedSize + theirs.size() * kTheirsSize +
                  used.size() * wire::DeliveryTag::kSize + ours.size() * kOursSize);
  e2ee::Writer writer(out);
  writer.number(kVersion)
      .number(generation_seen)
      .number(theirs_generation)
      .number(theirs_serial)
      .number(size_of(theirs.size()));
  for (const auto& one : theirs) writer.bytes(one.prekey.view()).bytes(one.rendezvous.view());
  writer.number(size_of(used.size()));
  for (const auto& tag : used) writer.bytes(tag.view());
  writer.number(our_serial).number(size_of(ours.size()));
  for (const auto& one : ours) {
    writer.bytes(one.prekey_secret.view())
        .bytes(one.given.prekey.view())
        .bytes(one.given.rendezvous.view());
  }
  writer.number(number_of(give_at))
      .bytes(given_in.view())
      .number(number_of(given_until))
      .number(static_cast<std::uint8_t>(given ? 1 : 0))
      .number(number_of(heal_at))
      .number(number_of(healed_at))
      .number(unheard)
      .number(static_cast<std::uint64_t>(renewed_unix_s));
  return out;
}

Standing Standing::for_backup() const {
  Standing out;
  out.generation_seen = generation_seen;
  out.theirs_generation = theirs_generation;
  out.theirs_serial = theirs_serial;
  out.theirs = theirs;
  out.used = used;
  return out;
}

std::optional<Standing> Standing::load(base::ByteView bytes) {
  e2ee::Reader in(bytes);
  Standing out;
  const bool known = in.number<std::uint8_t>() == kVersion;
  out.generation_seen = in.number<std::uint64_t>();
  out.theirs_generation = in.number<std::uint64_t>();
  out.theirs_serial = in.number<std::uint64_t>();
  const std::size_t theirs = in.number<std::uint8_t>();
  if (!known || theirs > e2ee::Prekeys::kMax) return std::nullopt;
  out.theirs.resize(theirs);
  for (auto& one : out.theirs) {
    in.fill(one.prekey);
    in.fill(one.rendezvous);
  }
  const std::size_t used = in.number<std::uint8_t>();
  if (used > kUsedMax) return std::nullopt;
  out.used.resize(used);
  for (auto& tag : out.used) in.fill(tag);
  out.our_serial = in.number<std::uint64_t>();
  const std::size_t ours = in.number<std::uint8_t>();
  if (ours > kGiven) return std::nullopt;
  out.ours.resize(ours);
  for (auto& one : out.ours) {
    in.fill(one.prekey_secret);
    in.fill(one.given.prekey);
    in.fill(one.given.rendezvous);
  }
  out.give_at = read_time(in);
  in.fill(out.given_in);
  out.given_until = read_time(in);
  const auto given = in.number<std::uint8_t>();
  out.given = given == 1;
  out.heal_at = read_time(in);
  out.healed_at = read_time(in);
  out.unheard = in.number<std::uint8_t>();
  out.renewed_unix_s = static_cast<std::int64_t>(in.number<std::uint64_t>());
  const bool generations_fit = out.generation_seen <= e2ee::kGenerationMax &&
                               out.theirs_generation <= e2ee::kGenerationMax;
  if (!in.finished() || given > 1 || !generations_fit) return std::nullopt;
  return out;
}

std::string standing_name(base::ByteView contact_id) {
  return "standing/" + base::to_hex(contact_id);
}

}  // namespace chaski::node
