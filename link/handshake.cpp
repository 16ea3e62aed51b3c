// SPDX-License-Identifier: Apache-2.0
#include "link/handshake.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "link/hello_codec.hpp"
#include "wire/limits.hpp"

namespace chaski::link {

namespace {

constexpr std::size_t kFrameSize = Link::kHandshakeFrameSize;
constexpr std::size_t kNoiseSize = kFrameSize - kFrameHeaderSize;
constexpr std::string_view kProtocolName = "chaski link";
constexpr std::string_view kRoleLabels = "initiator to responder";

FrameType type_of_step(int step) { return static_cast<FrameType>(step + 1); }

bool all_zero(base::ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; });
}

}  // namespace

base::Bytes make_prologue(std::uint8_t packed_versions) {
  const base::ByteView name = base::as_bytes(kProtocolName);
  const base::ByteView roles = base::as_bytes(kRoleLabels);
  base::Bytes out(name.begin(), name.end());
  out.push_back(packed_versions);
  out.insert(out.end(), roles.begin(), roles.end());
  return out;
}

void write_no_version_frame(base::MutableByteView out) {
  std::fill_n(out.begin(), kFrameSize, std::uint8_t{0});
  out[0] = static_cast<std::uint8_t>(FrameType::no_version);
  out[1] = kVersions.packed();
}

Handshake::Handshake(const LinkConfig& config, base::Random& random)
    : role_(config.role),
      node_key_(*config.node_key),
      network_key_(config.network_key),
      hello_(config.hello) {
  random.fill(ephemeral_.bytes);
  if (role_ == base::LinkRole::initiator) make_noise(kVersions.packed());
}

void Handshake::make_noise(std::uint8_t packed_versions) {
  const base::Bytes prologue = make_prologue(packed_versions);
  noise_.emplace(noise::HandshakeConfig{role_, prologue, node_key_, ephemeral_, network_key_});
}

std::size_t Handshake::payload_size() const {
  return kNoiseSize - noise::HandshakeState::overhead(step_, network_key_.has_value());
}

std::uint8_t Handshake::header_versions() const { return step_ == 0 ? kVersions.packed() : 0; }

std::optional<CloseReason> Handshake::receive(base::MutableByteView frame) {
  if (complete() || our_turn() || frame.size() != kFrameSize) return CloseReason::handshake_failed;
  const auto type = static_cast<FrameType>(frame[0]);
  if (step_ == 1 && type == FrameType::no_version) return CloseReason::version;
  if (type != type_of_step(step_)) return CloseReason::handshake_failed;
  if (step_ == 0) {
    if (const auto reason = begin_responder(frame[1])) return reason;
  } else if (frame[1] != 0) {
    return CloseReason::handshake_failed;
  }
  const auto payload = noise_->read_message(frame.subspan(kFrameHeaderSize));
  if (!payload) return CloseReason::handshake_failed;
  if (const auto reason = take_payload(*payload)) return reason;
  ++step_;
  return std::nullopt;
}

std::optional<CloseReason> Handshake::begin_responder(std::uint8_t packed_versions) {
  const auto offered = VersionRange::unpack(packed_versions);
  if (!offered) return CloseReason::handshake_failed;
  const auto version = common_version(*offered, kVersions);
  if (!version) return CloseReason::version;
  version_ = *version;
  make_noise(packed_versions);
  return std::nullopt;
}

std::optional<CloseReason> Handshake::take_payload(base::ByteView payload) {
  // The first payload is filling; ciphertext in its place means that they have a network key.
  if (step_ == 0) {
    return all_zero(payload) ? std::nullopt
                             : std::optional<CloseReason>(CloseReason::handshake_failed);
  }
  if (noise_->remote_static() == node_key_.public_key()) return CloseReason::self;
  return take_hello(payload);
}

std::optional<CloseReason> Handshake::take_hello(base::ByteView payload) {
  const auto hello = decode_hello(payload);
  if (!hello) return CloseReason::handshake_failed;
  if (role_ == base::LinkRole::initiator) {
    if (!kVersions.contains(hello->version)) return CloseReason::version;
    version_ = hello->version;
  } else if (hello->version != version_) {
    return CloseReason::handshake_failed;
  }
  peer_hello_ = hello->hello;
  return std::nullopt;
}

std::optional<CloseReason> Handshake::next_frame(base::MutableByteView out) {
  CHASKI_ASSERT(wants_to_send() && out.size() >= kFrameSize);
  std::array<std::uint8_t, kNoiseSize> payload{};
  const base::MutableByteView filled = base::MutableByteView(payload).first(payload_size());
  if (step_ > 0) encode_hello({version_, hello_}, filled);
  out[0] = static_cast<std::uint8_t>(type_of_step(step_));
  out[1] = header_versions();
  if (!noise_->write_message(filled, out.subspan(kFrameHeaderSize, kNoiseSize))) {
    return CloseReason::handshake_failed;
  }
  ++step_;
  return std::nullopt;
}

HandshakeResult Handshake::result() const {
  CHASKI_ASSERT(complete());
  HandshakeResult result;
  auto ciphers = noise_->split();
  const bool initiator = role_ == base::LinkRole::initiator;
  result.send = initiator ? ciphers.first : ciphers.second;
  result.receive = initiator ? ciphers.second : ciphers.first;
  result.peer = noise_->remote_static();
  result.peer_hello = peer_hello_;
  const base::ByteView hash = noise_->hash();
  std::copy(hash.begin(), hash.end(), result.hash.begin());
  return result;
}

}  // namespace chaski::link
