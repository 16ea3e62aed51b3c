// SPDX-License-Identifier: Apache-2.0
// The stores of a small board keep the promises of every other store.
#include "tests/mesh-router/envelope_store_contract.hpp"

#include "embedded/flash_store.hpp"
#include "embedded/pool_store.hpp"
#include "tests/embedded/fake_flash.hpp"
#include "wire/limits.hpp"

namespace chaski::embedded {
namespace {

constexpr std::size_t kEnvelopes = 12'000;

class InFlash final : public mesh_router::StoreSubject {
 public:
  explicit InFlash(std::uint32_t page_size, std::uint32_t word_size)
      : flash_(page_size, (6u << 20) / page_size, word_size), pages_(flash_.flash().pages) {
    lose_power();
  }
  mesh_router::EnvelopeStore& envelopes() override { return *store_; }
  bool commit() override { return store_->commit(base::from_us(1'000)); }
  void lose_power() override {
    store_.reset();
    store_.emplace(flash_.flash(), FlashStoreSpace{pages_, entries_, tombstones_, buffer_});
  }

 private:
  FakeFlash flash_;
  std::vector<std::uint16_t> pages_;
  std::vector<FlashEntry> entries_ = std::vector<FlashEntry>(kEnvelopes);
  std::vector<FlashEntry> tombstones_ = std::vector<FlashEntry>(40);
  base::Bytes buffer_ = base::Bytes(wire::kEnvelopeSizeMax);
  std::optional<FlashStore> store_;
};

/// Its memory copied at each commit stands for memory that keeps its power.
class InPool final : public mesh_router::StoreSubject {
 public:
  mesh_router::EnvelopeStore& envelopes() override { return store_; }
  bool commit() override {
    kept_ = std::make_unique<Memory>(*memory_);
    kept_store_ = store_;
    return true;
  }
  void lose_power() override {
    *memory_ = *kept_;
    store_ = kept_store_;
  }

 private:
  using Memory = PoolStoreMemory<4u << 20, kEnvelopes, 20>;
  std::unique_ptr<Memory> memory_ = std::make_unique<Memory>();
  std::unique_ptr<Memory> kept_ = std::make_unique<Memory>();
  PoolStore store_{memory_->space()};
  PoolStore kept_store_{memory_->space()};
};

}  // namespace
}  // namespace chaski::embedded

namespace chaski::mesh_router {

INSTANTIATE_TEST_SUITE_P(
    OfASmallBoard, EnvelopeStoreContract,
    testing::Values(
        NamedStore{"flash4k", [] { return std::make_unique<embedded::InFlash>(4'096, 4); }},
        NamedStore{"flash1k", [] { return std::make_unique<embedded::InFlash>(1'024, 8); }},
        NamedStore{"flash64k", [] { return std::make_unique<embedded::InFlash>(65'536, 16); }},
        NamedStore{"pool", [] { return std::make_unique<embedded::InPool>(); }}),
    [](const auto& which) { return which.param.first; });

}  // namespace chaski::mesh_router
