// SPDX-License-Identifier: Apache-2.0
#include "sim/faults/manners.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "base/random.hpp"
#include "wire/limits.hpp"
#include "wire/padding.hpp"
#include "wire/reassembler.hpp"

namespace chaski::sim {
namespace {

using wire::RecordType;
using Records = RelayManner::Records;

/// Calls `take` with each envelope that came whole, in one record or in pieces.
class WholeEnvelopes {
 public:
  template <class Take>
  void each(base::LinkId link, const Records& records, Take take) {
    for (const SpokenRecord& record : records) {
      if (record.type == RecordType::envelope) take(record.payload);
      if (record.type != RecordType::fragment) continue;
      const auto fragment = wire::decode_fragment(record.payload);
      if (!fragment) continue;
      const auto whole = pieces_[link].add(*fragment);
      if (whole && *whole && (*whole)->type == RecordType::envelope) take((*whole)->payload);
    }
  }
  void forget(base::LinkId link) { pieces_.erase(link); }

 private:
  std::map<base::LinkId, wire::Reassembler> pieces_;
};

base::Bytes carried_bytes(const wire::CarryState& state, base::ByteView envelope) {
  base::Bytes out(wire::carried_size(state, envelope.size()));
  const auto size = wire::encode_carried({state, envelope}, out);
  out.resize(size ? *size : 0);
  return out;
}

template <class Change>
void carry_otherwise(Records& records, LieCounts& counts, Change change) {
  for (SpokenRecord& record : records) {
    if (record.type != RecordType::envelope) continue;
    const auto carried = wire::decode_carried(record.payload);
    if (!carried) continue;
    const auto fields = wire::decode_envelope(carried->envelope);
    if (!fields) continue;
    wire::CarryState state = carried->state;
    change(state, fields->lifetime_s);
    record.payload = carried_bytes(state, carried->envelope);
    ++counts.changed;
  }
}

/// What a replayer keeps, and how far each link has got.
struct Replays {
  std::deque<base::Bytes> kept;
  std::set<wire::EnvelopeId> known;
  std::uint64_t gone = 0;  ///< that were kept before those
  std::map<base::LinkId, std::uint64_t> told;
  WholeEnvelopes whole;

  void keep(base::ByteView payload) {
    const auto carried = wire::decode_carried(payload);
    if (!carried || !known.insert(wire::envelope_id(carried->envelope)).second) return;
    kept.emplace_back(carried->envelope.begin(), carried->envelope.end());
    if (kept.size() <= kReplaysKept) return;
    kept.pop_front();
    ++gone;
  }
};

}  // namespace

RelayManner age_liar(std::uint64_t seed, std::shared_ptr<LieCounts> counts) {
  const std::uint64_t kind = base::SeededRandom(seed).below(3);
  RelayManner manner;
  manner.says = [kind, counts = std::move(counts)](base::LinkId, Records& records, std::size_t,
                                                   base::Time) {
    carry_otherwise(records, *counts, [kind](wire::CarryState& state, std::uint32_t lifetime_s) {
      const std::uint64_t lifetime_ms = std::uint64_t{lifetime_s} * 1'000;
      const std::uint64_t left_ms = kind == 0 ? 1 : 8'000;
      if (kind == 2) {
        state = {0, wire::kHopsMax, 0};
      } else {
        state.age_ms = std::max(state.age_ms, lifetime_ms - std::min(left_ms, lifetime_ms));
      }
    });
  };
  return manner;
}

RelayManner hop_liar(std::shared_ptr<LieCounts> counts) {
  RelayManner manner;
  manner.says = [counts = std::move(counts)](base::LinkId, Records& records, std::size_t,
                                             base::Time) {
    carry_otherwise(records, *counts,
                    [](wire::CarryState& state, std::uint32_t) { state.hops_left = 0; });
  };
  return manner;
}

RelayManner replayer(std::shared_ptr<LieCounts> counts) {
  const auto replays = std::make_shared<Replays>();
  RelayManner manner;
  manner.parts = [replays](base::LinkId link) {
    replays->told.erase(link);
    replays->whole.forget(link);
  };
  manner.hears = [replays, counts](base::LinkId link, Records& records, base::Time) {
    replays->whole.each(link, records, [&](base::ByteView payload) { replays->keep(payload); });
    // Its router has not sent what these speak of.
    std::erase_if(records, [&](const SpokenRecord& record) {
      if (record.type == RecordType::refuse) ++counts->refused;
      return record.type == RecordType::refuse || record.type == RecordType::ack;
    });
  };
  manner.says = [replays, counts](base::LinkId link, Records& records, std::size_t room,
                                  base::Time) {
    std::size_t used = 0;
    for (const SpokenRecord& record : records) used += wire::record_size(record.payload.size());
    std::uint64_t& told = replays->told[link];
    told = std::max(told, replays->gone);
    while (told < replays->gone + replays->kept.size()) {
      const base::Bytes& envelope = replays->kept[told - replays->gone];
      base::Bytes payload = carried_bytes({0, wire::kHopsMax, 0}, envelope);
      const std::size_t size = wire::record_size(payload.size());
      if (size > room) {
        ++told;  // no frame holds it
        continue;
      }
      if (used + size > room) return;
      used += size;
      records.push_back({RecordType::envelope, std::move(payload)});
      ++counts->replayed;
      ++told;
    }
  };
  return manner;
}

RelayManner flooder(std::uint64_t seed, base::Duration every) {
  const auto random = std::make_shared<base::SeededRandom>(seed);
  RelayManner manner;
  manner.writes_every = every;
  manner.writes = [random] {
    constexpr std::size_t kText = 250;
    base::Bytes body(wire::padded_body_size(kText).value_or(kText));
    random->fill(body);
    wire::EnvelopeFields fields;
    fields.lifetime_s = 7 * 24 * 3'600;
    fields.tag = random->bytes<wire::DeliveryTag>();
    fields.commitment = random->bytes<wire::ReceiptCommitment>();
    fields.body = body;
    return wire::encode_envelope(fields);
  };
  return manner;
}

RelayManner colluder(NodeIndex self, std::shared_ptr<Notebook> notebook) {
  struct Seeing {
    WholeEnvelopes whole;
    std::map<base::LinkId, std::optional<NodeIndex>> peers;
  };
  const auto seeing = std::make_shared<Seeing>();
  RelayManner manner;
  manner.meets = [seeing, notebook](base::LinkId link, const link::NodePublicKey& key,
                                    base::Time now) {
    seeing->peers[link] = notebook->met(key, now);
  };
  manner.parts = [seeing](base::LinkId link) {
    seeing->peers.erase(link);
    seeing->whole.forget(link);
  };
  manner.hears = [self, seeing, notebook](base::LinkId link, Records& records, base::Time now) {
    const auto peer = seeing->peers.find(link);
    if (peer == seeing->peers.end() || !peer->second) return;
    const NodeIndex bearer = *peer->second;
    seeing->whole.each(link, records, [&](base::ByteView payload) {
      const auto carried = wire::decode_carried(payload);
      if (carried) notebook->saw(self, bearer, *carried, now);
    });
    for (const SpokenRecord& record : records) {
      if (record.type != RecordType::announce) continue;
      const auto ids = wire::decode_ids(record.payload);
      if (!ids) continue;
      for (const wire::EnvelopeId& id : *ids) notebook->heard_of(self, bearer, id, now);
    }
  };
  return manner;
}

}  // namespace chaski::sim
