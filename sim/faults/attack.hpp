// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "sim/faults/notebook.hpp"

namespace chaski::sim {

/// The truth about a message, with which an attack is judged.
struct WrittenMessage {
  wire::EnvelopeId envelope;
  NodeIndex author = 0;
  NodeIndex reader = 0;
  bool read = false;  ///< and so there is a receipt
};

/// Answers of an attack: how many it gave, and how many of them were right.
struct Guesses {
  std::uint64_t named = 0;
  std::uint64_t right = 0;

  double precision() const { return named == 0 ? 0 : double(right) / double(named); }
  double recall(std::uint64_t of) const { return of == 0 ? 0 : double(right) / double(of); }
};

/// Attempts to name who was at one end of messages: the author, from the envelope, or the reader,
/// from the receipt.
struct NamingReport {
  std::uint64_t all = 0;   ///< messages, or receipts, that there were
  std::uint64_t seen = 0;  ///< of these, by any colluder
  Guesses first;           ///< the neighbour from which any of them heard of it first
  Guesses weighed;    ///< whom most of the colluders heard of it from, those who heard early more
  Guesses young;      ///< as first, where its age was below what an author adds at random
  Guesses far;        ///< as first, where it had as many hops left as an author alone can give
  double chance = 0;  ///< right, of those seen, by naming anybody met until then
  std::uint64_t bound = 0;  ///< right at best by naming somebody who brought it
};

/// Attempts to say that two messages have the same author.
struct LinkingReport {
  std::uint64_t equal_tags = 0;   ///< pairs of envelopes with one tag: there must be none
  Guesses pairs;                  ///< pairs with the same first bearer
  std::uint64_t same_author = 0;  ///< pairs that there are, among messages seen
  double chance = 0;              ///< right, of pairs named at random
};

/// What colluders could make of their notebook.
struct AttackReport {
  std::uint64_t met = 0;  ///< people whom any of them had a link with
  NamingReport authors;
  NamingReport readers;
  LinkingReport linking;
};

/// Judges the attacks on all that colluders wrote down.
AttackReport attack(const Notebook& notebook, const std::vector<WrittenMessage>& messages);

}  // namespace chaski::sim
