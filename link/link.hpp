// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "base/expected.hpp"
#include "base/link_id.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "link/keys.hpp"

namespace chaski::link {

/// Why a link ended; the numbers up to protocol_error may be sent in a close record.
enum class CloseReason : std::uint8_t {
  going_away = 1,      ///< the node stops
  duplicate = 2,       ///< another link to the same neighbour is kept
  too_many_links = 3,
  protocol_error = 4,  ///< a frame that cannot be what it claims
  handshake_failed = 16,
  handshake_timeout = 17,
  silent = 18,         ///< nothing heard for LinkTimers::dead_after
  self = 19,           ///< it is our own node key
  version = 20,        ///< no protocol version in common
  transport = 21,      ///< the transport closed it
  peer_closed = 22,
};
const char* to_string(CloseReason reason);

/// What both ends learn in the encrypted part of the handshake.
struct Hello {
  std::uint32_t capabilities = 0;     ///< bit set; unknown bits are ignored
  std::uint32_t frame_size_max = 0;   ///< plaintext bytes the sender can receive in one frame
};

struct LinkTimers {
  base::Duration handshake_timeout = std::chrono::seconds(5);
  base::Duration ping_after = std::chrono::seconds(2);  ///< nothing received for so long: ask
  base::Duration dead_after = std::chrono::seconds(6);  ///< nothing received for so long: dead
  // The same of a link that another may replace at once.
  base::Duration replaceable_ping_after = std::chrono::seconds(1);
  base::Duration replaceable_dead_after = std::chrono::milliseconds(1'800);
};

struct LinkConfig {
  base::LinkRole role;
  const NodeKey* node_key;                    ///< must outlive the handshake
  std::optional<NetworkKey> network_key;
  Hello hello;
  LinkTimers timers;
};

/// One authenticated, encrypted hop: Noise_XX (or XXpsk3) over any transport that delivers frames
/// whole, in order and once, or closes.
///
/// Rules, numbered as in docs/protocol/link.md:
///  1. Handshake first, everything else after. Each handshake frame is kHandshakeFrameSize bytes,
///     so that a stranger is never answered with more bytes than came.
///  2. Any frame that does not authenticate ends the link: the order of frames is the nonce.
///  3. A peer that has our own static key is ourselves: closed.
///  4. Liveness: a link silent for ping_after is asked, one silent for dead_after is dead; who
///     slept asks before it judges.
///  5. Both directions rekey after kRekeyAfter frames.
///  6. The responder is open once message 3 is right; the initiator once the first sealed frame of
///     the responder is right, since only that proves the network key. The responder's next_frame()
///     gives that frame, without records, before anything that seal() makes.
///
/// Order of polling: after receive(), wake() or a change of what the router wants, drain
/// next_frame() while the transport has room; then state(); then next_wakeup().
class Link {
 public:
  /// Size of each of the three handshake frames.
  static constexpr std::size_t kHandshakeFrameSize = 160;
  static constexpr std::uint64_t kRekeyAfter = 1u << 16;
  /// What sealing adds to a frame.
  static constexpr std::size_t kSealOverhead = 16;

  enum class State : std::uint8_t { handshake, open, closed };

  Link(const LinkConfig& config, base::Random& random, base::Time now);
  ~Link();
  Link(Link&&) noexcept;
  Link& operator=(Link&&) noexcept;

  State state() const;
  std::optional<CloseReason> close_reason() const;
  /// Valid once open.
  const NodePublicKey& peer() const;
  const Hello& peer_hello() const;
  /// Binds what is said inside to this very link (Noise h, 32 bytes). Valid once open.
  base::ByteView handshake_hash() const;
  /// 16 bytes for one use inside this link, the same at both ends and of no other link:
  /// first16(H(label, h)), as docs/protocol/link.md says. The label has 1 to 64 characters. Valid
  /// once open.
  std::array<std::uint8_t, 16> derive(std::string_view label) const;

  /// Takes one frame from the transport. Gives the decrypted records, to be handed to the router
  /// (empty while in handshake), decrypted in place within `frame`. Link-level records (ping, pong,
  /// close, padding) in it were handled already and may be skipped by the router. Of a frame that
  /// says close, only the records before it are given.
  base::ByteView receive(base::MutableByteView frame, base::Time now);

  /// Ends the link: state() is closed at once, and a close record is the last frame that
  /// next_frame() still gives, when it was open and the reason may be sent.
  void close(CloseReason reason, base::Time now);
  /// The transport is gone.
  void transport_closed();

  /// A handshake frame or link-level frame that wants to go now; 0 when there is none.
  /// `out` must hold at least kHandshakeFrameSize bytes.
  std::size_t next_frame(base::MutableByteView out, base::Time now);
  /// Seals `plaintext_size` bytes that stand at the start of `buffer`, in place; the buffer needs
  /// kSealOverhead more. Returns the frame size. Only while open.
  std::size_t seal(base::MutableByteView buffer, std::size_t plaintext_size, base::Time now);

  /// Whether another link to the same neighbour stands by: then it is given up sooner when silent.
  void set_replaceable(bool replaceable);

  std::optional<base::Time> next_wakeup() const;
  void wake(base::Time now);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace chaski::link
