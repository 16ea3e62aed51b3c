// SPDX-License-Identifier: Apache-2.0
// libsignal-protocol-c 2.3: X3DH and the Double Ratchet as Signal's own C library did them.
#include <signal/key_helper.h>
#include <signal/protocol.h>
#include <signal/session_builder.h>
#include <signal/session_cipher.h>

#include <cstring>

#include "tools/bench/e2ee_contender.hpp"
#include "tools/bench/e2ee_signal_crypto.hpp"
#include "tools/bench/e2ee_signal_stores.hpp"

namespace chaski::bench {
namespace {

constexpr std::uint32_t kPrekeyId = 1;
constexpr std::uint32_t kSignedPrekeyId = 1;

void check(int result, const char* what) {
  require(result >= 0, "libsignal-protocol-c", what);
}

/// SIGNAL_UNREF of the library, without its casts; a null pointer is let be.
template <class Counted>
void release(Counted*& counted) {
  signal_type_unref(reinterpret_cast<signal_type_base*>(counted));
  counted = nullptr;
}

SignalStores::Bytes bytes_of(signal_buffer* buffer) {
  const auto* data = signal_buffer_data(buffer);
  SignalStores::Bytes out(data, data + signal_buffer_len(buffer));
  signal_buffer_free(buffer);
  return out;
}

/// One side: who they are, what they remember, and the cipher towards the other.
struct Person {
  SignalStores stores;
  signal_protocol_store_context* context = nullptr;
  ratchet_identity_key_pair* identity = nullptr;
  session_signed_pre_key* signed_prekey = nullptr;
  session_cipher* cipher = nullptr;
  signal_protocol_address contact{};

  Person() = default;
  Person(const Person&) = delete;
  Person& operator=(const Person&) = delete;
  ~Person() {
    session_cipher_free(cipher);
    release(signed_prekey);
    release(identity);
    signal_protocol_store_context_destroy(context);
  }
};

class SignalContender final : public Contender {
 public:
  SignalContender() {
    check(signal_context_create(&global_, nullptr), "context");
    const auto provider = signal_crypto(random_);
    check(signal_context_set_crypto_provider(global_, &provider), "crypto provider");
    for (std::size_t who : {0U, 1U}) begin(who);
    set_up();
    for (int i = 0; i < 4; ++i) ping_pong();
  }
  ~SignalContender() override {
    // The people need the context to go.
    release(message_);
  }
  std::string name() const override { return "libsignal-protocol-c"; }

  void set_up() override {
    Person& a = people_[0];
    Person& b = people_[1];
    a.stores.session.clear();
    b.stores.session.clear();

    // What the server would hand out: a fresh one-time prekey beside the signed one of the week.
    signal_protocol_key_helper_pre_key_list_node* list = nullptr;
    check(signal_protocol_key_helper_generate_pre_keys(&list, kPrekeyId, 1, global_), "pre keys");
    session_pre_key* prekey = signal_protocol_key_helper_key_list_element(list);
    check(signal_protocol_pre_key_store_key(b.context, prekey), "store pre key");
    session_pre_key_bundle* bundle = nullptr;
    check(session_pre_key_bundle_create(
              &bundle, 1, 1, kPrekeyId,
              ec_key_pair_get_public(session_pre_key_get_key_pair(prekey)), kSignedPrekeyId,
              ec_key_pair_get_public(session_signed_pre_key_get_key_pair(b.signed_prekey)),
              session_signed_pre_key_get_signature(b.signed_prekey),
              session_signed_pre_key_get_signature_len(b.signed_prekey),
              ratchet_identity_key_pair_get_public(b.identity)),
          "bundle");
    session_builder* builder = nullptr;
    check(session_builder_create(&builder, a.context, &a.contact, global_), "builder");
    check(session_builder_process_pre_key_bundle(builder, bundle), "process bundle");
    session_builder_free(builder);
    release(bundle);
    signal_protocol_key_helper_key_list_free(list);

    seal(0);
    open(1);
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
  std::size_t overhead() const override {
    return signal_buffer_len(ciphertext_message_get_serialized(message_)) - kTextSize;
  }

 private:
  void begin(std::size_t who) {
    Person& person = people_[who];
    check(signal_protocol_store_context_create(&person.context, global_), "store context");
    person.stores.attach(person.context);
    check(signal_protocol_key_helper_generate_identity_key_pair(&person.identity, global_),
          "identity");
    signal_buffer* buffer = nullptr;
    check(ec_public_key_serialize(&buffer, ratchet_identity_key_pair_get_public(person.identity)),
          "public key");
    person.stores.identity_public = bytes_of(buffer);
    check(ec_private_key_serialize(&buffer, ratchet_identity_key_pair_get_private(person.identity)),
          "private key");
    person.stores.identity_private = bytes_of(buffer);
    check(signal_protocol_key_helper_generate_signed_pre_key(&person.signed_prekey, person.identity,
                                                             kSignedPrekeyId, 0, global_),
          "signed pre key");
    check(signal_protocol_signed_pre_key_store_key(person.context, person.signed_prekey),
          "store signed pre key");
    person.contact = {who == 0 ? "bela" : "anna", 4, 1};
    check(session_cipher_create(&person.cipher, person.context, &person.contact, global_),
          "cipher");
  }
  void seal(std::size_t who) {
    release(message_);
    check(session_cipher_encrypt(people_[who].cipher, text_.data(), text_.size(), &message_),
          "encrypt");
  }
  /// Reads the message from its bytes, as it comes from elsewhere.
  void open(std::size_t who) {
    signal_buffer* bytes = ciphertext_message_get_serialized(message_);
    signal_buffer* text = nullptr;
    if (ciphertext_message_get_type(message_) == CIPHERTEXT_PREKEY_TYPE) {
      pre_key_signal_message* read = nullptr;
      check(pre_key_signal_message_deserialize(&read, signal_buffer_data(bytes),
                                               signal_buffer_len(bytes), global_),
            "read");
      check(
          session_cipher_decrypt_pre_key_signal_message(people_[who].cipher, read, nullptr, &text),
          "decrypt the first");
      release(read);
    } else {
      signal_message* read = nullptr;
      check(signal_message_deserialize(&read, signal_buffer_data(bytes), signal_buffer_len(bytes),
                                       global_),
            "read");
      check(session_cipher_decrypt_signal_message(people_[who].cipher, read, nullptr, &text),
            "decrypt");
      release(read);
    }
    require(signal_buffer_len(text) == text_.size() &&
                std::memcmp(signal_buffer_data(text), text_.data(), text_.size()) == 0,
            "libsignal-protocol-c", "the text");
    signal_buffer_free(text);
  }

  base::SeededRandom random_{2};
  /// Goes last.
  struct Context {
    signal_context* context = nullptr;
    ~Context() { signal_context_destroy(context); }
  } owner_;
  signal_context*& global_ = owner_.context;
  Person people_[2];
  std::vector<std::uint8_t> text_ = std::vector<std::uint8_t>(kTextSize, 'a');
  ciphertext_message* message_ = nullptr;
  std::size_t turn_ = 0;
};

}  // namespace

std::unique_ptr<Contender> make_signal_contender() {
  return std::make_unique<SignalContender>();
}

}  // namespace chaski::bench
