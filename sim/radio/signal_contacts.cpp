// SPDX-License-Identifier: Apache-2.0
#include "sim/radio/signal_contacts.hpp"

#include <algorithm>
#include <iterator>

namespace chaski::sim {

std::optional<ContactChange> SignalContacts::next() {
  while (given_ == changes_.size()) {
    if (at_ > end_) return std::nullopt;
    look();
  }
  return changes_[given_++];
}

void SignalContacts::look() {
  changes_.clear();
  given_ = 0;
  const std::vector<std::uint64_t>& now = field_.who_hear_each_other(at_);
  const auto note = [&](const auto& these, const auto& others, bool up) {
    std::vector<std::uint64_t> fresh;
    std::set_difference(these.begin(), these.end(), others.begin(), others.end(),
                        std::back_inserter(fresh));
    for (const std::uint64_t pair : fresh) {
      changes_.push_back(
          {at_, static_cast<NodeIndex>(pair >> 32), static_cast<NodeIndex>(pair), up});
    }
  };
  note(before_, now, false);
  note(now, before_, true);
  before_ = now;
  at_ += every_;
}

ContactTrace without_fades(const ContactTrace& trace, base::Duration fade) {
  if (fade == base::Duration{}) return trace;
  return trace_of(merged(contacts_of(trace), fade), trace.nodes, trace.end);
}

}  // namespace chaski::sim
