// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "e2ee/session.hpp"

namespace chaski::bench {

/// Bytes of the text that every contender seals and opens.
inline constexpr std::size_t kTextSize = 256;

/// Somebody's implementation of conversations between two people, both of them in this process.
///
/// All do the same work: a call returns when both sides hold the state that they would save, and
/// each checks what it opened. State is kept in memory in the library's own way; nothing is written
/// anywhere. Randomness comes from base::SeededRandom for all, which costs next to nothing. An
/// error ends the program: a failed call must not count as a fast one.
class Contender {
 public:
  virtual ~Contender() = default;
  virtual std::string name() const = 0;
  /// Two people whose long-term keys exist begin a conversation: the one makes what is used for
  /// this conversation alone (an invitation, a one-time prekey), the other takes it, and the first
  /// hears and checks what comes back.
  virtual void set_up() = 0;
  /// One message is sealed and opened, always in the same direction.
  virtual void one_way() = 0;
  /// One message is sealed and opened, in turns: each makes a ratchet step on both sides.
  virtual void ping_pong() = 0;
  /// What one_way() last put on the air, without padding and without the text: bytes.
  virtual std::size_t overhead() const = 0;
  virtual std::string overhead_note() const { return {}; }
};

std::unique_ptr<Contender> make_chaski_contender();
/// The bare libsodium calls that ours cannot do without, on bytes that mean nothing.
std::unique_ptr<Contender> make_bare_contender();
/// Only in a build that found the library, else null.
std::unique_ptr<Contender> make_olm_contender();
std::unique_ptr<Contender> make_signal_contender();

/// What all of them say, as ours takes it.
inline e2ee::Content bench_content() {
  e2ee::Content content;
  content.payload.assign(kTextSize, 'a');
  return content;
}

/// Ends the program with a line that says what did not work.
[[noreturn]] void contender_failed(const char* who, const char* what);
inline void require(bool worked, const char* who, const char* what) {
  if (!worked) contender_failed(who, what);
}

}  // namespace chaski::bench
