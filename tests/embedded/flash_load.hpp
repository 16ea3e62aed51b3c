// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "embedded/flash_store.hpp"
#include "tests/embedded/fake_flash.hpp"
#include "tests/mesh-router/envelope_samples.hpp"

namespace chaski::embedded {

/// What a store should hold: two maps.
struct FlashModel {
  std::map<mesh_router::StoreKey, std::pair<std::uint64_t, std::size_t>> envelopes;
  std::map<wire::EnvelopeId, base::Time> tombstones;
  bool operator==(const FlashModel&) const = default;
};

/// A FlashStore under a load that a seed decides, beside what it should hold.
class FlashLoad {
 public:
  static constexpr std::size_t kEnvelopeMax = 400;
  static constexpr std::size_t kEntries = 64;

  FlashLoad(const FakeFlash& on, std::uint64_t seed)
      : flash(on), random_(seed), pages_(on.flash().pages) {
    mount();
  }

  FakeFlash flash;
  std::optional<FlashStore> store;
  FlashModel now;      ///< as the store should say
  FlashModel durable;  ///< as the last commit left it

  /// One thing, or none when there is no power.
  void step() {
    time_us_ += 1'000'000;
    const std::uint64_t dice = random_.below(100);
    if (dice < 45) {
      put();
    } else if (dice < 75) {
      erase();
    } else if (dice < 80) {
      put_tombstone();
    } else if (dice < 82) {
      expire();
    } else {
      commit();
    }
  }
  void commit() {
    // Power may go after the last word: then nobody was told, and both is right.
    could_be_ = now;
    const bool writes = store->changed();
    if (!store->commit(base::from_us(time_us_))) return;
    durable = now;
    could_be_.reset();
    if (writes) committed_us_ = time_us_;
  }
  void put() {
    const std::uint64_t number = ++number_;
    const std::size_t size = 1 + random_.below(random_.below(4) == 0 ? kEnvelopeMax : 90);
    const auto record = mesh_router::record_of(number, size);
    const auto key = store->put(record, mesh_router::body_of(number, size));
    if (!key) {
      refused = key.error();
      return;
    }
    if (!now.envelopes.empty()) {
      EXPECT_GT(*key, now.envelopes.rbegin()->first);
    }
    now.envelopes[*key] = {number, size};
  }

  /// The board starts again: what is there must be what was committed.
  [[nodiscard]] bool restart() {
    flash.restore_power();
    mount();
    const FlashModel found = contents();
    const bool as_committed = found == durable;
    const bool as_could_be = could_be_ && found == *could_be_;
    if (!as_committed && !as_could_be) return false;
    if (as_could_be && !as_committed) committed_us_ = 0;
    now = durable = found;
    could_be_.reset();
    return base::to_us(store->resume_time()) >= committed_us_ &&
           base::to_us(store->resume_time()) <= time_us_;
  }
  /// Whether the store says what it should, bytes and all.
  [[nodiscard]] bool right() { return contents() == now; }

  std::optional<mesh_router::StoreError> refused;

 private:
  void mount() {
    store.reset();
    store.emplace(flash.flash(), FlashStoreSpace{pages_, entries_, tombstones_, buffer_});
  }
  void erase() {
    if (now.envelopes.empty()) return;
    auto victim = now.envelopes.begin();
    std::advance(victim, static_cast<long>(random_.below(now.envelopes.size())));
    store->erase(victim->first);
    now.envelopes.erase(victim);
  }
  void put_tombstone() {
    if (now.tombstones.size() >= 4) return;
    const auto id = mesh_router::tagged<wire::EnvelopeId>(1 + random_.below(6));
    const auto until =
        base::from_us(time_us_ + static_cast<std::int64_t>(random_.below(90)) * 1'000'000);
    base::Time& known = now.tombstones.try_emplace(id, until).first->second;
    // Places of what is erased come back with a commit; without one, none is kept.
    store->put_tombstone(id, until);
    known = std::max(known, until);
    const auto there = contents().tombstones;
    if (there != now.tombstones) now.tombstones = there, ++tombstones_refused;
  }
  void expire() {
    store->expire_tombstones(base::from_us(time_us_));
    std::erase_if(now.tombstones,
                  [this](const auto& t) { return base::to_us(t.second) <= time_us_; });
  }
  FlashModel contents() {
    FlashModel found;
    store->for_each([&](mesh_router::StoreKey key, const mesh_router::EnvelopeRecord& record) {
      for (const auto* model : {&now, &durable}) {
        const auto known = model->envelopes.find(key);
        if (known == model->envelopes.end()) continue;
        const auto [number, size] = known->second;
        const bool whole = mesh_router::same(record, mesh_router::record_of(number, size)) &&
                           base::equal(store->read(key), mesh_router::body_of(number, size));
        found.envelopes[key] = whole ? known->second : std::pair<std::uint64_t, std::size_t>{};
        return;
      }
      found.envelopes[key] = {};  // nobody put this
    });
    store->for_each_tombstone([&](const wire::EnvelopeId& id, base::Time until) {
      EXPECT_TRUE(found.tombstones.emplace(id, until).second) << "twice";
    });
    return found;
  }

 public:
  std::uint64_t tombstones_refused = 0;

 private:
  base::SeededRandom random_;
  std::vector<std::uint16_t> pages_;
  std::vector<FlashEntry> entries_ = std::vector<FlashEntry>(kEntries);
  std::vector<FlashEntry> tombstones_ = std::vector<FlashEntry>(16);
  base::Bytes buffer_ = base::Bytes(kEnvelopeMax);
  std::optional<FlashModel> could_be_;
  std::uint64_t number_ = 0;
  std::int64_t time_us_ = 0;
  std::int64_t committed_us_ = 0;
};

}  // namespace chaski::embedded
