// SPDX-License-Identifier: Apache-2.0
// The input is a piece of flash, decayed or written by somebody who knows the format: pages and
// records with right checksums around what it likes. It mounts, and what is mounted works.
#include <array>
#include <cstdlib>
#include <map>
#include <vector>

#include "embedded/flash_store.hpp"
#include "tests/embedded/fake_flash.hpp"
#include "tests/fuzz/fuzz_script.hpp"

namespace {

using namespace chaski;
using namespace chaski::embedded;

constexpr std::uint32_t kPageSize = 512;
constexpr std::uint32_t kPages = 24;
constexpr std::uint32_t kWord = 4;

void require(bool holds) {
  if (!holds) std::abort();
}

class Image {
 public:
  Image(const std::uint8_t* data, std::size_t size) : input_(data, size) {
    while (!input_.at_end()) piece();
  }
  FakeFlash flash{kPageSize, kPages, kWord};

 private:
  std::uint64_t number(std::uint64_t small) {
    const std::uint8_t dice = input_.u8();
    if (dice < 0xf0) return dice % small;
    const std::uint64_t high = input_.u24(), low = input_.u24();
    return dice < 0xf8 ? low : high << 40 | low;
  }
  void write(base::ByteView bytes) {
    for (const std::uint8_t byte : bytes) {
      if (at_ < flash.bytes.size()) flash.bytes[at_++] = byte;
    }
  }
  void piece() {
    switch (input_.u8() % 4) {
      case 0:
        return page();
      case 1:
        return write(input_.bytes(1 + input_.u8()));
      default:
        return record();
    }
  }
  void page() {
    at_ = input_.u8() % kPages * kPageSize;
    FlashPageHeader header;
    header.sequence = sequence_ = static_cast<std::uint32_t>(number(kPages * 2) + 1);
    header.tail = static_cast<std::uint32_t>(number(4));
    header.first = input_.u8() % 8 == 0 ? input_.u24() : 0;
    header.next_key = number(100);
    header.time_us = static_cast<std::int64_t>(number(200));
    if (input_.u8() % 8 == 0) header.bad[input_.u8() % header.bad.size()] = input_.u8();
    write(encode_page_header(header, kPageSize, kWord));
  }
  void record() {
    FlashRecordHeader header;
    header.kind = static_cast<FlashRecordKind>(1 + input_.u8() % 6);
    header.value = number(12);
    header.batch = static_cast<std::uint32_t>(number(4));
    base::Bytes payload;
    if (header.kind == FlashRecordKind::put) {
      mesh_router::EnvelopeRecord known;
      known.size = 1u + input_.u8();
      known.lifetime_s = input_.u24();
      known.arrived = base::from_us(static_cast<std::int64_t>(number(200)));
      known.depositor = number(4);
      const PackedRecord packed = pack_record(known);
      payload.assign(packed.begin(), packed.end());
      payload.resize(packed.size() + known.size);
      if (input_.u8() % 8 == 0) payload[input_.u8() % packed.size()] = input_.u8();
    } else if (header.kind == FlashRecordKind::tombstone) {
      payload = input_.bytes(kFlashTombstoneSize);
      payload.resize(kFlashTombstoneSize);
    }
    header.size = static_cast<std::uint32_t>(payload.size());
    if (input_.u8() % 16 == 0) header.size = static_cast<std::uint32_t>(number(2'000));
    const auto bytes = encode_record_header(header, sequence_);
    write(bytes);
    if (payload.empty()) return;
    std::array<std::uint8_t, 4> crc{};
    put_number(crc.data(), flash_crc(payload, get_number<std::uint32_t>(&bytes[20])));
    write(payload);
    write(crc);
    at_ = (at_ + kWord - 1) / kWord * kWord;
  }

  fuzz::Script input_;
  std::size_t at_ = 0;
  std::uint32_t sequence_ = 0;
};

using Held = std::map<mesh_router::StoreKey, base::Bytes>;

Held contents(FlashStore& store) {
  Held held;
  mesh_router::StoreKey last = 0;
  store.for_each([&](mesh_router::StoreKey key, const mesh_router::EnvelopeRecord& record) {
    require(held.empty() || key > last);
    last = key;
    const auto bytes = store.read(key);
    require(bytes.size() == record.size);
    (void)mesh_router::expires_at(record);
    held[key].assign(bytes.begin(), bytes.end());
  });
  store.for_each_tombstone(
      [](const wire::EnvelopeId&, base::Time until) { require(until >= base::Time{}); });
  require(store.usage().envelopes == held.size());
  return held;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Image image(data, size);
  FakeFlash& flash = image.flash;
  FlashStoreMemory<kPages, 16, 4, 300> memory;
  Held held;
  {
    FlashStore store(flash.flash(), memory.space());
    require(flash.steps == 0);
    held = contents(store);
    // The next start finds the same.
    FlashStoreMemory<kPages, 16, 4, 300> other;
    FlashStore again(flash.flash(), other.space());
    require(contents(again) == held);
    if (!held.empty()) {
      store.erase(held.begin()->first);
      held.erase(held.begin());
    }
    mesh_router::EnvelopeRecord record;
    record.size = 250;
    const base::Bytes body(250, 7);
    for (int round = 0; round < 60; ++round) {
      // What is in the way goes, as a router would let it.
      const auto key = store.put(record, body);
      if (key) {
        require(held.empty() || *key > held.rbegin()->first);
        held[*key] = body;
      } else if (!held.empty()) {
        store.erase(held.begin()->first);
        held.erase(held.begin());
      }
      require(store.commit(base::from_us(round)) || store.damage().broken);
      if (store.damage().broken) return 0;
    }
    require(contents(store) == held);
  }
  FlashStore store(flash.flash(), memory.space());
  require(contents(store) == held);
  return 0;
}
