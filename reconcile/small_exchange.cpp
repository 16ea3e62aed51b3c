// SPDX-License-Identifier: Apache-2.0
// What stands behind Exchange in the image of a board whose memory is too small for sketches: it is
// linked instead of exchange.cpp (embedded/CMakeLists.txt), and nobody else notices.
#include "reconcile/exchange.hpp"
#include "reconcile/list_exchange.hpp"

namespace chaski::reconcile {

struct Exchange::Impl : ListExchange {
  using ListExchange::ListExchange;
};

Exchange::Exchange(Role role) : impl_(std::make_unique<Impl>(role)) {}
Exchange::~Exchange() = default;
Exchange::Exchange(Exchange&&) noexcept = default;
Exchange& Exchange::operator=(Exchange&&) noexcept = default;

void Exchange::reserve(std::size_t) {}
void Exchange::add(ShortId id) {
  impl_->add(id);
}
void Exchange::start() {
  impl_->start();
}
bool Exchange::work() {
  return impl_->work();
}
bool Exchange::wants_to_send() const {
  return impl_->wants_to_send();
}
std::size_t Exchange::write(base::MutableByteView out) {
  return impl_->write(out);
}
bool Exchange::receive(base::ByteView payload) {
  return impl_->receive(payload);
}
bool Exchange::finished() const {
  return impl_->finished();
}
bool Exchange::failed() const {
  return impl_->failed();
}
std::span<const std::uint32_t> Exchange::missing() const {
  return impl_->missing();
}
const ExchangeCounts& Exchange::counts() const {
  return impl_->counts();
}
std::size_t Exchange::memory_used() const {
  return impl_->memory_used();
}

}  // namespace chaski::reconcile
