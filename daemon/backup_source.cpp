// SPDX-License-Identifier: Apache-2.0
#include "daemon/backup_source.hpp"

#include "daemon/people_records.hpp"
#include "e2ee/identity.hpp"
#include "node/keeping.hpp"
#include "node/standing.hpp"
#include "node/text.hpp"

namespace chaski::daemon {

using vault::BackupItemKind;

BackupSource::BackupSource(SqliteStore& store, const vault::BackupHeader& header,
                           vault::KeyEncryptionKey key)
    : store_(store), writer_(header, std::move(key)), last_(store.people().message_count()) {
  node::PeopleStore& people = store.people();
  writer_.put(BackupItemKind::identity,
              people.load_value(node::kIdentityValue).value_or(base::Bytes{}));
  writer_.put(BackupItemKind::own_name,
              people.load_value(node::kOwnNameValue).value_or(base::Bytes{}));
  people.for_each_contact([this](const node::ContactRecord& contact, base::ByteView) {
    writer_.put(BackupItemKind::contact, encode_contact(contact));
  });
  people.for_each_contact([this, &people](const node::ContactRecord& contact, base::ByteView) {
    const auto bytes = people.load_value(node::standing_name(contact.id.view()));
    const auto standing = bytes ? node::Standing::load(*bytes) : std::nullopt;
    if (!standing) return;
    writer_.put(BackupItemKind::standing,
                encode_standing({contact.id, standing->for_backup().save()}));
  });
}

base::Bytes BackupSource::next() {
  if (!store_.vault_is_open()) return {};
  while (!ended_ && writer_.ready() < kPieceMin) {
    const auto message = next_ <= last_ ? store_.people().find_message(next_++) : std::nullopt;
    if (!message) {
      writer_.put(BackupItemKind::end, {});
      writer_.finish();
      ended_ = true;
      break;
    }
    // What is gone stays gone, and what disappears must not come back.
    if (message->state == node::MessageState::deleted || message->disappears_after_s != 0) continue;
    base::Bytes item =
        encode_head({.record = *message,
                     .text_size = static_cast<std::uint32_t>(message->text.size())});
    const base::ByteView text = base::as_bytes(message->text);
    item.insert(item.end(), text.begin(), text.end());
    writer_.put(BackupItemKind::message, item);
  }
  return writer_.take();
}

base::Expected<void, RestoreError> BackupSink::keep(Items items) {
  if (!items) {
    return base::unexpected(items.error() == vault::BackupError::wrong_passphrase
                                ? RestoreError::wrong_passphrase
                                : RestoreError::damaged);
  }
  for (vault::BackupItem& item : *items) waiting_.push_back(std::move(item));
  return {};
}

base::Expected<void, RestoreError> BackupSink::feed(base::ByteView bytes) {
  return keep(reader_.feed(bytes));
}

base::Expected<void, RestoreError> BackupSink::end() { return keep(reader_.finish()); }

bool BackupSink::store(node::PeopleStore& people) {
  for (const vault::BackupItem& item : std::exchange(waiting_, {})) {
    if (item.kind == BackupItemKind::identity) {
      identity_ = item.bytes;
    } else if (item.kind == BackupItemKind::own_name) {
      own_name_ = item.bytes;
    } else if (item.kind == BackupItemKind::contact) {
      const auto contact = decode_contact(item.bytes);
      if (!contact || !node::is_valid_name(contact->name)) return false;
      people.save_contact(*contact);
      ++contacts_;
    } else if (item.kind == BackupItemKind::standing) {
      const auto standing = decode_standing(item.bytes);
      const auto read = standing ? node::Standing::load(standing->bytes) : std::nullopt;
      // Whatever else stands in it, only what a backup takes is taken from one.
      if (!read) return false;
      people.save_value(node::standing_name(standing->contact.view()), read->for_backup().save());
    } else if (item.kind == BackupItemKind::message) {
      if (item.bytes.size() < kHeadSize) return false;
      auto head = decode_head(base::ByteView(item.bytes).first(kHeadSize));
      if (!head) return false;
      head->record.text = base::as_text(base::ByteView(item.bytes).subspan(kHeadSize));
      // Its state stays: what others carry may still be delivered, and only its age ends that.
      people.add_message(head->record);
      ++messages_;
    }
  }
  return true;
}

bool BackupSink::finish(node::PeopleStore& people) const {
  if (!e2ee::Identity::load(identity_)) return false;
  if (!node::is_valid_name(base::as_text(own_name_))) return false;
  people.save_value(node::kIdentityValue, identity_);
  people.save_value(node::kOwnNameValue, own_name_);
  return true;
}

}  // namespace chaski::daemon
