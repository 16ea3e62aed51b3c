// SPDX-License-Identifier: Apache-2.0
#include "node/deletions.hpp"

#include <algorithm>

#include "e2ee/codec.hpp"
#include "node/keeping.hpp"
#include "wire/limits.hpp"

namespace chaski::node {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kRowSize = e2ee::PersonId::kSize + wire::EnvelopeId::kSize + 8;

}  // namespace

Deletions::Deletions(PeopleStore& people) : people_(people) {
  load();
}

/// Version, then for each: contact, envelope, until when in microseconds.
void Deletions::load() {
  const auto bytes = people_.load_value(kDeletionsValue);
  if (!bytes) return;
  e2ee::Reader in(*bytes);
  if (in.number<std::uint8_t>() != kVersion) return;
  while (in.ok() && in.rest().size() >= kRowSize && waiting_.size() < kWaitingMax) {
    Waiting one;
    in.fill(one.contact);
    in.fill(one.envelope);
    one.until = base::from_us(static_cast<std::int64_t>(in.number<std::uint64_t>()));
    waiting_.push_back(one);
  }
}

bool Deletions::save_if_changed() {
  if (!std::exchange(changed_, false)) return false;
  base::Bytes bytes(1 + waiting_.size() * kRowSize);
  e2ee::Writer out(bytes);
  out.number(kVersion);
  for (const Waiting& one : waiting_) {
    out.bytes(one.contact.view())
        .bytes(one.envelope.view())
        .number(static_cast<std::uint64_t>(base::to_us(one.until)));
  }
  people_.save_value(kDeletionsValue, bytes);
  return true;
}

void Deletions::add(const e2ee::PersonId& contact, const wire::EnvelopeId& envelope,
                    base::Time now) {
  const auto is_theirs = [&contact](const Waiting& one) { return one.contact == contact; };
  const auto theirs = std::count_if(waiting_.begin(), waiting_.end(), is_theirs);
  if (theirs >= static_cast<std::ptrdiff_t>(kFromContactMax)) {
    waiting_.erase(std::find_if(waiting_.begin(), waiting_.end(), is_theirs));
  } else if (waiting_.size() >= kWaitingMax) {
    waiting_.pop_front();
  }
  waiting_.push_back({.contact = contact,
                      .envelope = envelope,
                      .until = now + std::chrono::seconds(wire::kLifetimeMax_s)});
  changed_ = true;
}

bool Deletions::take(const e2ee::PersonId& contact, const wire::EnvelopeId& envelope) {
  const auto found = std::find_if(waiting_.begin(), waiting_.end(), [&](const Waiting& one) {
    return one.envelope == envelope && one.contact == contact;
  });
  if (found == waiting_.end()) return false;
  waiting_.erase(found);
  changed_ = true;
  return true;
}

void Deletions::expire(base::Time now) {
  while (!waiting_.empty() && waiting_.front().until <= now) {
    waiting_.pop_front();
    changed_ = true;
  }
}

}  // namespace chaski::node
