// SPDX-License-Identifier: Apache-2.0
// Published vectors of both patterns, and what they do not cover: rekeying and points of low order.
#include <gtest/gtest.h>
#include <sodium.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/hex.hpp"
#include "link/noise_handshake.hpp"

namespace chaski::link::noise {
namespace {

using base::Bytes;
using base::ByteView;
using base::LinkRole;
using nlohmann::json;

Bytes hex(const json& value) { return *base::from_hex(value.get<std::string>()); }

HandshakeConfig config(const json& vector, LinkRole role, const Bytes& prologue) {
  const std::string side = role == LinkRole::initiator ? "init" : "resp";
  HandshakeConfig out{role, prologue, NodeKey::from_secret(hex(vector.at(side + "_static"))), {},
                      std::nullopt};
  const Bytes ephemeral = hex(vector.at(side + "_ephemeral"));
  std::copy(ephemeral.begin(), ephemeral.end(), out.ephemeral.bytes.begin());
  if (vector.contains("psk")) out.network_key = NetworkKey::from(hex(vector.at("psk")));
  return out;
}

json load() {
  std::ifstream file(CHASKI_SOURCE_DIR "/tests/link/vectors/noise.json");
  return json::parse(file).at("vectors");
}

void run(const json& vector) {
  SCOPED_TRACE(vector.at("protocol_name").get<std::string>());
  const Bytes prologue = hex(vector.at("prologue"));
  HandshakeState initiator(config(vector, LinkRole::initiator, prologue));
  HandshakeState responder(config(vector, LinkRole::responder, prologue));
  const json& messages = vector.at("messages");
  ASSERT_GT(messages.size(), 4U);
  for (std::size_t i = 0; i < 3; ++i) {
    HandshakeState& writer = i == 1 ? responder : initiator;
    HandshakeState& reader = i == 1 ? initiator : responder;
    const Bytes payload = hex(messages[i].at("payload"));
    Bytes message(1024);
    message.resize(writer.write_message(payload, message).value());
    EXPECT_EQ(base::to_hex(message), messages[i].at("ciphertext").get<std::string>());
    EXPECT_EQ(message.size(), payload.size() + HandshakeState::overhead(static_cast<int>(i),
                                                                        vector.contains("psk")));
    const auto read = reader.read_message(message);
    ASSERT_TRUE(read);
    EXPECT_TRUE(base::equal(*read, payload));
  }
  ASSERT_TRUE(initiator.complete() && responder.complete());
  EXPECT_TRUE(base::equal(initiator.hash(), responder.hash()));
  if (vector.contains("handshake_hash")) {
    EXPECT_EQ(base::to_hex(initiator.hash()), vector.at("handshake_hash").get<std::string>());
  }
  auto ours = initiator.split();
  auto theirs = responder.split();
  for (std::size_t i = 3; i < messages.size(); ++i) {
    const bool from_responder = i % 2 == 1;
    CipherState& writer = from_responder ? theirs.second : ours.first;
    CipherState& reader = from_responder ? ours.second : theirs.first;
    const Bytes payload = hex(messages[i].at("payload"));
    Bytes message = payload;
    message.resize(payload.size() + kTagSize);
    writer.encrypt({}, message);
    EXPECT_EQ(base::to_hex(message), messages[i].at("ciphertext").get<std::string>());
    ASSERT_TRUE(reader.decrypt({}, message));
    EXPECT_TRUE(base::equal(ByteView(message).first(payload.size()), payload));
  }
}

TEST(NoiseVectors, XxPasses) {
  const json vectors = load();
  ASSERT_EQ(vectors.at(0).at("protocol_name"), "Noise_XX_25519_ChaChaPoly_SHA256");
  run(vectors.at(0));
}

TEST(NoiseVectors, XxPsk3Passes) {
  const json vectors = load();
  ASSERT_EQ(vectors.at(1).at("protocol_name"), "Noise_XXpsk3_25519_ChaChaPoly_SHA256");
  run(vectors.at(1));
}

TEST(NoiseVectors, AnotherPrologueDoesNotComplete) {
  const json vector = load().at(0);
  const Bytes right = hex(vector.at("prologue"));
  Bytes wrong = right;
  wrong.back() ^= 1;
  HandshakeState initiator(config(vector, LinkRole::initiator, right));
  HandshakeState responder(config(vector, LinkRole::responder, wrong));
  Bytes message(256);
  message.resize(initiator.write_message({}, message).value());
  ASSERT_TRUE(responder.read_message(message));
  message.resize(256);
  message.resize(responder.write_message({}, message).value());
  EXPECT_FALSE(initiator.read_message(message));
}

/// Points of small order on Curve25519 and its twist, with the non-canonical encodings of 0 and 1.
constexpr const char* kLowOrderPoints[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

TEST(Noise, RefusesEphemeralKeysOfLowOrder) {
  const json vector = load().at(0);
  const Bytes prologue = hex(vector.at("prologue"));
  for (const char* point : kLowOrderPoints) {
    HandshakeState responder(config(vector, LinkRole::responder, prologue));
    Bytes message = *base::from_hex(point);
    ASSERT_TRUE(responder.read_message(message)) << "no Diffie-Hellman yet";
    Bytes out(256);
    EXPECT_FALSE(responder.write_message({}, out)) << point;
  }
}

TEST(Noise, RekeyIsTheEncryptionOfZerosUnderTheLargestNonce) {
  CipherKey key;
  for (std::size_t i = 0; i < key.bytes.size(); ++i) key.bytes[i] = static_cast<std::uint8_t>(i);
  CipherState cipher(key);
  Bytes frame(5 + kTagSize);
  cipher.encrypt({}, frame);
  cipher.rekey();
  EXPECT_EQ(cipher.nonce(), 1U) << "rekeying leaves the nonce alone";
  Bytes after(5 + kTagSize);
  cipher.encrypt({}, after);

  // By hand: ChaCha20 block 1 under the old key and nonce 0^4 || ff^8 is the new key.
  const Bytes largest = *base::from_hex("00000000ffffffffffffffff");
  const Bytes zeros(32);
  Bytes new_key(32);
  crypto_stream_chacha20_ietf_xor_ic(new_key.data(), zeros.data(), zeros.size(), largest.data(), 1,
                                     key.data());
  const Bytes nonce_1 = *base::from_hex("000000000100000000000000");
  Bytes expected(5 + kTagSize);
  crypto_aead_chacha20poly1305_ietf_encrypt(expected.data(), nullptr, zeros.data(), 5, nullptr, 0,
                                            nullptr, nonce_1.data(), new_key.data());
  EXPECT_EQ(base::to_hex(after), base::to_hex(expected));
}

TEST(Noise, FailedDecryptionLeavesTheNonce) {
  CipherKey key;
  key.bytes.fill(7);
  CipherState sender(key), receiver(key);
  Bytes frame(3 + kTagSize);
  sender.encrypt({}, frame);
  Bytes broken = frame;
  broken[0] ^= 1;
  EXPECT_FALSE(receiver.decrypt({}, broken));
  EXPECT_EQ(receiver.nonce(), 0U);
  EXPECT_TRUE(receiver.decrypt({}, frame));
}

}  // namespace
}  // namespace chaski::link::noise
