// SPDX-License-Identifier: Apache-2.0
// How messages go: what was taken back, what disappears, and what is not waited for any more.
#include "daemon/sqlite_messages.hpp"

#include <utility>

namespace chaski::daemon {

using node::MessageId;
using node::MessageRecord;
using node::MessageState;
using vault::Table;

void SqliteMessages::end_delivery(const MessageRecord& message) {
  const auto known = undelivered_by_id_.find(message.envelope);
  if (known == undelivered_by_id_.end() || known->second.message != message.id) return;
  undelivered_.erase(known->second.row);
  undelivered_by_id_.erase(known);
}

void SqliteMessages::erase(MessageId id) {
  Pending* const erased = pending(id);
  if (erased == nullptr || erased->head.record.state == MessageState::deleted) return;
  end_delivery(erased->head.record);
  for (std::uint64_t row = std::exchange(erased->head.last_life, 0); row != 0;) {
    const auto life = life_row(row);
    lives_.erase(row);
    row = life && life->previous < row ? life->previous : 0;
  }
  if (const auto timer = timer_of_.find(id); timer != timer_of_.end()) {
    timers_.erase(timer->second.row);
    timer_of_.erase(timer);
  }
  release_text(id, *erased);
  erased->head.record = node::erased(erased->head.record);
  erased->head.text_size = 0;
  erased->head.life_count = 0;
  erased->is_erased = true;
}

/// The text of a message that is erased gives up its place, once that is durable.
void SqliteMessages::release_text(MessageId id, Pending& erased) {
  if (erased.is_new) {
    if (erased.text.place.segment != 0) {
      released_.emplace_back(erased.text.place, erased.text.sealed_size);
    }
  } else {
    const Reading reading(find_);
    find_.bind_all(id);
    if (find_.step() == SQLITE_ROW && find_.number(2) != 0) {
      released_.emplace_back(BodyPlace{static_cast<std::uint32_t>(find_.number(2)),
                                       static_cast<std::uint32_t>(find_.number(3))},
                             static_cast<std::uint32_t>(find_.number(4)));
    }
  }
  erased.text = {};
  erased.text.sealed = sealer_->seal(Table::texts, id, {});
}

void SqliteMessages::committed() {
  if (released_.empty()) return;
  for (const auto& [place, size] : released_) texts_.release(place, size);
  released_.clear();
  texts_.reclaim();
  texts_.trim();  // what was taken back is not left lying in a free block
}

void SqliteMessages::save_timer(MessageId id, base::Time due) {
  TimerState& timer = timer_of_[id];
  if (timer.row == 0) timer.row = next_timer_++;
  timer.due = due;
  timers_.put(timer.row, encode_timer({id, due}));
}

void SqliteMessages::for_each_timer(
    const std::function<void(MessageId, base::Time)>& visit) const {
  for (const auto& [id, timer] : timer_of_) visit(id, timer.due);
}

}  // namespace chaski::daemon
