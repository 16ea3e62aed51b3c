// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "sim/contacts/contact.hpp"
#include "sim/contacts/contact_trace.hpp"
#include "sim/radio/signal_field.hpp"

namespace chaski::sim {

/// The contacts of those who hear each other, by what a SignalField says at each sample.
///
/// A contact begins at the first sample at which the signal is at or above the sensitivity, and
/// ends at the first at which it is not. What happens between two samples is not seen.
class SignalContacts final : public ContactSource {
 public:
  /// `field` must outlive this and is asked by nobody else; `every` is its PathLoss::sample.
  SignalContacts(SignalField& field, base::Duration every, base::Time end)
      : field_(field), every_(every), end_(end) {}

  std::uint32_t nodes() const override { return field_.nodes(); }
  base::Time end() const override { return end_; }
  std::optional<ContactChange> next() override;

 private:
  void look();

  SignalField& field_;
  base::Duration every_;
  base::Time end_;
  base::Time at_{};                    ///< of the next sample
  std::vector<std::uint64_t> before_;  ///< who heard each other at the last one
  std::vector<ContactChange> changes_;
  std::size_t given_ = 0;
};

/// The same contacts but that those of a pair which lie at most `fade` apart are one.
ContactTrace without_fades(const ContactTrace& trace, base::Duration fade);

}  // namespace chaski::sim
