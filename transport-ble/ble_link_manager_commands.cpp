// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "transport-ble/ble_link_manager.hpp"

namespace chaski::transport_ble {

Command BleLinkManager::give(Verb verb, base::Time now, Device device) {
  Command command;
  command.verb = verb;
  command.device = device;
  // A dial is called off instead.
  const auto deadline = verb == Verb::kDial ? std::nullopt : std::optional(now + kCommandPatience);
  return pending_.add(command, deadline);
}

std::optional<HeardTable::Candidate> BleLinkManager::candidate(base::Time now) {
  if (dial_) return std::nullopt;
  for (std::size_t i = 0; i < slots_.budget() + 1; ++i) {
    const auto next = heard_.next(now);
    if (!next) return std::nullopt;
    const bool taken = slots_.find(next->device) != nullptr || refused_.contains(next->device);
    if (!taken) return next;
    // A connection to this very address is there, under another tag or not yet gone.
    heard_.occupied(next->tag);
  }
  return std::nullopt;
}

Surroundings BleLinkManager::surroundings(base::Time now) const {
  Surroundings around;
  around.on_battery = wishes_.on_battery;
  around.waiting = wishes_.waiting || wishes_.asking || turned_away_ > now || dial_ ||
                   heard_.next(now).has_value();
  around.full = slots_.full();
  around.heard = heard_.size();
  const base::Time since = std::max(ready_since_, heard_.last_heard().value_or(ready_since_));
  if (slots_.size() == 0) around.alone = now - since;
  return around;
}

/// Whether a scan or a dial would make the kernel take the address of the next period too early.
bool BleLinkManager::deaf(base::Time now) const {
  return !extended_ && period_since_ && *period_since_ + kAddressAge - kQuietBefore <= now;
}

bool BleLinkManager::wants_scan(base::Time now) const {
  if (dial_ || deaf(now) || rhythm_.scan_for.count() == 0) return false;
  return (now - scan_cycle_) % rhythm_.scan_every < rhythm_.scan_for;
}

std::optional<Command> BleLinkManager::hang_up_command(base::Time now) {
  for (auto& [device, slot] : slots_.all()) {
    if (slot.state != Slot::State::kClosing || slot.next_hang_up > now) continue;
    slot.next_hang_up = now + kCommandPatience;
    const bool stubborn = slot.hang_ups++ >= kHangUpsMax;
    return give(stubborn ? Verb::kRemove : Verb::kHangUp, now, device);
  }
  for (auto& [device, at] : refused_) {
    if (at > now) continue;
    at = now + kCommandPatience;
    return give(Verb::kHangUp, now, device);
  }
  return std::nullopt;
}

BleLinkManager::OnAir BleLinkManager::wanted_on_air(base::Time) const {
  OnAir wanted;
  wanted.datum.tag = tag_;
  wanted.datum.print = print_of(wishes_.held, tag_);
  wanted.datum.dial_me = wishes_.asking;
  wanted.datum.no_slot = slots_.full();
  wanted.interval = rhythm_.advertise_every;
  return wanted;
}

std::optional<Command> BleLinkManager::advertise_command(base::Time now) {
  if (advertise_at_ > now) return std::nullopt;
  if (advertised_ == Radio::kStarting || advertised_ == Radio::kStopping) return std::nullopt;
  const OnAir wanted = wanted_on_air(now);
  const bool other = on_air_ && (quiet_ || on_air_->datum.tag != tag_);
  if (advertised_ == Radio::kUnsure || (advertised_ == Radio::kOn && other)) {
    advertised_ = Radio::kStopping;
    return give(Verb::kWithdraw, now);
  }
  if (quiet_ || !registered_) return std::nullopt;
  if (advertised_ == Radio::kOn) {
    const bool first = !datum_changed_ && on_air_ && on_air_->datum != wanted.datum;
    if (on_air_ == wanted || (!first && on_air_changed_ + kPrintPause > now)) return std::nullopt;
  }
  advertised_ = Radio::kStarting;
  Command command;
  command.verb = Verb::kAdvertise;
  command.datum = wanted.datum;
  command.interval = wanted.interval;
  return pending_.add(command, now + kCommandPatience);
}

std::optional<Command> BleLinkManager::dial_command(base::Time now) {
  if (dial_) {
    if (dial_->until > now) return std::nullopt;
    const Slot* slot = slots_.find(dial_->device);
    if (slot == nullptr || slot->state != Slot::State::kDialling) {
      // They dialled us meanwhile. Calling off would end that link; BlueZ gets its time to answer.
      if (dial_->phase != Dial::Phase::kDialling) end_dial(now);
      if (dial_) dial_->phase = Dial::Phase::kCallingOff;
      if (dial_) dial_->until = now + kCallOffPatience;
      return std::nullopt;
    }
    switch (dial_->phase) {
      case Dial::Phase::kDialling:
        dial_->phase = Dial::Phase::kCallingOff;
        dial_->until = now + kCallOffPatience;
        return give(Verb::kCallOff, now, dial_->device);
      case Dial::Phase::kCallingOff:
        dial_->phase = Dial::Phase::kRemoving;
        return give(Verb::kRemove, now, dial_->device);
      case Dial::Phase::kRemoving:
        return std::nullopt;  // answered or late
    }
  }
  if (slots_.full() || deaf(now)) return std::nullopt;
  const auto whom = candidate(now);
  if (!whom || scan_ != Radio::kOff || pending_.any(Verb::kRemove, whom->device)) {
    return std::nullopt;
  }
  dial_ = Dial{whom->tag, whom->device, now + kDialPatience};
  slots_.take(whom->device, Slot::State::kDialling, true, now).tag = whom->tag;
  heard_.dialled(whom->tag, now);
  std::erase(removes_, whom->device);
  return give(Verb::kDial, now, whom->device);
}

std::optional<Command> BleLinkManager::scan_command(base::Time now) {
  const bool dial_next = !slots_.full() && candidate(now).has_value();
  const bool wanted = wants_scan(now) && !dial_next;
  if (scan_at_ > now) return std::nullopt;
  if (scan_ == Radio::kUnsure || (scan_ == Radio::kOn && !wanted)) {
    scan_ = Radio::kStopping;
    return give(Verb::kStopScan, now);
  }
  if (scan_ == Radio::kOff && wanted) {
    scan_ = Radio::kStarting;
    return give(Verb::kStartScan, now);
  }
  return std::nullopt;
}

std::optional<Command> BleLinkManager::remove_command(base::Time now) {
  if (removes_.empty() || pending_.count(Verb::kRemove) >= kRemovesMax) return std::nullopt;
  const Device device = removes_.front();
  removes_.pop_front();
  if (slots_.find(device) != nullptr) return std::nullopt;
  return give(Verb::kRemove, now, device);
}

std::optional<Command> BleLinkManager::next_command(base::Time now) {
  if (adapter_ != Adapter::kReady) return std::nullopt;
  advance(now);
  if (auto command = hang_up_command(now)) return command;
  if (!registered_ && register_at_ <= now && !pending_.any(Verb::kRegister)) {
    return give(Verb::kRegister, now);
  }
  if (auto command = advertise_command(now)) return command;
  if (auto command = dial_command(now)) return command;
  if (auto command = scan_command(now)) return command;
  return remove_command(now);
}

std::optional<base::Time> BleLinkManager::next_wakeup(base::Time now) const {
  if (adapter_ != Adapter::kReady) return std::nullopt;
  std::optional<base::Time> soonest;
  const auto at = [&](std::optional<base::Time> time) {
    if (time && *time > now && (!soonest || *time < *soonest)) soonest = time;
  };
  at(pending_.next_deadline());
  at(heard_.next_at(now));
  at(heard_.next_silence(now));
  if (slots_.full()) at(slots_.next_give_way(now));
  for (const auto& [device, slot] : slots_.all()) {
    if (slot.state == Slot::State::kClosing) at(slot.next_hang_up);
    if (!slot.neighbour) at(slot.since + kStrangerMax);
  }
  for (const auto& [device, next] : refused_) at(next);
  if (passers_by_.size() > kPassersByMax) at(passers_by_[kPassersByMax].since + kStrangerMax);
  if (dial_) at(dial_->until);
  if (!registered_) at(register_at_);
  at(scan_at_);
  at(advertise_at_);
  if (on_air_ && *on_air_ != wanted_on_air(now)) at(on_air_changed_ + kPrintPause);
  if (period_since_) {
    at(*period_since_ + kAddressAge - kAddressSlack);
    at(*period_since_ + kAddressAge - kQuietBefore);
    at(*period_since_ + kAddressAge + kAddressSlack);
  }
  if (rhythm_.scan_for < rhythm_.scan_every) {
    const auto into = (now - scan_cycle_) % rhythm_.scan_every;
    at(now - into + (into < rhythm_.scan_for ? rhythm_.scan_for : rhythm_.scan_every));
  }
  // Being alone is noticed late by at most this.
  at(now + std::chrono::seconds(30));
  return soonest;
}

}  // namespace chaski::transport_ble
