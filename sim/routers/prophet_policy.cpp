// SPDX-License-Identifier: Apache-2.0
#include "sim/routers/prophet_policy.hpp"

#include <algorithm>
#include <cmath>

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

void Predictabilities::age(base::Time now) {
  const double units = static_cast<double>((now - aged_).count()) * 1'000 /
                       static_cast<double>(typical_.count());
  const double factor = std::pow(kGamma, units);
  for (Value& value : values_) value.p *= factor;
  aged_ = now;
}

void Predictabilities::raise(Value& value, base::Time now) const {
  const double share =
      static_cast<double>((now - value.met).count()) / static_cast<double>(typical_.count());
  const double encounter = kEncounterMax * std::min(1.0, share);
  value.p = value.p < kFirstThreshold ? kEncounterFirst
                                      : value.p + (1 - kDelta - value.p) * encounter;
  value.met = now;
}

void Predictabilities::met(NodeIndex other, const Predictabilities& others, NodeIndex self,
                           base::Time now) {
  values_.resize(std::max<std::size_t>({values_.size(), others.values_.size(), other + 1u}));
  age(now);
  raise(values_[other], now);
  for (NodeIndex node = 0; node < others.values_.size(); ++node) {
    if (node == self || node == other) continue;
    values_[node].p = std::max(values_[node].p, values_[other].p * others.of(node) * kBeta);
  }
}

std::unique_ptr<mesh_router::ForwardingPolicy> make_prophet(base::Random&, void* user) {
  return std::make_unique<ProphetPolicy>(*static_cast<const ProphetNode*>(user));
}

}  // namespace chaski::sim
