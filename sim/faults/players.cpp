// SPDX-License-Identifier: Apache-2.0
#include "sim/faults/players.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/assert.hpp"

namespace chaski::sim {

Players::Players(World& world, const PeopleFaults& faults, const Cast& cast, std::uint64_t seed,
                 std::uint64_t store_bytes_max, Notebook::WhoIs who_is)
    : world_(world),
      faults_(faults),
      cast_(cast),
      random_(seed),
      store_bytes_max_(store_bytes_max),
      notebook_(std::make_shared<Notebook>(std::move(who_is))) {}

void Players::enter() {
  CHASKI_ASSERT(world_.size() == cast_.parts.size());
  for (NodeIndex node = 0; node < cast_.parts.size(); ++node) enter(node);
}

void Players::add_relay(NodeIndex node, std::uint64_t seed, RelayManner manner,
                        std::vector<const TalkingRelay*>& to) {
  RelaySetup setup;
  setup.seed = seed;
  setup.store_bytes_max = store_bytes_max_;
  setup.now = world_.now();
  auto relay = std::make_unique<TalkingRelay>(setup, std::move(manner));
  to.push_back(relay.get());
  world_.put_actor(node, std::move(relay));
}

void Players::enter(NodeIndex node) {
  if (cast_.is_person(node)) return;
  const std::uint64_t seed = random_.next_u64();
  switch (cast_.parts[node]) {
    case Part::person:
    case Part::kCount:
      break;
    case Part::absent:
    case Part::jammer:
      world_.set_power(node, false);
      break;
    case Part::black_hole: {
      auto hole = std::make_unique<BlackHole>(seed);
      black_holes_.push_back(hole.get());
      world_.put_actor(node, std::move(hole));
      break;
    }
    case Part::junk_speaker: {
      auto junk = std::make_unique<JunkSpeaker>(seed, JunkSpeaker::Manner::noise);
      junk_speakers_.push_back(junk.get());
      world_.put_actor(node, std::move(junk));
      break;
    }
    case Part::age_liar:
      add_relay(node, seed, age_liar(seed, ages_), others_);
      break;
    case Part::hop_liar:
      add_relay(node, seed, hop_liar(hops_), others_);
      break;
    case Part::replayer:
      add_relay(node, seed, replayer(replays_), others_);
      break;
    case Part::flooder: {
      const double s = 3'600 / faults_.flooders.per_hour;
      const base::Duration every(static_cast<std::int64_t>(s * 1e6));
      add_relay(node, seed, flooder(seed, every), flooders_);
      break;
    }
    case Part::colluder:
      add_relay(node, seed, colluder(node, notebook_), others_);
      break;
  }
}

void Players::count_written(const std::vector<const TalkingRelay*>& flooders, FaultKind& kind) {
  TalkingRelay::Written sum;
  for (const TalkingRelay* one : flooders) {
    sum.written += one->written().written;
    sum.not_written += one->written().not_written;
    sum.taken += one->written().taken;
    sum.refused += one->written().refused;
  }
  kind.did = {{"written", static_cast<double>(sum.written)},
              {"not_written", static_cast<double>(sum.not_written)},
              {"taken", static_cast<double>(sum.taken)},
              {"refused", static_cast<double>(sum.refused)}};
}

void Players::count(Part part, FaultKind& kind) const {
  const auto did = [&](const char* what, std::uint64_t number) {
    kind.did.emplace_back(what, static_cast<double>(number));
  };
  std::uint64_t sum = 0;
  switch (part) {
    case Part::black_hole:
      for (const BlackHole* hole : black_holes_) sum += hole->swallowed();
      did("swallowed", sum);
      break;
    case Part::junk_speaker:
      for (const JunkSpeaker* junk : junk_speakers_) sum += junk->bytes_said();
      did("bytes_said", sum);
      break;
    case Part::age_liar:
      did("changed", ages_->changed);
      break;
    case Part::hop_liar:
      did("changed", hops_->changed);
      break;
    case Part::replayer:
      did("replayed", replays_->replayed);
      did("refused", replays_->refused);
      break;
    case Part::flooder:
      count_written(flooders_, kind);
      break;
    case Part::colluder:
      did("seen", notebook_->seen().size());
      did("met", notebook_->first_met().size());
      break;
    case Part::person:
    case Part::absent:
    case Part::jammer:
    case Part::kCount:
      break;
  }
}

void Players::tell(FaultReport& report, const std::vector<WrittenMessage>& messages) const {
  for (int i = 1; i < static_cast<int>(Part::kCount); ++i) {
    const auto part = static_cast<Part>(i);
    FaultKind kind;
    kind.name = name_of(part);
    kind.number = cast_.count(part);
    if (kind.number == 0) continue;
    count(part, kind);
    report.kinds.push_back(std::move(kind));
  }
  if (cast_.count(Part::colluder) > 0) report.attack = attack(*notebook_, messages);
}

}  // namespace chaski::sim
