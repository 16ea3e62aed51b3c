// SPDX-License-Identifier: Apache-2.0
#include "daemon/sqlite_people.hpp"

#include <algorithm>
#include <tuple>

#include "base/assert.hpp"
#include "daemon/start_error.hpp"

namespace chaski::daemon {

using node::ContactRecord;
using vault::Table;

namespace {

constexpr std::uint64_t kSumRow = 1;

/// A tag and what is kept for it, as one plain row.
base::Bytes with_tag(const wire::DeliveryTag& tag, base::ByteView bytes) {
  base::Bytes out(tag.bytes.begin(), tag.bytes.end());
  out.insert(out.end(), bytes.begin(), bytes.end());
  return out;
}

}  // namespace

SqlitePeople::SqlitePeople(Database& database, SqliteTransaction& transaction,
                           BodySegments& texts)
    : database_(database), messages_(database, transaction, texts, sum_),
      items_(database, transaction, "items", Table::items, &sum_),
      contacts_(database, transaction, "contacts", Table::contacts, &sum_),
      sessions_(database, transaction, "sessions", Table::sessions, &sum_),
      invitations_(database, transaction, "invitations", Table::invitations, &sum_),
      sums_(database, transaction, "sums", Table::sums, nullptr) {
  messages_.take_stock();
}

bool SqlitePeople::empty() {
  return sums_.empty() && items_.empty() && contacts_.empty() && sessions_.empty() &&
         invitations_.empty() && messages_.empty();
}

base::Expected<void, SqlitePeople::OpenError> SqlitePeople::open(
    const vault::RecordSealer& sealer) {
  CHASKI_ASSERT(sealer_ == nullptr);
  sealer_ = &sealer;
  for (SealedRows* rows : {&items_, &contacts_, &sessions_, &invitations_, &sums_}) {
    rows->open(&sealer);
  }
  const bool all_open = read_all();
  auto checked = check_sum();
  if (checked && !all_open) checked = base::unexpected(OpenError::damaged);
  if (!checked) close();
  return checked;
}

bool SqlitePeople::read_all() {
  bool good = messages_.open(*sealer_);
  good = items_.for_each([&](std::uint64_t row, base::ByteView plain) {
    if (const auto item = decode_item(plain)) item_rows_.emplace(item->name, row);
  }) && good;
  good = contacts_.for_each([&](std::uint64_t row, base::ByteView plain) {
    if (const auto contact = decode_contact(plain)) contact_rows_.emplace(contact->id, row);
  }) && good;
  good = sessions_.for_each([](std::uint64_t, base::ByteView) {}) && good;
  good = invitations_.for_each([&](std::uint64_t row, base::ByteView plain) {
    if (plain.size() < wire::DeliveryTag::kSize) return;
    invitation_rows_.emplace(*wire::DeliveryTag::from(plain.first(wire::DeliveryTag::kSize)), row);
  }) && good;
  next_item_ = items_.last() + 1;
  next_contact_ = std::max(contacts_.last(), sessions_.last()) + 1;
  next_invitation_ = invitations_.last() + 1;
  return good;
}

base::Expected<void, SqlitePeople::OpenError> SqlitePeople::check_sum() {
  if (sums_.empty()) {
    if (sum_.rows() == 0) return {};
    return base::unexpected(OpenError::damaged);
  }
  // The row that is always there tells a wrong key from a damaged row.
  const auto saved = sums_.get(kSumRow);
  if (!saved) return base::unexpected(OpenError::other_key);
  if (!base::equal(*saved, sum_.value())) return base::unexpected(OpenError::damaged);
  sum_.saved();
  return {};
}

void SqlitePeople::close() {
  messages_.close();
  for (SealedRows* rows : {&items_, &contacts_, &sessions_, &invitations_, &sums_}) rows->close();
  sealer_ = nullptr;
  sum_.clear();
  item_rows_.clear();
  contact_rows_.clear();
  invitation_rows_.clear();
  next_item_ = next_contact_ = next_invitation_ = 1;
  values_.clear();
  new_sessions_.clear();
}

void SqlitePeople::reload() {
  messages_.take_stock();
  if (sealer_ == nullptr) return;
  const vault::RecordSealer& sealer = *sealer_;
  close();
  if (!open(sealer)) {
    throw StartError(kExitState, "what was sealed does not open any more (" +
                                     database_.message() + "); check the disk");
  }
}

std::optional<base::Bytes> SqlitePeople::load_value(std::string_view key) {
  if (const auto waiting = values_.find(key); waiting != values_.end()) return waiting->second;
  const auto row = item_rows_.find(key);
  if (row == item_rows_.end()) return std::nullopt;
  const auto plain = items_.get(row->second);
  const auto item = plain ? decode_item(*plain) : std::nullopt;
  if (!item) return std::nullopt;
  return base::Bytes(item->value.begin(), item->value.end());
}

void SqlitePeople::save_value(std::string_view key, base::ByteView value) {
  CHASKI_ASSERT(is_open());
  values_.insert_or_assign(std::string(key), base::Bytes(value.begin(), value.end()));
}

void SqlitePeople::save_contact(const ContactRecord& contact) {
  contacts_.put(row_of(contact_rows_, contact.id, next_contact_), encode_contact(contact));
}

void SqlitePeople::save_session(const e2ee::PersonId& contact, base::ByteView session) {
  CHASKI_ASSERT(is_open());
  new_sessions_.insert_or_assign(contact, base::Bytes(session.begin(), session.end()));
}

void SqlitePeople::for_each_contact(
    const std::function<void(const ContactRecord&, base::ByteView session)>& visit) {
  write_pending();
  struct Found {
    ContactRecord record;
    std::uint64_t row;
  };
  std::vector<Found> found;
  contacts_.for_each([&](std::uint64_t row, base::ByteView plain) {
    if (auto contact = decode_contact(plain)) found.push_back({std::move(*contact), row});
  });
  std::sort(found.begin(), found.end(), [](const Found& a, const Found& b) {
    return std::tie(a.record.added_unix_s, a.record.name) <
           std::tie(b.record.added_unix_s, b.record.name);
  });
  for (const Found& contact : found) {
    visit(contact.record, sessions_.get(contact.row).value_or(base::Bytes{}));
  }
}

void SqlitePeople::save_invite(const wire::DeliveryTag& tag, base::ByteView invite) {
  invitations_.put(row_of(invitation_rows_, tag, next_invitation_), with_tag(tag, invite));
}

void SqlitePeople::erase_invite(const wire::DeliveryTag& tag) {
  const auto row = invitation_rows_.find(tag);
  if (row == invitation_rows_.end()) return;
  invitations_.erase(row->second);
  invitation_rows_.erase(row);
}

void SqlitePeople::for_each_invite(
    const std::function<void(const wire::DeliveryTag&, base::ByteView)>& visit) {
  invitations_.for_each([&](std::uint64_t, base::ByteView plain) {
    constexpr std::size_t kTag = wire::DeliveryTag::kSize;
    if (plain.size() >= kTag) visit(*wire::DeliveryTag::from(plain.first(kTag)),
                                    plain.subspan(kTag));
  });
}

void SqlitePeople::write_pending() {
  if (!is_open()) return;
  messages_.write_pending();
  for (const auto& [name, value] : values_) {
    items_.put(row_of(item_rows_, name, next_item_), encode_item(name, value));
  }
  values_.clear();
  for (const auto& [contact, session] : new_sessions_) {
    sessions_.put(row_of(contact_rows_, contact, next_contact_), session);
  }
  new_sessions_.clear();
  if (!sum_.changed()) return;
  sums_.put(kSumRow, sum_.value());
  sum_.saved();
}

}  // namespace chaski::daemon
