// SPDX-License-Identifier: Apache-2.0
// What docs/protocol/e2ee.md cannot do without, as calls of libsodium and nothing between them: no
// state, no copies, no encoding, no padding, no checks of what came. Its numbers stand beside each.
#include <sodium.h>

#include <array>

#include "e2ee/tag_window.hpp"
#include "tools/bench/e2ee_contender.hpp"
#include "wire/padding.hpp"

namespace chaski::bench {
namespace {

using Key = std::array<std::uint8_t, 64>;

class BareContender final : public Contender {
 public:
  BareContender() {
    base::SeededRandom random(4);
    random.fill(secret_);
    random.fill(invitation_);
    crypto_scalarmult_curve25519_base(point_.data(), secret_.data());
    Key signing;
    crypto_sign_seed_keypair(signing_.data(), signing.data(), secret_.data());
    content_size_ = *wire::padded_body_size(36 + 30 + kTextSize + 16) - 36 - 16;
  }
  std::string name() const override { return "libsodium alone"; }

  void set_up() override {
    make_pairs(3);     // 3.1 prekey; 4.1 ephemeral and ratchet key
    check_signing(2);  // 1.3: one comes each way
    agree(6);          // 4.3 by both
    for (int side = 0; side < 2; ++side) {
      hash(32, 0);                     // 4.2
      hash(32, 0);                     // 4.6 cover
      hash(invitation_.size() + 145);  // 4.4
      hash(128);                       // 4.5
      derive(6);
      hash(32);                       // confirmation
      hash(invitation_.size() + 32);  // 4.6 binding
      hash(32);                       // 4.6 key
      hash(128);                      // 6.3, each direction
      hash(128);
    }
    seal(328, 32);  // 4.6
    open(328, 32);
    windows(3);  // 5.6: one by the acceptor, two by the inviter
  }
  void one_way() override {
    hash(32, 0);    // 6.5: the commitment, made
    derive(2 + 1);  // 5.4 tag, mask; 5.3
    seal(content_size_, 98);
    derive(1);  // 5.3
    open(content_size_, 98);
    hash(32, 0);  // 6.5: and checked
    derive(2);     // 5.4: the window goes on at both ends
  }
  void ping_pong() override {
    make_pairs(1);  // 5.10
    agree(2);       // 5.2, one by each
    hash(32);
    hash(32);
    derive(2 * 3);
    derive(1);  // 5.4: the mask once more
    windows(1);
    one_way();
  }
  std::size_t overhead() const override { return 0; }

 private:
  void make_pairs(int count) {
    for (int i = 0; i < count; ++i) {
      crypto_scalarmult_curve25519_base(out_.data(), secret_.data());
      secret_[1] = out_[0];
    }
  }
  void agree(int count) {
    for (int i = 0; i < count; ++i) {
      require(crypto_scalarmult_curve25519(out_.data(), secret_.data(), point_.data()) == 0,
              "libsodium", "crypto_scalarmult");
      secret_[2] = out_[0];
    }
  }
  void check_signing(int count) {
    for (int i = 0; i < count; ++i) {
      require(crypto_core_ed25519_is_valid_point(signing_.data()) == 1, "libsodium", "a point");
    }
  }
  void hash(std::size_t size, std::size_t key_size = 32) {
    std::array<std::uint8_t, 512> in{};
    crypto_generichash_blake2b(out_.data(), 32, in.data(), size, secret_.data(), key_size);
  }
  void derive(int count) {
    for (int i = 0; i < count; ++i) {
      crypto_core_salsa20(out_.data(), point_.data(), out_.data(), nullptr);
    }
  }
  void windows(int count) {
    constexpr int kNear = static_cast<int>(e2ee::TagWindow::kNear);
    constexpr int kBlocks = kNear / static_cast<int>(e2ee::kTagBlockSize);
    for (int i = 0; i < count; ++i) derive(kNear + kBlocks + static_cast<int>(e2ee::kFarTags));
  }
  void seal(std::size_t size, std::size_t associated) {
    crypto_aead_chacha20poly1305_ietf_encrypt_detached(
        text_.data(), mac_.data(), nullptr, text_.data(), size, point_.data(),
        std::min<std::size_t>(associated, 98), nullptr, point_.data(), secret_.data());
  }
  void open(std::size_t size, std::size_t associated) {
    require(crypto_aead_chacha20poly1305_ietf_decrypt_detached(
                text_.data(), nullptr, text_.data(), size, mac_.data(), point_.data(),
                std::min<std::size_t>(associated, 98), point_.data(), secret_.data()) == 0,
            "libsodium", "an AEAD");
  }

  Key secret_{};
  Key out_{};
  std::array<std::uint8_t, 98> point_{};
  std::array<std::uint8_t, 32> signing_{};
  std::array<std::uint8_t, 162> invitation_{};
  std::array<std::uint8_t, 512> text_{};
  std::array<std::uint8_t, 16> mac_{};
  std::size_t content_size_ = 0;
};

}  // namespace

std::unique_ptr<Contender> make_bare_contender() {
  return std::make_unique<BareContender>();
}

}  // namespace chaski::bench
