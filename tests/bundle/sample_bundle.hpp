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
    "636861736b697301000102030405060708090a0b0c0d0e0fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf"
    "013000004193c02cbb261f739c85d1019b968061b851473a780016db6b052c9259cff28c9e28417a"
    "fc92ac82645c7521dd5563cb02460000e502f5461dd0bcb3de41a459c59f704b849a2e9dabe81af5"
    "1d3fee9e47c49c644e4ba65924509ff4484376da8900d52a355d9d0c6666ff6b64875e71ea9b7565"
    "bbb1bf69d58f00200000dbb0824d5253275a723d6d297fa83da42287cd0cd35a9f947116b2b32905"
    "afdb";

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
