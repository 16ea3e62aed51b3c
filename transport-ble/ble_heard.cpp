// SPDX-License-Identifier: Apache-2.0
#include "transport-ble/ble_heard.hpp"

#include <algorithm>
#include <tuple>

namespace chaski::transport_ble {
namespace {

constexpr auto before = [](const auto& item, const Tag& tag) { return item.first < tag; };

}  // namespace

HeardTable::Heard* HeardTable::find(const Tag& tag) {
  const auto it = std::lower_bound(heard_.begin(), heard_.end(), tag, before);
  if (it == heard_.end() || it->first != tag) return nullptr;
  survey_.reset();
  return &it->second;
}

HeardTable::Heard& HeardTable::add(const Tag& tag) {
  survey_.reset();
  const auto it = std::lower_bound(heard_.begin(), heard_.end(), tag, before);
  return heard_.insert(it, {tag, {}})->second;
}

void HeardTable::weigh(const Tag& tag, Heard& heard, base::Time now) const {
  const bool worth = asking_ || heard.datum.dial_me || heard.datum.print != print_of(held_, tag);
  if (!worth) {
    heard.worth_since.reset();
  } else if (!heard.worth_since) {
    heard.worth_since = now;
  }
}

void HeardTable::make_room(base::Time now) {
  const auto worth_keeping = [now](const auto& item) {
    const Heard& heard = item.second;
    return std::tuple(heard.linked, heard.not_before > now, heard.last_heard);
  };
  const auto least = std::min_element(
      heard_.begin(), heard_.end(),
      [&](const auto& a, const auto& b) { return worth_keeping(a) < worth_keeping(b); });
  set_linked(least->second, false);
  heard_.erase(least);
}

void HeardTable::hear(Device device, const Datum& datum, int rssi, base::Time now) {
  last_heard_ = now;
  Heard* heard = find(datum.tag);
  const bool known = heard != nullptr;
  if (!known) {
    survey_.reset();
    // Who has a new tag has no other: dials to the old one would be in vain.
    std::erase_if(heard_, [&](const auto& item) {
      return item.second.device == device && !item.second.linked;
    });
    if (heard_.size() >= kHeardMax) make_room(now);
    heard = &add(datum.tag);
  }
  if (heard->device != device) heard->occupied = false;
  heard->device = device;
  heard->rssi = rssi;
  heard->last_heard = now;
  heard->perhaps_gone = false;
  if (known && heard->datum == datum) return;
  heard->datum = datum;
  heard->failures = 0;
  weigh(datum.tag, *heard, now);
}

void HeardTable::set_own(const Tag& tag, const Digest& held, bool asking, base::Time now) {
  if (tag == own_ && held == held_ && asking == asking_) return;
  survey_.reset();
  own_ = tag;
  if (held == held_ && asking == asking_) return;
  held_ = held;
  asking_ = asking;
  for (auto& [theirs, heard] : heard_) weigh(theirs, heard, now);
}

base::Duration HeardTable::patience(const Tag& tag, const Heard& heard) const {
  if (linked_ >= kAmongLinks && heard.last_link && !asking_ && !heard.datum.dial_me) {
    return kAmongWait;
  }
  return own_ > tag ? kYield : base::Duration{0};
}

void HeardTable::set_linked(Heard& heard, bool linked) {
  if (heard.linked == linked) return;
  heard.linked = linked;
  linked_ = linked ? linked_ + 1 : linked_ - 1;
}

std::optional<base::Time> HeardTable::due(const Tag& tag, const Heard& heard) const {
  if (!heard.worth_since || heard.linked || heard.alone || heard.occupied) return std::nullopt;
  if (heard.perhaps_gone) return std::nullopt;
  if (heard.datum.no_slot && (own_ > tag || heard.last_link)) return std::nullopt;
  const auto turn = *heard.worth_since + patience(tag, heard);
  return std::max({turn, heard.not_before, heard.claimed_until});
}

const HeardTable::Survey& HeardTable::survey(base::Time now) const {
  if (survey_ && survey_->at <= now && now < survey_->until) return *survey_;
  const auto longest_ago = [](const Heard& heard) {
    return std::tuple(heard.last_link.value_or(base::Time::min()), -heard.rssi);
  };
  Survey& survey = survey_.emplace();
  survey.at = now;
  survey.until = base::Time::max();
  const Heard* best = nullptr;
  for (const auto& [tag, heard] : heard_) {
    const auto silent = std::max(heard.last_heard + kSilence, heard.not_before);
    if (!heard.linked && (!survey.soonest_silence || silent < *survey.soonest_silence)) {
      survey.soonest_silence = silent;
    }
    const auto at = due(tag, heard);
    if (!at) continue;
    if (*at > now) {
      if (!survey.soonest_due || *at < *survey.soonest_due) survey.soonest_due = at;
      continue;
    }
    if (heard.last_heard + kSilence <= now) continue;
    if (best == nullptr || longest_ago(heard) < longest_ago(*best)) {
      best = &heard;
      survey.best = Candidate{tag, heard.device};
    }
  }
  if (survey.soonest_due) survey.until = *survey.soonest_due;
  if (best != nullptr) survey.until = std::min(survey.until, best->last_heard + kSilence);
  return survey;
}

std::optional<HeardTable::Candidate> HeardTable::next(base::Time now) const {
  return survey(now).best;
}

std::optional<base::Time> HeardTable::next_at(base::Time now) const {
  return survey(now).soonest_due;
}

void HeardTable::dialled(const Tag& tag, base::Time now) {
  if (Heard* heard = find(tag)) heard->not_before = now + kDialPauseMin;
}

void HeardTable::failed(const Tag& tag, base::Time now) {
  Heard* heard = find(tag);
  if (heard == nullptr) return;
  const auto doubled = kDialPauseMin * (1 << std::min(heard->failures, 4));
  ++heard->failures;
  heard->perhaps_gone = true;
  const auto pause = std::min(kDialPauseMax, base::Duration(doubled));
  const double chance = 0.75 + 0.5 * random_.unit();
  const auto drawn = std::chrono::duration_cast<base::Duration>(pause * chance);
  heard->not_before = now + std::max(kDialPauseMin, drawn);
}

void HeardTable::linked(const Tag& tag, base::Time now) {
  Heard* heard = find(tag);
  if (heard == nullptr) return;
  set_linked(*heard, true);
  heard->last_link = now;
  heard->failures = 0;
}

void HeardTable::link_ended(const Tag& tag, base::Time now) {
  Heard* heard = find(tag);
  if (heard == nullptr) return;
  set_linked(*heard, false);
  heard->last_link = now;
  heard->claimed_until = now;
  heard->perhaps_gone = true;
  heard->not_before = now + kDialPauseMin;
}

void HeardTable::occupied(const Tag& tag) {
  if (Heard* heard = find(tag)) heard->occupied = true;
}

void HeardTable::freed(Device device) {
  survey_.reset();
  for (auto& [tag, heard] : heard_) {
    if (heard.device == device) heard.occupied = false;
  }
}

void HeardTable::leave_alone(const Tag& tag) {
  if (Heard* heard = find(tag)) heard->alone = true;
}

void HeardTable::claimed(const Tag& tag, Device from, base::Time now) {
  Heard* heard = find(tag);
  if (heard == nullptr) return;
  if (heard->device == from) {
    linked(tag, now);
  } else {
    heard->claimed_until = now + kClaimHolds;
  }
}

std::vector<Device> HeardTable::forget_silent(base::Time now) {
  std::vector<Device> devices;
  const auto soonest = survey(now).soonest_silence;
  if (!soonest || *soonest > now) return devices;
  survey_.reset();
  for (auto it = heard_.begin(); it != heard_.end();) {
    // Who is forgotten while a pause runs and then heard again would be dialled at once.
    const Heard& heard = it->second;
    if (!heard.linked && std::max(heard.last_heard + kSilence, heard.not_before) <= now) {
      devices.push_back(it->second.device);
      it = heard_.erase(it);
    } else {
      ++it;
    }
  }
  return devices;
}

std::optional<base::Time> HeardTable::next_silence(base::Time now) const {
  return survey(now).soonest_silence;
}

}  // namespace chaski::transport_ble
