// SPDX-License-Identifier: Apache-2.0
// The bundle of the worked example in docs/protocol/file.md.
#pragma once

#include <string_view>
#include <vector>

#include "bundle/summary.hpp"
#include "bundle/writer.hpp"
#include "wire/envelope.hpp"
#include "wire/records.hpp"

namespace chaski::bundle {

inline constexpr std::string_view kSampleHex =
    "";

inline std::vector<reconcile::ShortId> sample_ids() {
  return {0x0000'0000'0003, 0x1122'3344'5566, 0xff00'0000'0001};
}

inline Header sample_header() {
  Header header;
  for (std::size_t i = 0; i < Salt::kSize; ++i) {
    header.salt.bytes[i] = static_cast<std::uint8_t>(i);
    header.mark.bytes[i] = static_cast<std::uint8_t>(0xa0 + i);
  }
  return header;
}

/// One record: a receipt of 32 zeros that was carried for 90.5 s.
inline base::Bytes sample_records() {
  const base::Bytes body(32);
  wire::EnvelopeFields fields;
  fields.kind = wire::EnvelopeKind::receipt;
  fields.priority = wire::Priority::normal;
  fields.lifetime_s = 86'400;
  fields.body = body;
  const base::Bytes envelope = wire::encode_envelope(fields);
  const wire::CarryState state{90'500, 41, 0};
  base::Bytes payload(wire::carried_size(state, envelope.size()));
  (void)*wire::encode_carried({state, envelope}, payload);
  base::Bytes records(wire::record_size(payload.size()));
  wire::RecordWriter writer(records);
  writer.add(wire::RecordType::envelope, base::ByteView(payload));
  return records;
}

inline base::Bytes sample_bundle() {
  const Header header = sample_header();
  Writer writer(header, block_key({}, header.salt));
  writer.add(BlockKind::summary, encode_summary(sample_ids()));
  writer.add(BlockKind::envelopes, sample_records());
  writer.end();
  return writer.take();
}

}  // namespace chaski::bundle
