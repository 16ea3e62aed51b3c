// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <unordered_map>
#include <vector>

#include "mesh-router/router.hpp"
#include "node/body_pool.hpp"
#include "node/context.hpp"
#include "node/ended_unseen.hpp"
#include "node/file_transfer.hpp"

namespace chaski::node {

/// Files on their way out: makes envelopes of them as there is room for more.
///
/// Rules:
///  1. Data goes first, group by group, each piece once; what it is made from is the sealed copy,
///     and a piece that does not open ends the transfer: nothing else is ever sealed in its place.
///  2. Parity follows once nothing was made and no receipt came for kParityAfter, of groups whose
///     data was made and whose receipts do not suffice: over a good link none is made.
///  3. Bytes that no neighbour took are bounded by kUntakenMax, and all that is held of files by a
///     quarter of the store; of what is left of that a file may have as much as it leaves free
///     (Choudhury and Hahne, "Dynamic queue length thresholds for shared-memory packet switches",
///     1998), so that one that nobody comes for leaves room for others. Data uses four fifths of
///     that, the rest is for parity.
///  4. A chunk whose receipt came is done; when the receipts of every group suffice, the file is
///     delivered and its copy goes.
///  5. A step makes kStepBytes at most, then others have their turn.
class FileSender {
 public:
  static constexpr std::uint64_t kUntakenMax = 16u << 20;
  static constexpr std::uint64_t kStoreShare = 4;
  static constexpr std::uint64_t kStepBytes = 4u << 20;
  static constexpr base::Duration kParityAfter = std::chrono::seconds(2);
  static constexpr base::Duration kRetryAfter = std::chrono::seconds(1);
  static constexpr std::size_t kFilesMax = 1'024;  ///< under way at once

  explicit FileSender(Context& context) : context_(context) {}

  /// Of the store, at start; then resume().
  void load(FileTransfer transfer);
  /// What is held of all files after a start: the ids of chunks that were written here. Chunks that
  /// were made and are not held are made again, but for those that `ended` says were delivered.
  std::vector<wire::EnvelopeId> resume(const EndedUnseen& ended, base::Time now);
  bool has_room() const { return files_.size() < kFilesMax; }
  void add(FileTransfer transfer, base::Time now);
  /// False when it is none of these.
  bool remove(FileNumber number);
  const FileTransfer* find(FileNumber number) const;
  void for_each(const std::function<void(const FileTransfer&)>& visit) const;

  void on_router_event(const mesh_router::RouterEvent& event, base::Time now);
  void save_dirty();
  std::optional<base::Time> next_wakeup() const { return wake_at_; }
  void wake(mesh_router::Router& router, base::Time now);

 private:
  struct Outgoing {
    explicit Outgoing(FileTransfer file) : transfer(std::move(file)) {}
    FileTransfer transfer;
    std::vector<attachment::ChunkIndex> again{};  ///< made before, and not held any more
    std::uint64_t held = 0;                       ///< bytes of its chunks in the store
    base::Time quiet_since{};                     ///< since when nothing was made or received
  };
  struct Held {
    FileNumber file = 0;
    attachment::ChunkIndex chunk = 0;
    std::uint32_t size = 0;
    bool taken = false;  ///< by a neighbour
  };
  /// What came of a step.
  enum class Step : std::uint8_t { made, nothing, no_room };

  Step step(Outgoing& out, mesh_router::Router& router, base::Time now);
  Step make_again(Outgoing& out, mesh_router::Router& router, base::Time now);
  Step make_data(Outgoing& out, mesh_router::Router& router, base::Time now);
  Step make_parity(Outgoing& out, mesh_router::Router& router, base::Time now);
  Step submit(Outgoing& out, attachment::ChunkIndex chunk, base::ByteView bytes,
              mesh_router::Router& router, base::Time now);
  bool read(Outgoing& out, attachment::ChunkIndex chunk, base::MutableByteView bytes);
  /// The parity of a group, one chunk beside the other.
  std::optional<base::Bytes> parity_of(Outgoing& out, std::uint32_t group);
  bool may_make(const Outgoing& out, bool parity) const;
  void hold(const wire::EnvelopeId& id, const Held& held);
  void drop(const wire::EnvelopeId& id);
  void taken(Held& held);
  void done(Outgoing& out, attachment::ChunkIndex chunk);
  void end(Outgoing& out, FileState state);
  void touch(Outgoing& out);
  void take_ends(const EndedUnseen& ended);
  void consider(base::Time at);

  Context& context_;
  std::map<FileNumber, Outgoing> files_;
  std::unordered_map<wire::EnvelopeId, Held, EnvelopeIdHash> held_;
  std::uint64_t held_bytes_ = 0;
  std::uint64_t untaken_bytes_ = 0;
  std::uint64_t made_bytes_ = 0;  ///< in this step
  FileNumber last_served_ = 0;
  std::set<FileNumber> dirty_;
  std::optional<base::Time> wake_at_;
};

}  // namespace chaski::node
