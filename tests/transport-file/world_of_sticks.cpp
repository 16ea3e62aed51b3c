// SPDX-License-Identifier: Apache-2.0
#include "world_of_sticks.hpp"

#include "base/assert.hpp"
#include "base/hex.hpp"
#include "bundle/summary.hpp"

namespace chaski::transport_file::test {

namespace {

bundle::Header header_of(base::ByteView file) {
  return *bundle::decode_header(file.first(bundle::kHeaderSize));
}

}  // namespace

std::optional<std::vector<std::pair<bundle::BlockKind, base::Bytes>>> open_file(
    base::ByteView file) {
  std::vector<std::pair<bundle::BlockKind, base::Bytes>> blocks;
  bundle::Parser parser;
  bundle::BlockKey key;
  while (!parser.done()) {
    if (parser.wants() > file.size()) return std::nullopt;
    const base::ByteView bytes = file.first(parser.wants());
    file = file.subspan(bytes.size());
    const auto step = parser.take(bytes);
    if (!step) return std::nullopt;
    if (step->header) key = bundle::block_key({}, step->header->salt);
    if (!step->block) continue;
    auto text = bundle::open_block(key, step->index, *step->block, bytes);
    CHASKI_ASSERT(text);
    blocks.emplace_back(step->block->kind, *std::move(text));
  }
  if (!file.empty()) return std::nullopt;
  return blocks;
}

std::vector<std::pair<wire::EnvelopeId, wire::CarryState>> envelopes_in(base::ByteView file) {
  std::vector<std::pair<wire::EnvelopeId, wire::CarryState>> all;
  const auto blocks = open_file(file);
  CHASKI_ASSERT(blocks);
  for (const auto& [kind, text] : *blocks) {
    if (kind != bundle::BlockKind::envelopes) continue;
    wire::RecordReader reader(text);
    for (auto record = reader.next(); *record; record = reader.next()) {
      const auto carried = wire::decode_carried((*record)->payload);
      all.emplace_back(wire::envelope_id(carried->envelope), carried->state);
    }
  }
  return all;
}

bool Village::wrote(base::ByteView file) const {
  if (file.size() < bundle::kHeaderSize) return false;
  const auto header = bundle::decode_header(file.first(bundle::kHeaderSize));
  return header && bundle::mark_of(secret, header->salt) == header->mark;
}

base::Bytes Village::bundle_for(const Stick& stick, base::Time now, node::CarryCounts* counts,
                                std::uint64_t size_max) {
  std::vector<mesh_router::PlaceSummary> places;
  for (const auto& [name, file] : stick) {
    const auto blocks = open_file(file);
    if (!blocks || wrote(file)) continue;
    mesh_router::PlaceSummary place;
    place.salt.bytes = header_of(file).salt.bytes;
    for (const auto& [kind, text] : *blocks) {
      if (kind != bundle::BlockKind::summary) continue;
      const auto ids = bundle::decode_summary(text);
      place.ids.insert(place.ids.end(), ids->begin(), ids->end());
    }
    places.push_back(std::move(place));
  }
  bundle::Header header;
  header.salt = random.bytes<bundle::Salt>();
  header.mark = bundle::mark_of(secret, header.salt);
  node::CarryOut out(header, bundle::block_key({}, header.salt), size_max, std::move(places));
  base::Bytes file;
  while (!out.done()) {
    const base::Bytes piece = out.work(station.router(), now);
    file.insert(file.end(), piece.begin(), piece.end());
  }
  if (counts != nullptr) *counts = out.counts();
  return file;
}

node::CarryCounts Village::carry_out(Stick& stick, base::Time now) {
  node::CarryCounts counts;
  const base::Bytes file = bundle_for(stick, now, &counts);
  std::erase_if(stick, [this](const auto& old) { return wrote(old.second); });
  stick[base::to_hex(header_of(file).salt.view()).substr(0, 8) + ".csk"] = file;
  return counts;
}

StickTake Village::carry_in(const Stick& stick, base::Time now) {
  StickTake all;
  for (const auto& [name, file] : stick) {
    const auto blocks = open_file(file);
    if (!blocks || wrote(file)) continue;
    for (const auto& [kind, text] : *blocks) {
      if (kind != bundle::BlockKind::envelopes) continue;
      const auto take = station.router().take_from_stick(text, now);
      CHASKI_ASSERT(take);
      station.settle(now);
      all.envelopes += take->envelopes;
      all.taken += take->taken;
      all.known += take->known;
      all.shown += take->shown;
      all.no_room += take->no_room;
      all.refused += take->refused;
    }
  }
  return all;
}

}  // namespace chaski::transport_file::test
