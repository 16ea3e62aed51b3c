// SPDX-License-Identifier: Apache-2.0
#include "manners.hpp"

#include <algorithm>

namespace chaski::mesh_router::test {

namespace {

constexpr std::size_t kForgedPerFrame = 200;

void black_hole(std::vector<Said>& records) {
  std::erase_if(records, [](const Said& said) {
    return said.type == wire::RecordType::envelope || said.type == wire::RecordType::fragment;
  });
}

/// Gives every whole envelope another age and other hops.
template <class Change>
void carry_otherwise(std::vector<Said>& records, Change change) {
  for (Said& said : records) {
    if (said.type != wire::RecordType::envelope) continue;
    const auto carried = wire::decode_carried(said.payload);
    const auto fields = wire::decode_envelope(carried->envelope);
    wire::CarryState state = carried->state;
    change(state, *fields);
    base::Bytes payload(wire::carried_size(state, carried->envelope.size()));
    (void)wire::encode_carried({state, carried->envelope}, payload);
    said.payload = std::move(payload);
  }
}

/// Speaks of the messages that it saw, whoever showed them.
struct Forger {
  base::SeededRandom random;
  std::set<wire::EnvelopeId> ids;

  void see(const std::vector<Said>& records) {
    for (const Said& said : records) {
      if (said.type != wire::RecordType::envelope) continue;
      const auto envelope = wire::decode_carried(said.payload)->envelope;
      const auto fields = wire::decode_envelope(envelope);
      if (fields->kind == wire::EnvelopeKind::sealed) ids.insert(wire::envelope_id(envelope));
    }
  }
  /// Not to mere acknowledgements: two forgers would never come to an end.
  void add_forged(std::vector<Said>& records) {
    const bool says_something = std::any_of(records.begin(), records.end(), [](const Said& said) {
      return said.type == wire::RecordType::reconcile || said.type == wire::RecordType::envelope;
    });
    if (!says_something) return;
    auto id = ids.begin();
    if (ids.size() > kForgedPerFrame) {
      std::advance(id, static_cast<std::ptrdiff_t>(random.below(ids.size() - kForgedPerFrame)));
    }
    for (std::size_t i = 0; i < kForgedPerFrame && id != ids.end(); ++i, ++id) {
      const wire::CarryState state{0, wire::kHopsMax, 0};
      const base::Bytes receipt =
          make_receipt(*id, random.bytes<wire::ReceiptToken>(), 14 * 24 * 3'600);
      base::Bytes payload(wire::carried_size(state, receipt.size()));
      (void)wire::encode_carried({state, receipt}, payload);
      records.push_back({wire::RecordType::envelope, std::move(payload)});
    }
  }
};

}  // namespace

void make_older(std::vector<Said>& records, std::uint64_t left_ms) {
  carry_otherwise(records, [=](wire::CarryState& state, const wire::EnvelopeFields& fields) {
    const std::uint64_t lifetime_ms = std::uint64_t{fields.lifetime_s} * 1'000;
    state.age_ms = std::max(state.age_ms, lifetime_ms - std::min(left_ms, lifetime_ms));
  });
}

const char* to_string(Manner manner) {
  constexpr const char* kNames[] = {"honest", "black hole", "ages up",  "ages ahead",
                                    "ages down", "forger",  "poisoner", "boaster"};
  return kNames[static_cast<std::size_t>(manner)];
}

void turn(Station& station, Manner manner, std::uint64_t seed) {
  const auto random = std::make_shared<base::SeededRandom>(seed);
  switch (manner) {
    case Manner::black_hole: station.says = black_hole; break;
    case Manner::ages_up:
      station.says = [](std::vector<Said>& records) { make_older(records, 1); };
      break;
    case Manner::ages_ahead:
      station.says = [](std::vector<Said>& records) { make_older(records, 8'000); };
      break;
    case Manner::ages_down:
      station.says = [](std::vector<Said>& records) {
        carry_otherwise(records, [](wire::CarryState& state, const wire::EnvelopeFields&) {
          state = {0, wire::kHopsMax, 0};
        });
      };
      break;
    case Manner::forger: {
      const auto forger = std::make_shared<Forger>(Forger{base::SeededRandom(seed), {}});
      station.says = [forger](std::vector<Said>& records) {
        forger->see(records);
        forger->add_forged(records);
      };
      // Its router never sent them and would take their acknowledgement for a lie.
      station.hears = [forger](std::vector<Said>& records) {
        forger->see(records);
        std::erase_if(records, [](const Said& said) {
          return said.type == wire::RecordType::ack || said.type == wire::RecordType::refuse;
        });
      };
      break;
    }
    case Manner::poisoner:
      station.says = [random](std::vector<Said>& records) {
        for (Said& said : records) {
          if (said.type == wire::RecordType::reconcile) random->fill(said.payload);
        }
      };
      break;
    case Manner::boaster:
      station.says = [](std::vector<Said>& records) {
        for (Said& said : records) {
          if (said.type != wire::RecordType::reconcile) continue;
          const std::size_t count_size = std::min<std::size_t>(3, said.payload.size());
          std::fill_n(said.payload.begin(), count_size, std::uint8_t{0xFF});
        }
      };
      break;
    case Manner::honest:
    case Manner::kCount: station.says = station.hears = nullptr; break;
  }
}

}  // namespace chaski::mesh_router::test
