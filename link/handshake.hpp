// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "link/link.hpp"
#include "link/noise_handshake.hpp"
#include "link/version.hpp"

namespace chaski::link {

/// First byte of a handshake frame. Numbers are on the air.
enum class FrameType : std::uint8_t {
  message_1 = 1,
  message_2 = 2,
  message_3 = 3,
  no_version = 4,  ///< instead of message 2: no protocol version in common
};

/// Frame type and version range stand before the Noise message.
inline constexpr std::size_t kFrameHeaderSize = 2;

/// The Noise prologue: protocol name, version range that the initiator offers, role labels.
base::Bytes make_prologue(std::uint8_t packed_versions);

/// What a finished handshake leaves.
struct HandshakeResult {
  noise::CipherState send;
  noise::CipherState receive;
  NodePublicKey peer;
  Hello peer_hello;
  std::array<std::uint8_t, 32> hash{};
};

/// The three frames before a link is open, as one side sees them.
///
/// Frames alternate; one that is out of turn, of another size, of another type or that does not
/// authenticate is the end. Each frame is Link::kHandshakeFrameSize bytes.
class Handshake {
 public:
  Handshake(const LinkConfig& config, base::Random& random);

  /// Takes a frame; nothing when all is well, else why the link ends.
  std::optional<CloseReason> receive(base::MutableByteView frame);
  /// Whether next_frame() has one.
  bool wants_to_send() const { return step_ < kSteps && our_turn(); }
  /// Writes the frame that is due into the first kHandshakeFrameSize bytes of `out`.
  std::optional<CloseReason> next_frame(base::MutableByteView out);
  bool complete() const { return step_ == kSteps; }
  /// Once complete.
  HandshakeResult result() const;

 private:
  static constexpr int kSteps = noise::HandshakeState::kMessages;

  bool our_turn() const { return (step_ % 2 == 0) == (role_ == base::LinkRole::initiator); }
  std::optional<CloseReason> begin_responder(std::uint8_t packed_versions);
  std::optional<CloseReason> take_payload(base::ByteView payload);
  std::optional<CloseReason> take_hello(base::ByteView payload);
  void make_noise(std::uint8_t packed_versions);
  std::size_t payload_size() const;
  std::uint8_t header_versions() const;

  base::LinkRole role_;
  NodeKey node_key_;
  std::optional<NetworkKey> network_key_;
  noise::EphemeralSecret ephemeral_;
  Hello hello_;
  Hello peer_hello_;
  std::uint8_t version_ = 0;
  int step_ = 0;
  std::optional<noise::HandshakeState> noise_;
};

/// Writes the frame that says that there is no version in common, as large as any handshake frame.
void write_no_version_frame(base::MutableByteView out);

}  // namespace chaski::link
