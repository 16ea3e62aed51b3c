// SPDX-License-Identifier: Apache-2.0
#include "sim/routers/prophet_policy.hpp"

#include "sim/routers/router_world.hpp"

namespace chaski::sim {

namespace {

using mesh_router::Contact;
using mesh_router::Decision;
using mesh_router::HeldEnvelope;
using mesh_router::Offer;

class ProphetPolicy final : public mesh_router::ForwardingPolicy {
 public:
  explicit ProphetPolicy(const ProphetNode& node) : tables_(*node.tables), self_(node.self) {}

  void contact_up(const Contact& contact) override {
    const NodeIndex other = RouterWorld::index_of(contact.id);
    tables_.nodes[self_].met(other, tables_.nodes[other], self_, contact.since);
  }
  Decision offer(mesh_router::SlotRef, const HeldEnvelope& held, const Contact& to,
                 base::Time) override {
    const auto recipient = tables_.destinations->of(held.id);
    const NodeIndex other = RouterWorld::index_of(to.id);
    bool goes = held.is_receipt || recipient == to.id;
    if (!goes && recipient) {
      const NodeIndex target = RouterWorld::index_of(*recipient);
      goes = tables_.nodes[other].of(target) > tables_.nodes[self_].of(target);
    }
    return {goes ? Offer::push : Offer::withhold, held.copies, held.copies};
  }

 private:
  ProphetTables& tables_;
  NodeIndex self_;
};

}  // namespace

std::unique_ptr<mesh_router::ForwardingPolicy> make_prophet(base::Random&, void* user) {
  return std::make_unique<ProphetPolicy>(*static_cast<const ProphetNode*>(user));
}

}  // namespace chaski::sim
