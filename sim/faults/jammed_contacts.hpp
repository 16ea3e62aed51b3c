// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <set>
#include <vector>

#include "base/random.hpp"
#include "sim/contacts/contact.hpp"
#include "sim/faults/people_faults.hpp"

namespace chaski::sim {

/// What is left of contacts among jammers.
///
/// A jammer is somebody of the world without a node. Whoever is in contact with one that is on, and
/// within its reach, hears nothing and is heard by nobody: its contacts are interrupted until it is
/// out of that reach or the jammer is off. Contacts of jammers themselves are left out.
class JammedContacts final : public ContactSource {
 public:
  /// Of all that passed so far.
  struct Toll {
    std::uint64_t interruptions = 0;  ///< contacts that were cut, or not made, by a jammer
    double lost_s = 0;                ///< of contact between others, summed over pairs
    double contact_s = 0;             ///< the same, of what there was without jammers
  };

  /// `source` must outlive this. Phases and reach are drawn from `seed`.
  JammedContacts(ContactSource& source, const std::vector<NodeIndex>& jammers, const Jamming& rules,
                 std::uint64_t seed);

  std::uint32_t nodes() const override { return source_.nodes(); }
  base::Time end() const override { return source_.end(); }
  std::optional<ContactChange> next() override;
  /// Pairs that are in contact now are counted up to `now`.
  Toll toll(base::Time now) const;

 private:
  using Pair = std::pair<NodeIndex, NodeIndex>;
  struct Jammer {
    bool on = true;
    std::set<NodeIndex> reached;  ///< in contact and near enough
  };
  struct Met {
    base::Time since{};       ///< of the contact
    base::Time lost_since{};  ///< of the interruption
    bool there = false;       ///< in contact
    bool lost = false;        ///< and interrupted
    bool told = false;        ///< as a contact that is left
    double lost_s = 0;        ///< in interruptions before
  };
  void take(const ContactChange& change);
  void contact_of_jammer(NodeIndex jammer, NodeIndex other, bool up);
  void toggle(base::Time at, NodeIndex jammer);
  void press(NodeIndex node, int by);
  void tell(base::Time at);
  bool jammed(NodeIndex node) const { return pressure_[node] > 0; }
  static void settle(const Met& met, base::Time now, Toll& toll);

  ContactSource& source_;
  Jamming rules_;
  base::SeededRandom random_;
  std::optional<ContactChange> coming_;
  std::map<NodeIndex, Jammer> jammers_;
  std::multimap<base::Time, NodeIndex> toggles_;
  std::vector<int> pressure_;              ///< jammers that reach a node now
  std::vector<std::set<NodeIndex>> near_;  ///< who is in contact, jammers left out
  std::map<Pair, Met> met_;
  std::set<Pair> touched_;  ///< in this moment
  std::deque<ContactChange> out_;
  Toll over_;  ///< of contacts that ended
};

}  // namespace chaski::sim
