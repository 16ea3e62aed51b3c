// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/expected.hpp"
#include "wire/envelope.hpp"
#include "wire/error.hpp"

namespace chaski::wire {

/// A link frame is a row of records: type (1 byte), payload length (1 to 3 byte varint), payload.
/// Types under 16 are the link's own, the rest the router's. Unknown types are skipped.
enum class RecordType : std::uint8_t {
  padding = 0,   ///< zeros; fills a frame
  ping = 1,
  pong = 2,
  close = 3,     ///< payload: 1 byte CloseReason
  pairing = 4,   ///< a piece of what two neighbours say whose people become contacts
  envelope = 16, ///< CarriedEnvelope
  fragment = 17, ///< a piece of a record that did not fit: Fragment
  reconcile = 18, ///< one message of the exchange that finds out what each side lacks
  ack = 19,      ///< what I have taken into custody: Ack
  refuse = 20,   ///< what I cannot take: Refuse
  ready = 21,    ///< I can take again (empty payload)
  offer = 22,    ///< a large envelope is about to come: Offer
  resume = 23,   ///< how much of it I have: Resume
  rest = 24,     ///< the bytes of an offered envelope from there on; in fragments only
  announce = 25, ///< I have these, ask if you lack them: ids
  want = 26,     ///< send me these of what you announced: ids
};

struct Record {
  RecordType type;
  base::ByteView payload;
};

/// Reads the records of one decrypted frame in order.
class RecordReader {
 public:
  explicit RecordReader(base::ByteView frame) : rest_(frame) {}
  /// The next record, nothing at the end, or WireError when the frame is not a row of records.
  base::Expected<std::optional<Record>, WireError> next();

 private:
  base::ByteView rest_;
};

/// Writes records into one frame buffer.
class RecordWriter {
 public:
  explicit RecordWriter(base::MutableByteView frame) : frame_(frame) {}
  std::size_t size() const { return used_; }
  /// Largest payload that one more record can still have; 0 also when nothing fits.
  std::size_t payload_room() const;
  /// Reserves a record of exactly `payload_size` bytes, or nothing when it does not fit.
  std::optional<base::MutableByteView> add(RecordType type, std::size_t payload_size);
  bool add(RecordType type, base::ByteView payload);

 private:
  base::MutableByteView frame_;
  std::size_t used_ = 0;
};
/// Bytes that a record of this payload takes in a frame.
std::size_t record_size(std::size_t payload_size);

/// A piece of a larger record. Pieces of one transfer come in order over one link.
struct Fragment {
  std::uint32_t transfer = 0;    ///< counts up per link and direction
  std::uint32_t offset = 0;
  std::uint32_t total = 0;       ///< whole payload size; every piece carries it
  RecordType type = RecordType::envelope;  ///< what it is once whole
  base::ByteView data;           ///< at least 1 byte
};
base::Expected<Fragment, WireError> decode_fragment(base::ByteView payload);
base::Expected<std::size_t, WireError> encode_fragment(const Fragment&, base::MutableByteView out);
/// Exact size encode_fragment() will use.
std::size_t fragment_size(const Fragment& fragment);
/// How many data bytes a fragment record can carry in `payload_room` bytes.
std::size_t fragment_data_room(std::size_t payload_room);

/// The payload of announce and want: field 1, 0 to kIdsMax ids of 16 bytes, one behind the other.
base::Expected<std::vector<EnvelopeId>, WireError> decode_ids(base::ByteView payload);
base::Expected<std::size_t, WireError> encode_ids(std::span<const EnvelopeId> ids,
                                                  base::MutableByteView out);
/// Exact size encode_ids() will use.
std::size_t ids_size(std::size_t count);

/// Custody: every envelope record up to number `upto` of this link direction (counted from 1) has
/// been committed, or was known already, or was listed in a refusal.
struct Ack {
  std::uint64_t upto = 0;
};
base::Expected<Ack, WireError> decode_ack(base::ByteView payload);
std::size_t encode_ack(const Ack&, base::MutableByteView out);  ///< at most 11 bytes

enum class RefuseReason : std::uint8_t {
  storage_full = 1,
  quota = 2,
  too_large = 3,
  invalid = 4,
  known = 5,  ///< it has or had it already: no custody is taken on the sender's account
  spoiled = 6,  ///< what I had of it, or what came now, was not of this envelope: from the start
};
/// Envelope record `sequence` was not taken; the sender keeps it.
struct Refuse {
  std::uint64_t sequence = 0;
  RefuseReason reason = RefuseReason::storage_full;
};
base::Expected<Refuse, WireError> decode_refuse(base::ByteView payload);
std::size_t encode_refuse(const Refuse&, base::MutableByteView out);  ///< at most 14 bytes

}  // namespace chaski::wire
