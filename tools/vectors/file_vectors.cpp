// SPDX-License-Identifier: Apache-2.0
#include "base/hex.hpp"
#include "bundle/summary.hpp"
#include "bundle/writer.hpp"
#include "mesh-router/short_id.hpp"
#include "tools/vectors/page.hpp"
#include "tools/vectors/pieces.hpp"
#include "wire/envelope.hpp"
#include "wire/records.hpp"

namespace chaski::vectors {

namespace {

using base::Bytes;
using base::to_hex;

/// A receipt that was carried for 90.5 s.
Bytes example_receipt(base::Random& random) {
  const Bytes body = random_bytes(random, 32);
  wire::EnvelopeFields fields;
  fields.kind = wire::EnvelopeKind::receipt;
  fields.priority = wire::Priority::normal;
  fields.lifetime_s = 86'400;
  fields.body = body;
  return wire::encode_envelope(fields);
}

Bytes record_of(const Bytes& envelope) {
  const wire::CarryState state{90'500, 41, 0};
  Bytes payload(wire::carried_size(state, envelope.size()));
  payload.resize(wire::encode_carried({state, envelope}, payload).value_or(0));
  Bytes record(wire::record_size(payload.size()));
  wire::RecordWriter(record).add(wire::RecordType::envelope, base::ByteView(payload));
  return record;
}

}  // namespace

Page file_vectors(base::Random& random);

Page file_vectors(base::Random& random) {
  const bundle::Header header{random.bytes<bundle::Salt>(), {}};
  const Bytes secret = random_bytes(random, 32);
  const Bytes network_key = random_bytes(random, 32);
  const bundle::Header marked{header.salt, bundle::mark_of(secret, header.salt)};
  const Bytes envelope = example_receipt(random);
  mesh_router::ShortIdSalt salt;
  salt.bytes = header.salt.bytes;
  const std::vector<reconcile::ShortId> ids{
      mesh_router::short_id(salt, wire::envelope_id(envelope)), (std::uint64_t{1} << 48) - 2};
  const Bytes summary = bundle::encode_summary(ids);
  const Bytes record = record_of(envelope);
  const auto key = bundle::block_key({}, header.salt);

  Vector text{"summary", "the text of a summary of two short ids", {}, {}};
  base::ByteView rest(summary);
  text.pieces = {cut(rest, 2, "how many"), cut(rest, 6, "the first"), cut(rest, 6, "the last"),
                 cut(rest, rest.size(), "gaps")};

  Vector whole{"bundle", "a bundle of an open mesh: that summary, and one envelope", {}, {}};
  whole.fields["secret_of_the_writer"] = to_hex(secret);
  whole.fields["envelope"] = to_hex(envelope);
  whole.fields["record"] = to_hex(record);
  whole.fields["key"] = to_hex(key.view());
  whole.fields["network_key"] = to_hex(network_key);
  whole.fields["key_with_network_key"] =
      to_hex(bundle::block_key(base::ByteView(network_key), header.salt).view());
  bundle::Writer writer(marked, key);
  writer.add(bundle::BlockKind::summary, summary);
  writer.add(bundle::BlockKind::envelopes, record);
  writer.end();
  const Bytes bytes = writer.take();
  rest = bytes;
  whole.pieces = {cut(rest, 8, "\"chaskis\", version 1"),
                  cut(rest, 16, "salt"),
                  cut(rest, 16, "mark"),
                  cut(rest, 4, "a summary, its size"),
                  cut(rest, summary.size() + bundle::kBlockTagSize, "sealed, nonce 0"),
                  cut(rest, 4, "envelopes, their size"),
                  cut(rest, record.size() + bundle::kBlockTagSize, "sealed, nonce 1"),
                  cut(rest, 4, "the end"),
                  cut(rest, rest.size(), "digest of all before it")};
  return {{std::move(text), std::move(whole)}};
}

}  // namespace chaski::vectors
