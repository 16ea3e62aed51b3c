// SPDX-License-Identifier: Apache-2.0
// What the node's person does with introductions.
#include "node/node_impl.hpp"

namespace chaski::node {

base::Expected<std::uint32_t, PersonError> Node::introduce(std::string_view first,
                                                           std::string_view second,
                                                           std::string_view note, base::Time now,
                                                           WallTime wall) {
  if (const auto why = impl_->absent()) return base::unexpected(*why);
  if (!impl_->person->meeting.owner()) return base::unexpected(PersonError::no_identity);
  set_wall_time(wall);
  std::vector<wire::DeliveryTag> fresh;
  auto number = impl_->person->introductions.introducer().introduce(first, second, note,
                                                                    impl_->router, now, fresh);
  impl_->person->inbox.learn(fresh);
  impl_->settle(now);
  return number;
}

std::vector<IntroductionInfo> Node::introductions(base::Time now) const {
  if (!impl_->person) return {};
  return impl_->person->introductions.list(now);
}

base::Expected<void, PersonError> Node::accept_introduction(std::uint32_t number,
                                                            std::string_view name, base::Time now,
                                                            WallTime wall) {
  if (const auto why = impl_->absent()) return base::unexpected(*why);
  set_wall_time(wall);
  std::vector<wire::DeliveryTag> fresh;
  auto done = impl_->person->introductions.introducee().accept(number, name, impl_->router, now,
                                                               fresh);
  impl_->person->inbox.learn(fresh);
  impl_->settle(now);
  return done;
}

base::Expected<void, PersonError> Node::decline_introduction(std::uint32_t number, base::Time now,
                                                             WallTime wall) {
  if (const auto why = impl_->absent()) return base::unexpected(*why);
  set_wall_time(wall);
  std::vector<wire::DeliveryTag> fresh;
  auto done = impl_->person->introductions.introducee().decline(number, impl_->router, now, fresh);
  impl_->person->inbox.learn(fresh);
  impl_->settle(now);
  return done;
}

}  // namespace chaski::node
