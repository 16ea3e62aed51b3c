// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/bytes.hpp"
#include "reconcile/sketch.hpp"

namespace chaski::reconcile {

/// Who sends its larger sketch first: the initiator of the link is the teller.
enum class Role : std::uint8_t { teller, solver };

/// How far an exchange got, for statistics and for explain.
struct ExchangeCounts {
  std::uint32_t ours = 0;           ///< ids added here
  std::uint32_t theirs = 0;         ///< as the other side claims
  std::uint32_t they_lack = 0;      ///< missing().size()
  std::uint32_t we_lack = 0;        ///< ids of theirs that are not ours, as far as is known
  std::uint32_t sketches_decoded = 0;
  std::uint32_t sketches_unsolved = 0;
  std::uint64_t bytes_sent = 0;     ///< payloads, without the headers of records and links
  std::uint64_t bytes_received = 0;
};

/// Finds out, together with the Exchange of the other side, what each side lacks. One for each link
/// session; docs/protocol/reconciliation.md is what they say to each other.
///
/// Order of use: add() every id, start(), and from then on, in any order and as often as one likes,
/// work(), write() and receive(). Each direction of the link must keep the order of what write()
/// gave, and lose nothing. Nothing here depends on time; who waits for a silent neighbour is the
/// owner's concern.
///
/// No call does more than a few hundred thousand multiplications or one decoding; what is more to
/// do, work() does. Memory: 12 bytes an id and at most about 3 MiB, mostly
/// less than 1, freed when finished() or failed(); 4 bytes remain for each missing id.
class Exchange {
 public:
  /// Most ids of one side.
  static constexpr std::size_t kIdsMax = (std::size_t{1} << 24) - 1;

  explicit Exchange(Role role);
  ~Exchange();
  Exchange(Exchange&&) noexcept;
  Exchange& operator=(Exchange&&) noexcept;

  /// Room for that many ids; optional.
  void reserve(std::size_t count);
  /// One of our ids; its index is the number of ids added before it. Not after start(); at most
  /// kIdsMax. Ids should be spread evenly over 48 bits, as salted hashes are. Two that are equal
  /// take no part in the exchange: both count as missing on the other side.
  void add(ShortId id);
  /// The set is whole.
  void start();

  /// Does a bounded piece of work, about 1 ms, and says whether there is more to do at once.
  /// When it said no, there is more only after receive() or write().
  bool work();

  bool wants_to_send() const;
  /// Writes the next message, of at most out.size() bytes; returns its size, 0 when there is none.
  std::size_t write(base::MutableByteView out);
  /// Takes a message. False when this is no message of an honest neighbour; then failed().
  bool receive(base::ByteView payload);

  /// Whether missing() is complete. There may still be something to send for the other side.
  bool finished() const;
  /// Whether the other side made no sense, here or in work(): nothing more comes, nothing is sent.
  bool failed() const;
  /// The indices of our ids that the other side lacks, as far as found: it only grows, in no order.
  std::span<const std::uint32_t> missing() const;

  const ExchangeCounts& counts() const;
  /// Bytes on the heap.
  std::size_t memory_used() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace chaski::reconcile
