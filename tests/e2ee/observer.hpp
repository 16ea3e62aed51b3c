// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace chaski::e2ee::test {

/// An envelope as a relay sees it, and what the relay would like to know.
struct Seen {
  base::Bytes bytes;                   ///< tag, commitment, body
  std::array<std::uint8_t, 6> open{};  ///< lifetime, priority, kind
  std::uint16_t sender = 0;
  std::uint16_t recipient = 0;
  std::uint16_t conversation = 0;
};

/// How far an outcome is from what chance gives, in standard deviations.
struct Finding {
  std::string what;
  double sigmas = 0;
};

/// Somebody with 100,000 envelopes and all public keys: naive Bayes, linkage, and points of curves.
///
/// Half of the envelopes teach, with their labels; the other half is guessed. Each test says how
/// many standard deviations it did better than guesses or bytes that know nothing.
class Observer {
 public:
  Observer(const std::vector<Seen>& seen, const std::vector<base::Bytes>& public_keys)
      : seen_(seen), public_keys_(public_keys) {}

  std::vector<Finding> findings() const;

  /// Multinomial naive Bayes over the value of every byte at the beginning and the end, and
  /// what stands open (lifetime, priority, kind, size): guesses the label that makes an envelope
  /// likeliest.
  Finding bayes(const std::string& what, std::uint16_t Seen::*label) const;
  /// Whether any single byte, or what stands open, depends on a label: chi-square of each, the
  /// worst.
  Finding dependence(const std::string& what, std::uint16_t Seen::*label) const;
  /// Naive Bayes over how many bits are set in each of eight parts, and how many bytes repeat.
  Finding bits(std::uint16_t Seen::*label) const;
  /// Two envelopes with 4 bytes in common, at whatever places: are they of one conversation more
  /// often than others?
  Finding repeated_four() const;
  /// The same 8 bytes in two envelopes: by chance there are none.
  Finding repeated_eight() const;
  /// Windows of 32 bytes at fixed places that look like X25519 keys: top bit clear, on the curve.
  Finding x25519_points() const;
  /// Windows of 32 bytes at fixed places that are Ed25519 keys: by chance one in sixteen.
  Finding ed25519_points() const;
  /// Bytes of somebody's public keys, or what is computed from them alone: hashes as tags.
  Finding from_public_keys() const;
  /// Does an envelope resemble the one that its sender sent before, or the one it answers?
  Finding resembles_the_one_before() const;

 private:
  const std::vector<Seen>& seen_;
  const std::vector<base::Bytes>& public_keys_;
};

}  // namespace chaski::e2ee::test
