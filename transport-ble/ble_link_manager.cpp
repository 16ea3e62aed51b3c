// SPDX-License-Identifier: Apache-2.0
#include "transport-ble/ble_link_manager.hpp"

#include <algorithm>
#include <set>

namespace chaski::transport_ble {

BleLinkManager::BleLinkManager(std::size_t budget, base::Random& random)
    : random_(random), heard_(random), slots_(budget) {}

void BleLinkManager::lose_everything() {
  heard_.clear();
  slots_.clear();
  pending_.clear();
  refused_.clear();
  passers_by_.clear();
  removes_.clear();
  dial_.reset();
  on_air_.reset();
  scan_ = Radio::kOff;
  advertised_ = Radio::kOff;
}

void BleLinkManager::adapter(Adapter state, bool extended, base::Time now) {
  extended_ = extended;
  if (state == adapter_) return;
  lose_everything();
  if (state == Adapter::kAbsent) registered_ = false;
  adapter_ = state;
  if (state != Adapter::kReady) return;
  ready_since_ = now;
  scan_cycle_ = now;
  register_at_ = scan_at_ = advertise_at_ = now;
  // An advertisement of ours may have outlived the power; nothing says so.
  advertised_ = Radio::kUnsure;
  scan_ = Radio::kUnsure;
  begin_period(now);
}

void BleLinkManager::begin_period(base::Time now) {
  tag_ = random_.bytes<Tag>();
  period_since_.reset();
  quiet_ = false;
  rotate_asked_ = false;
  heard_.set_own(tag_, wishes_.held, wishes_.asking, now);
}

void BleLinkManager::rotate(base::Time now) {
  rotate_asked_ = true;
  advance(now);
}

void BleLinkManager::wish(const Wishes& wishes, base::Time now) {
  wishes_ = wishes;
  heard_.set_own(tag_, wishes.held, wishes.asking, now);
}

void BleLinkManager::heard(Device device, const Datum& datum, int rssi, base::Time now) {
  if (adapter_ != Adapter::kReady || datum.tag == tag_) return;
  heard_.hear(device, datum, rssi, now);
}

/// Whether the device was one of those, of which it is none from now on.
bool BleLinkManager::passed_by(Device device) {
  return std::erase_if(passers_by_, [&](const auto& one) { return one.device == device; }) != 0;
}

void BleLinkManager::passes_by(Device device, base::Time now) {
  if (adapter_ != Adapter::kReady || slots_.find(device) != nullptr) return;
  passed_by(device);
  if (passers_by_.size() == kRefusedMax) return refuse(device, now);
  passers_by_.push_back({device, now});
}

bool BleLinkManager::connected(Device device, base::Time now) {
  if (adapter_ != Adapter::kReady) return false;
  passed_by(device);
  if (Slot* slot = slots_.find(device)) {
    if (dial_ && dial_->device == device) {
      // Both dialled: between two addresses there is one connection, and this is it. The dial
      // still ends with its own answer.
      slot->state = Slot::State::kOpen;
      heard_.linked(dial_->tag, now);
    }
    return slot->state == Slot::State::kOpen;
  }
  if (!slots_.room_for_stranger()) {
    turned_away_ = now + kLongTurn;
    refuse(device, now);
    return false;
  }
  if (refused_.erase(device) != 0) heard_.freed(device);
  slots_.take(device, Slot::State::kOpen, false, now);
  return true;
}

void BleLinkManager::disconnected(Device device, base::Time now) {
  passed_by(device);
  if (refused_.erase(device) != 0) heard_.freed(device);
  const Slot* slot = slots_.find(device);
  // A dial ends with its own answer.
  if (slot != nullptr && slot->state != Slot::State::kDialling) free_slot(device, now);
}

void BleLinkManager::free_slot(Device device, base::Time now) {
  const Slot* slot = slots_.find(device);
  if (slot == nullptr) return;
  if (slot->tag) heard_.link_ended(*slot->tag, now);
  slots_.free(device);
  heard_.freed(device);
}

void BleLinkManager::said(Device device, const Tag& tag) {
  Slot* slot = slots_.find(device);
  if (slot != nullptr && !slot->ours) slot->tag = tag;
}

void BleLinkManager::authenticated(Device device, const Neighbour& neighbour, base::Time now) {
  Slot* slot = slots_.find(device);
  if (slot == nullptr) return;
  slot->neighbour = neighbour;
  if (!slot->tag) return;
  if (slot->ours) {
    // The owner closes one of two links to one neighbour; dialling again would make a third.
    if (slots_.is_neighbour(neighbour, device)) heard_.leave_alone(*slot->tag);
  } else {
    heard_.claimed(*slot->tag, device, now);
  }
}

void BleLinkManager::carried(Device device, base::Time now) {
  if (Slot* slot = slots_.find(device)) slot->last_carried = now;
}

void BleLinkManager::waiting_for(Device device, bool waiting) {
  if (Slot* slot = slots_.find(device)) slot->waiting = waiting;
}

void BleLinkManager::close(Device device, base::Time now) {
  Slot* slot = slots_.find(device);
  if (slot == nullptr || slot->state != Slot::State::kOpen) return;
  slot->state = Slot::State::kClosing;
  slot->next_hang_up = now;
}

void BleLinkManager::refuse(Device device, base::Time now) {
  if (refused_.size() < kRefusedMax) refused_.try_emplace(device, now);
}

void BleLinkManager::reconcile(std::span<const Device> connected, base::Time now) {
  if (adapter_ != Adapter::kReady) return;
  const std::set<Device> really(connected.begin(), connected.end());
  std::vector<Device> gone;
  for (const auto& [device, slot] : slots_.all()) {
    if (slot.state != Slot::State::kDialling && !really.contains(device)) gone.push_back(device);
  }
  for (const Device device : gone) free_slot(device, now);
  std::erase_if(refused_, [&](const auto& item) {
    if (really.contains(item.first)) return false;
    heard_.freed(item.first);
    return true;
  });
  std::erase_if(passers_by_, [&](const auto& one) { return !really.contains(one.device); });
  for (const Device device : really) {
    const bool passes = std::any_of(passers_by_.begin(), passers_by_.end(),
                                    [&](const auto& one) { return one.device == device; });
    if (!passes && slots_.find(device) == nullptr) refuse(device, now);
  }
}

void BleLinkManager::answered(std::uint64_t id, Answer answer, base::Time now) {
  const auto command = pending_.take(id);
  if (!command) return;
  if (answer == Answer::kUnsure) {
    late(*command, now);
    return advance(now);
  }
  switch (command->verb) {
    case Verb::kRegister:
      registered_ = answer == Answer::kDone;
      register_at_ = now + kRegisterPause;
      break;
    case Verb::kStartScan:
    case Verb::kStopScan:
      scan_answered(*command, answer, now);
      break;
    case Verb::kAdvertise:
    case Verb::kWithdraw:
      advertise_answered(*command, answer, now);
      break;
    case Verb::kDial:
    case Verb::kRemove:
      dial_answered(*command, answer, now);
      break;
    case Verb::kCallOff:
    case Verb::kHangUp:
      break;  // what they lead to is said by others
  }
  advance(now);
}

void BleLinkManager::scan_answered(const Command& command, Answer answer, base::Time now) {
  if (command.verb == Verb::kStartScan && answer == Answer::kDone) {
    scan_ = Radio::kOn;
    return;
  }
  // Who cannot start does not scan; BlueZ refuses to stop what does not run.
  scan_ = Radio::kOff;
  if (answer == Answer::kFailed) scan_at_ = now + kRetryPause;
}

void BleLinkManager::advertise_answered(const Command& command, Answer answer, base::Time now) {
  if (answer == Answer::kFailed) advertise_at_ = now + kRetryPause;
  if (command.verb == Verb::kWithdraw) {
    // BlueZ refuses to withdraw only what it does not have.
    advertised_ = Radio::kOff;
    on_air_.reset();
    return;
  }
  if (answer == Answer::kFailed) {
    advertised_ = Radio::kUnsure;
    return;
  }
  advertised_ = Radio::kOn;
  on_air_ = OnAir{command.datum, command.interval};
  on_air_changed_ = now;
  // What begins a period is no change of its datum.
  datum_changed_ = command.datum.tag == tag_ && period_since_.has_value();
  if (command.datum.tag == tag_ && !period_since_) period_since_ = now;
}

void BleLinkManager::dial_answered(const Command& command, Answer answer, base::Time now) {
  if (!dial_ || dial_->device != command.device) return;
  Slot* slot = slots_.find(dial_->device);
  if (command.verb == Verb::kDial && answer == Answer::kDone && slot != nullptr &&
      slot->state == Slot::State::kDialling) {
    const bool wanted = dial_->phase == Dial::Phase::kDialling;
    slot->state = wanted ? Slot::State::kOpen : Slot::State::kClosing;
    slot->since = slot->last_carried = slot->next_hang_up = now;
    heard_.linked(dial_->tag, now);
  }
  end_dial(now);
}

void BleLinkManager::end_dial(base::Time now) {
  const Dial dial = *dial_;
  dial_.reset();
  pending_.forget(Verb::kDial, dial.device);
  pending_.forget(Verb::kCallOff, dial.device);
  const Slot* slot = slots_.find(dial.device);
  if (slot == nullptr || slot->state != Slot::State::kDialling) return;
  slots_.free(dial.device);
  heard_.freed(dial.device);
  heard_.failed(dial.tag, now);
  if (dial.phase != Dial::Phase::kRemoving) remove_later(dial.device);
}

void BleLinkManager::remove_later(Device device) {
  if (removes_.size() < kHeardMax) removes_.push_back(device);
}

void BleLinkManager::late(const Command& command, base::Time now) {
  switch (command.verb) {
    case Verb::kRegister:
      register_at_ = now + kRegisterPause;
      break;
    case Verb::kStartScan:
    case Verb::kStopScan:
      scan_ = Radio::kUnsure;
      scan_at_ = now + kRetryPause;
      break;
    case Verb::kAdvertise:
    case Verb::kWithdraw:
      advertised_ = Radio::kUnsure;
      advertise_at_ = now + kRetryPause;
      break;
    case Verb::kRemove:
      if (dial_ && dial_->device == command.device) end_dial(now);
      break;
    case Verb::kDial:
    case Verb::kCallOff:
    case Verb::kHangUp:
      break;  // each has its own time
  }
}

void BleLinkManager::check_period(base::Time now) {
  if (!period_since_) return;
  const auto age = extended_ ? kAddressAge - kAddressSlack : kAddressAge + kAddressSlack;
  if ((rotate_asked_ && extended_) || *period_since_ + age <= now) {
    begin_period(now);
  } else if (!extended_ && (rotate_asked_ || *period_since_ + kAddressAge - kQuietBefore <= now)) {
    quiet_ = true;
  }
}

void BleLinkManager::check_links(base::Time now) {
  for (auto& [device, slot] : slots_.all()) {
    const bool stranger = slot.state == Slot::State::kOpen && !slot.neighbour;
    if (stranger && slot.since + kStrangerMax <= now) close(device, now);
  }
  const bool wanted = turned_away_ > now || candidate(now).has_value();
  const bool leaving = slots_.open() < slots_.size();
  if (slots_.full() && wanted && !leaving) {
    if (const auto device = slots_.give_way(now)) close(*device, now);
  }
}

/// Those who came first stay: a program's own connection is not ended for who comes to take all.
void BleLinkManager::check_passers_by(base::Time now) {
  while (passers_by_.size() > kPassersByMax) {
    const auto first = passers_by_[kPassersByMax];
    if (first.since + kStrangerMax > now) return;
    passed_by(first.device);
    refuse(first.device, now);
  }
}

void BleLinkManager::advance(base::Time now) {
  if (adapter_ != Adapter::kReady) return;
  for (const Command& command : pending_.take_late(now)) late(command, now);
  for (const Device device : heard_.forget_silent(now)) {
    if (slots_.find(device) == nullptr) remove_later(device);
  }
  check_period(now);
  check_links(now);
  check_passers_by(now);
  const Rhythm rhythm = rhythm_of(surroundings(now));
  if (rhythm.scan_for != rhythm_.scan_for || rhythm.scan_every != rhythm_.scan_every) {
    scan_cycle_ = now;
  }
  rhythm_ = rhythm;
}

}  // namespace chaski::transport_ble
