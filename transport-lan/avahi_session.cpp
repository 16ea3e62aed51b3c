// SPDX-License-Identifier: Apache-2.0
#include "transport-lan/avahi_session.hpp"

namespace chaski::transport_lan {

sdbus::IProxy& AvahiSession::proxy(const std::string& path) {
  auto& slot = proxies_[path];
  if (!slot) slot = sdbus::createProxy(loop_->connection(), kName, path);
  return *slot;
}

void AvahiSession::free(const std::string& path, const char* interface) {
  // The proxy goes with the answer, or with the session; not within its own answer's handler.
  call(path, interface, "Free", [weak = weak_from_this(), path](const sdbus::Error*) {
    auto self = weak.lock();
    if (!self) return;
    const auto found = self->proxies_.find(path);
    if (found == self->proxies_.end()) return;
    std::shared_ptr<sdbus::IProxy> old = std::move(found->second);
    self->proxies_.erase(found);
    self->loop_->later([old] {});
  });
}

}  // namespace chaski::transport_lan
