// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/byte_source.hpp"
#include "daemon/sqlite_store.hpp"
#include "vault/backup.hpp"

namespace chaski::daemon {

/// A person as a backup, piece by piece: identity, name, contacts, the standing invitations that
/// they gave, and the messages that were there when it began. No session: two nodes with one
/// ratchet would use its keys twice.
class BackupSource final : public ByteSource {
 public:
  /// The vault must be open.
  BackupSource(SqliteStore& store, const vault::BackupHeader& header,
               vault::KeyEncryptionKey key);
  /// Some more bytes of the file; empty at the end, and when the vault was closed meanwhile: what
  /// came until then is no backup.
  base::Bytes next() override;
  /// Whether next() gave everything.
  bool is_whole() const override { return ended_ && writer_.ready() == 0; }

 private:
  static constexpr std::size_t kPieceMin = 256u << 10;

  SqliteStore& store_;
  vault::BackupWriter writer_;
  node::MessageId next_ = 1;
  node::MessageId last_;
  bool ended_ = false;
};

/// What goes wrong with a backup that is read, beside vault::BackupError.
enum class RestoreError : std::uint8_t { wrong_passphrase, damaged };

/// Puts the items of a backup into an open vault in which nobody is yet. The identity is put last,
/// by finish(): until then nobody is there.
class BackupSink {
 public:
  BackupSink(const vault::BackupHeader& header, vault::KeyEncryptionKey key)
      : reader_(header, std::move(key)) {}
  /// Opens some more bytes and keeps their items; store() puts them away.
  base::Expected<void, RestoreError> feed(base::ByteView bytes);
  /// The same for the end of the file.
  base::Expected<void, RestoreError> end();
  /// Puts what was fed into the store; false when an item is none that a node writes.
  bool store(node::PeopleStore& people);
  /// After the end: who it is. False when nobody was in it.
  bool finish(node::PeopleStore& people) const;
  std::uint64_t contacts() const { return contacts_; }
  std::uint64_t messages() const { return messages_; }

 private:
  using Items = base::Expected<std::vector<vault::BackupItem>, vault::BackupError>;
  base::Expected<void, RestoreError> keep(Items items);

  vault::BackupReader reader_;
  std::vector<vault::BackupItem> waiting_;
  base::Bytes identity_;
  base::Bytes own_name_;
  std::uint64_t contacts_ = 0;
  std::uint64_t messages_ = 0;
};

}  // namespace chaski::daemon
