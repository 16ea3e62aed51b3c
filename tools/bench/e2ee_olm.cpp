// SPDX-License-Identifier: Apache-2.0
// libolm 3.2: the Double Ratchet of Matrix.
#include <olm/olm.h>

#include <cstring>
#include <string_view>

#include "tools/bench/e2ee_contender.hpp"

namespace chaski::bench {
namespace {

using Buffer = std::vector<std::uint8_t>;

/// The value of a key of a flat JSON text, as libolm writes it.
std::string_view value_of(std::string_view json, std::string_view key) {
  const auto at = json.find(key);
  require(at != std::string_view::npos, "libolm", "a key in its JSON");
  const auto first = json.find(":\"", at) + 2;
  return json.substr(first, json.find('"', first) - first);
}

void check(std::size_t result, const char* what) {
  require(result != ::olm_error(), "libolm", what);
}

/// Ratchet of one side, in memory of its own as libolm wants it.
struct Side {
  Buffer memory = Buffer(::olm_session_size());
  OlmSession* session = ::olm_session(memory.data());
};

struct Account {
  Buffer memory = Buffer(::olm_account_size());
  OlmAccount* account = ::olm_account(memory.data());
  std::string identity;

  explicit Account(base::Random& random) {
    Buffer bytes(::olm_create_account_random_length(account));
    random.fill(bytes);
    check(::olm_create_account(account, bytes.data(), bytes.size()), "create_account");
    std::string json(::olm_account_identity_keys_length(account), ' ');
    check(::olm_account_identity_keys(account, json.data(), json.size()), "identity_keys");
    identity = value_of(json, "curve25519");
  }
};

class OlmContender final : public Contender {
 public:
  OlmContender() {
    set_up();
    for (int i = 0; i < 4; ++i) ping_pong();
  }
  std::string name() const override { return "libolm"; }

  void set_up() override {
    Account& b = people_[1];
    random_bytes(::olm_account_generate_one_time_keys_random_length(b.account, 1));
    check(::olm_account_generate_one_time_keys(b.account, 1, noise_.data(), noise_.size()),
          "generate_one_time_keys");
    json_.resize(::olm_account_one_time_keys_length(b.account));
    check(::olm_account_one_time_keys(b.account, json_.data(), json_.size()), "one_time_keys");
    const std::string_view prekey =
        value_of(std::string_view(json_).substr(json_.find('{', 1)), "A");
    ::olm_account_mark_keys_as_published(b.account);

    random_bytes(::olm_create_outbound_session_random_length(sides_[0].session));
    check(::olm_create_outbound_session(sides_[0].session, people_[0].account, b.identity.data(),
                                        b.identity.size(), prekey.data(), prekey.size(),
                                        noise_.data(), noise_.size()),
          "create_outbound_session");
    seal(0);
    Buffer copy = message_;
    check(::olm_create_inbound_session(sides_[1].session, b.account, copy.data(), copy.size()),
          "create_inbound_session");
    open(1);
    check(::olm_remove_one_time_keys(b.account, sides_[1].session), "remove_one_time_keys");
    turn_ = 1;
  }
  void one_way() override {
    seal(0);
    open(1);
  }
  void ping_pong() override {
    seal(turn_);
    open(1 - turn_);
    turn_ = 1 - turn_;
  }
  std::size_t overhead() const override { return size_ * 3 / 4 - kTextSize; }
  std::string overhead_note() const override { return "without the third that base64 adds"; }

 private:
  void random_bytes(std::size_t size) {
    noise_.resize(size);
    random_.fill(noise_);
  }
  void seal(std::size_t who) {
    OlmSession* session = sides_[who].session;
    type_ = ::olm_encrypt_message_type(session);
    random_bytes(::olm_encrypt_random_length(session));
    message_.resize(::olm_encrypt_message_length(session, text_.size()));
    size_ = ::olm_encrypt(session, text_.data(), text_.size(), noise_.data(), noise_.size(),
                          message_.data(), message_.size());
    check(size_, "encrypt");
  }
  void open(std::size_t who) {
    const std::size_t size = ::olm_decrypt(sides_[who].session, type_, message_.data(), size_,
                                           opened_.data(), opened_.size());
    require(size == text_.size() && std::memcmp(opened_.data(), text_.data(), size) == 0, "libolm",
            "decrypt");
  }

  base::SeededRandom random_{1};
  Account people_[2] = {Account(random_), Account(random_)};
  Side sides_[2];
  Buffer text_ = Buffer(kTextSize, 'a');
  Buffer message_;
  Buffer opened_ = Buffer(4'096);
  Buffer noise_;
  std::string json_;
  std::size_t type_ = 0;
  std::size_t size_ = 0;
  std::size_t turn_ = 0;
};

}  // namespace

std::unique_ptr<Contender> make_olm_contender() {
  return std::make_unique<OlmContender>();
}

}  // namespace chaski::bench
