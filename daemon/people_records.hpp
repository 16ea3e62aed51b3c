// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "node/file_store.hpp"
#include "node/people_store.hpp"

namespace chaski::daemon {

// What is sealed, before it is sealed: numbers little-endian, texts after their length. The formats
// are those of docs/protocol/vault.md; a decoder gives nothing for what its encoder did not write.

base::Bytes encode_contact(const node::ContactRecord& contact);
std::optional<node::ContactRecord> decode_contact(base::ByteView bytes);

/// A message but for its text, and where it hangs: of one size.
struct MessageHead {
  node::MessageRecord record;        ///< without text
  std::uint32_t text_size = 0;
  node::MessageId previous = 0;      ///< the one before with this contact; 0: none
  std::uint64_t last_life = 0;       ///< row of its newest life event; 0: none
  std::uint8_t life_count = 0;
};
inline constexpr std::size_t kHeadSize = 120;
base::Bytes encode_head(const MessageHead& head);
std::optional<MessageHead> decode_head(base::ByteView bytes);

/// A life event and the row of the one before.
struct LifeRow {
  node::LifeEvent event;
  std::uint64_t previous = 0;
};
base::Bytes encode_life(const LifeRow& row);
std::optional<LifeRow> decode_life(base::ByteView bytes);

/// A name and what is kept under it.
base::Bytes encode_item(std::string_view name, base::ByteView value);
struct ItemView {
  std::string_view name;
  base::ByteView value;
};
std::optional<ItemView> decode_item(base::ByteView bytes);

/// What a backup has of a contact's standing invitations: node::Standing::save().
struct BackedUpStanding {
  e2ee::PersonId contact;
  base::Bytes bytes;
};
base::Bytes encode_standing(const BackedUpStanding& standing);
std::optional<BackedUpStanding> decode_standing(base::ByteView bytes);

/// The newest message with somebody.
struct Thread {
  e2ee::PersonId contact;
  node::MessageId last = 0;
};
base::Bytes encode_thread(const Thread& thread);
std::optional<Thread> decode_thread(base::ByteView bytes);

/// When a message is to be erased.
struct Timer {
  node::MessageId message = 0;
  base::Time due{};
};
base::Bytes encode_timer(const Timer& timer);
std::optional<Timer> decode_timer(base::ByteView bytes);

/// A message written here whose end is not known.
struct Undelivered {
  wire::EnvelopeId envelope;
  node::MessageId message = 0;
};
base::Bytes encode_undelivered(const Undelivered& row);
std::optional<Undelivered> decode_undelivered(base::ByteView bytes);

/// A file that is under way or here, but for its number.
base::Bytes encode_file(const node::FileRecord& record);
std::optional<node::FileRecord> decode_file(base::ByteView bytes);

}  // namespace chaski::daemon
