// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <deque>

#include "e2ee/pairing.hpp"
#include "e2ee/session.hpp"

namespace chaski::e2ee::test {

inline PairingBinding binding_of(std::uint8_t number) {
  PairingBinding out;
  out.bytes.fill(number);
  return out;
}

/// Two people at the two ends of one link: side 0 dialled.
struct PairingPair {
  explicit PairingPair(std::uint64_t seed, std::uint8_t link = 7)
      : random(seed),
        sides{Pairing(PairingRole::initiator, binding_of(link)),
              Pairing(PairingRole::responder, binding_of(link))} {}

  Pairing& initiator() { return sides[0]; }
  Pairing& responder() { return sides[1]; }

  /// Moves what a side says into its queue to the other.
  void collect(std::size_t from) {
    while (auto message = sides[from].next_message()) to[1 - from].push_back(std::move(*message));
  }
  /// Delivers one message; false when there is none.
  bool deliver(std::size_t at) {
    collect(1 - at);
    if (to[at].empty()) return false;
    const base::Bytes message = std::move(to[at].front());
    to[at].pop_front();
    sides[at].receive(message, true, random);
    return true;
  }
  void run() {
    while (deliver(0) || deliver(1)) {
    }
  }
  /// Until both screens show symbols.
  void show() {
    initiator().call();
    responder().call();
    run();
    ASSERT_EQ(initiator().state(), Pairing::State::comparing);
    ASSERT_EQ(responder().state(), Pairing::State::comparing);
  }
  void confirm_both() {
    initiator().confirm();
    responder().confirm();
    run();
  }

  base::SeededRandom random;
  std::array<Pairing, 2> sides;
  std::array<std::deque<base::Bytes>, 2> to;
};

}  // namespace chaski::e2ee::test
