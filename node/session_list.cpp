// SPDX-License-Identifier: Apache-2.0
#include "node/session_list.hpp"

#include "e2ee/codec.hpp"
#include "node/contact_book.hpp"

namespace chaski::node {
namespace {

constexpr std::uint8_t kVersion = 2;
constexpr std::size_t kHead = 1 + 1 + 8 + 8;
constexpr std::size_t kEachHead = 1 + 8 + 8 + 8 + 4;
constexpr std::uint8_t kWeInvited = 1;
constexpr std::uint8_t kHeard = 2;
constexpr std::uint64_t kNever = UINT64_MAX;

std::uint64_t number_of(base::Time time) {
  return static_cast<std::uint64_t>(base::to_us(time));
}
base::Time time_of(std::uint64_t number) {
  return base::from_us(static_cast<std::int64_t>(number));
}

std::optional<HeldSession> read_one(e2ee::Reader& in) {
  const auto flags = in.number<std::uint8_t>();
  const auto generation = in.number<std::uint64_t>();
  wire::DeliveryTag tag;
  in.fill(tag);
  const auto superseded = in.number<std::uint64_t>();
  auto session = e2ee::Session::load(in.bytes(in.number<std::uint32_t>()));
  if (!session || (flags & ~(kWeInvited | kHeard)) != 0 || generation > e2ee::kGenerationMax) {
    return std::nullopt;
  }
  HeldSession out{std::move(*session), (flags & kWeInvited) != 0, generation, tag,
                  (flags & kHeard) != 0, std::nullopt};
  if (superseded != kNever) out.superseded = time_of(superseded);
  return out;
}

}  // namespace

bool outranks(const HeldSession& a, const HeldSession& b) {
  if (a.generation != b.generation) return a.generation > b.generation;
  return a.answer_tag < b.answer_tag;
}

std::optional<std::size_t> writing_index(const std::vector<HeldSession>& sessions) {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < sessions.size(); ++i)
    if (!best || outranks(sessions[i], sessions[*best])) best = i;
  return best;
}

bool mark_superseded(std::vector<HeldSession>& sessions, base::Time now) {
  bool changed = false;
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    if (sessions[i].superseded) continue;
    for (std::size_t later = i + 1; later < sessions.size(); ++later) {
      if (!sessions[later].heard || !outranks(sessions[later], sessions[i])) continue;
      sessions[i].superseded = now;
      changed = true;
      break;
    }
  }
  return changed;
}

std::size_t least_index(const std::vector<HeldSession>& sessions) {
  std::size_t least = 0;
  for (std::size_t i = 1; i + 1 < sessions.size(); ++i)
    if (outranks(sessions[least], sessions[i])) least = i;
  return least;
}

base::Bytes save_sessions(const std::vector<HeldSession>& sessions,
                          const Unanswered& unanswered) {
  base::Bytes out(kHead);
  e2ee::Writer(out)
      .number(kVersion)
      .number(static_cast<std::uint8_t>(sessions.size()))
      .number(number_of(unanswered.since))
      .number(number_of(unanswered.until));
  for (const HeldSession& held : sessions) {
    const base::Bytes bytes = held.session.save();
    const std::size_t at = out.size();
    out.resize(at + kEachHead + bytes.size());
    const auto flags =
        static_cast<std::uint8_t>((held.we_invited ? kWeInvited : 0) | (held.heard ? kHeard : 0));
    e2ee::Writer(base::MutableByteView(out).subspan(at))
        .number(flags)
        .number(held.generation)
        .bytes(held.answer_tag.view())
        .number(held.superseded ? number_of(*held.superseded) : kNever)
        .number(static_cast<std::uint32_t>(bytes.size()))
        .bytes(bytes);
  }
  return out;
}

std::optional<SessionList> load_sessions(base::ByteView bytes) {
  e2ee::Reader in(bytes);
  const bool known = in.number<std::uint8_t>() == kVersion;
  const std::size_t count = in.number<std::uint8_t>();
  SessionList out;
  out.unanswered.since = time_of(in.number<std::uint64_t>());
  out.unanswered.until = time_of(in.number<std::uint64_t>());
  if (!in.ok() || !known || count > ContactBook::kSessionsMax) return std::nullopt;
  for (std::size_t i = 0; i < count; ++i) {
    auto one = read_one(in);
    if (!one || !in.ok()) return std::nullopt;
    out.sessions.push_back(std::move(*one));
  }
  if (!in.finished()) return std::nullopt;
  return out;
}

}  // namespace chaski::node
