// SPDX-License-Identifier: Apache-2.0
#include "e2ee/tag_window.hpp"

namespace chaski::e2ee {

TagWindow::TagWindow(const TagChain& base) : base_(base), near_end_(base) {
  for (std::uint32_t i = 0; i < kNear; ++i) {
    const std::uint32_t slot = near_end_.index() % kNear;
    near_[slot] = near_end_.next();
  }
  far_end_ = near_end_;
  far_end_.finish_block();
  for (std::uint32_t i = 0; i < kFarTags; ++i) add_far();
}

wire::DeliveryTag TagWindow::add_far() {
  const std::uint32_t slot = far_slot(far_end_.index());
  return far_[slot] = far_end_.next_block();
}

/// The first message past the window that starts a block.
std::uint32_t TagWindow::far_begin() const {
  return (near_end_.index() + kTagBlockSize - 1) / kTagBlockSize * kTagBlockSize;
}

std::optional<std::uint32_t> TagWindow::find(const wire::DeliveryTag& tag) const {
  for (std::uint32_t i = base_.index(); i < near_end_.index(); ++i) {
    if (near_[i % kNear] == tag) return i;
  }
  for (std::uint32_t i = far_begin(); i < far_end_.index(); i += kTagBlockSize) {
    if (far_[far_slot(i)] == tag) return i;
  }
  return std::nullopt;
}

wire::DeliveryTag TagWindow::advance(std::vector<wire::DeliveryTag>& added) {
  const wire::DeliveryTag left = near_[base_.index() % kNear];
  base_.next();
  const std::uint32_t index = near_end_.index();
  const wire::DeliveryTag entered = near_end_.next();
  near_[index % kNear] = entered;
  // The start of a block was expected already; instead a further block comes into sight.
  added.push_back(index % kTagBlockSize == 0 ? add_far() : entered);
  return left;
}

bool TagWindow::expects(std::uint32_t index) const {
  return index < near_end_.index() || (index % kTagBlockSize == 0 && index < far_end_.index());
}

void TagWindow::append_tags(std::uint32_t first, std::vector<wire::DeliveryTag>& out) const {
  for (std::uint32_t i = std::max(first, base_.index()); i < near_end_.index(); ++i) {
    out.push_back(near_[i % kNear]);
  }
  for (std::uint32_t i = far_begin(); i < far_end_.index(); i += kTagBlockSize) {
    if (i >= first) out.push_back(far_[far_slot(i)]);
  }
}

}  // namespace chaski::e2ee
