// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <set>

#include "sim/contacts/contact.hpp"
#include "sim/world/world.hpp"

namespace chaski::sim {

/// Links that are there as long as there is contact: Wi-Fi, or the ideal.
struct ContactLinkParameters {
  LinkModel model;
  base::Duration opens_in = std::chrono::milliseconds(100);  ///< from the contact to the link
};

/// Links any two nodes of a world that are in contact, and again when their link ended.
class ContactLinks final : public Companion {
 public:
  /// From a link that ended while the contact goes on to the next.
  static constexpr base::Duration kAgain = std::chrono::seconds(1);

  /// All must outlive this.
  ContactLinks(World& world, ContactSource& contacts, const ContactLinkParameters& parameters);

  std::uint64_t contacts() const { return contacts_begun_; }
  /// A node is on again: who is near gets links.
  void powered(NodeIndex node);
  /// The radio of this node is off, or on again: it is out of everybody's reach.
  void set_silent(NodeIndex node, bool silent);

  base::Time next_time() const override;
  void step(base::Time now) override;

 private:
  using Pair = std::pair<NodeIndex, NodeIndex>;
  struct Near {
    std::optional<base::LinkId> link;
    base::Time retry_at = base::Time::max();
  };
  void join(const Pair& pair, Near& near);
  void retry(const Pair& pair, Near& near, base::Time at);
  void ended(base::LinkId link);

  World& world_;
  ContactSource& source_;
  ContactLinkParameters parameters_;
  std::optional<ContactChange> next_contact_;
  std::uint64_t contacts_begun_ = 0;
  std::map<Pair, Near> near_;
  std::map<std::uint64_t, Pair> by_link_;
  std::multimap<base::Time, Pair> retries_;
  std::set<NodeIndex> silent_;
};

}  // namespace chaski::sim
