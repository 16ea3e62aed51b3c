// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "mesh-router/router.hpp"
#include "node/contact_book.hpp"
#include "node/context.hpp"
#include "node/file_transfer.hpp"
#include "node/messenger.hpp"

namespace chaski::node {

/// Files on their way in: knows their chunks by their tags, keeps them as they come, sealed.
///
/// Rules:
///  1. A chunk is taken when it opens as that chunk, and only its ciphertext is kept. Its receipt
///     goes out in the same commit.
///  2. Of each file the tags of at most 2 x kWindowGroups groups are waited for: from kWindowGroups
///     before the first that is not complete (what still comes of them is taken off the mesh) to
///     kWindowGroups behind it. All files together have kTagsMax of them; a file that gets none
///     waits for others to end.
///  3. A group that is complete without some of its data is rebuilt, and the receipts of all its
///     chunks go out: the envelopes of those that never came are known, and no relay needs to carry
///     them any more. One group a step.
///  4. From one contact at most kFromContactMax files come at once, with at most half of what there
///     is room for; from all kFilesMax. What is above is not taken, and carried like any other
///     envelope until there is room.
class FileReceiver {
 public:
  static constexpr std::uint32_t kWindowGroups = 64;
  static constexpr std::size_t kTagsMax = 262'144;
  static constexpr std::size_t kFilesMax = 256;  ///< under way at once
  static constexpr std::size_t kFromContactMax = 16;

  FileReceiver(Context& context, ContactBook& contacts) : context_(context), contacts_(contacts) {}

  /// Of the store, at start. Its tags are appended to `fresh`.
  void load(FileTransfer transfer, std::vector<wire::DeliveryTag>& fresh);
  /// How many have ended or come whole since start: after one there may be room for another.
  std::uint64_t ended() const { return ended_; }
  /// Whether one more from this contact may come.
  bool has_room(const e2ee::PersonId& contact) const;
  void add(FileTransfer transfer, std::vector<wire::DeliveryTag>& fresh);
  /// Its digest is another than its sender said.
  void is_wrong(FileNumber number);
  /// False when it is none of these.
  bool remove(FileNumber number);
  const FileTransfer* find(FileNumber number) const;
  void for_each(const std::function<void(const FileTransfer&, bool waits)>& visit) const;

  /// Tags that are waited for from this contact.
  std::vector<wire::DeliveryTag> tags_of(const e2ee::PersonId& contact) const;

  /// Whose chunk it is: an index in the contact book.
  std::optional<std::uint32_t> contact_of(const TagOwner& owner) const;
  enum class Taken : std::uint8_t { yes, no_room, does_not_open };
  /// Takes a chunk that bears one of our tags; `receipt` is to be published then.
  Taken take(const TagOwner& owner, const wire::EnvelopeId& id,
             const wire::EnvelopeFields& envelope, const wire::CarryState& state,
             PendingReceipt& receipt);

  void save_dirty();
  std::optional<base::Time> next_wakeup() const;
  static constexpr base::Duration kRetryAfter = std::chrono::seconds(5);
  /// How often it is looked whether there is room again for what was not taken.
  static constexpr base::Duration kRoomEvery = std::chrono::minutes(1);
  /// Rebuilds, ends what is too old, and moves the windows on.
  void wake(mesh_router::Router& router, base::Time now, std::vector<wire::DeliveryTag>& fresh);

 private:
  struct Incoming {
    explicit Incoming(FileTransfer file) : transfer(std::move(file)) {}
    FileTransfer transfer;
    std::uint32_t first_incomplete = 0;  ///< group
    std::uint32_t tags_from = 0;         ///< groups whose tags are waited for
    std::uint32_t tags_end = 0;
    std::uint64_t age_ms = 0;  ///< of the chunk that came last
    bool no_room = false;
  };
  struct Rebuild {
    FileNumber file = 0;
    std::uint32_t group = 0;
  };

  Incoming* at(std::uint16_t slot);
  void touch(Incoming& in);
  /// Moves the window of a file on as far as there is room for tags.
  void move_window(std::uint16_t slot, std::vector<wire::DeliveryTag>& fresh);
  void listen(std::uint16_t slot, std::uint32_t group, bool add,
              std::vector<wire::DeliveryTag>& fresh);
  static std::vector<wire::DeliveryTag> tags_of(const Incoming& in);
  /// Each chunk of a group.
  static std::vector<attachment::ChunkIndex> chunks_of(const FileTransfer& transfer,
                                                       std::uint32_t group);
  void forget_tags(std::uint16_t slot);
  void group_done(Incoming& in, std::uint32_t group);
  /// False when there is no room for what was rebuilt now.
  bool rebuild(const Rebuild& job, mesh_router::Router& router, base::Time now);
  void rebuild_one(mesh_router::Router& router, base::Time now);
  void plan_end();
  void look_for_room(base::Time now, std::vector<wire::DeliveryTag>& fresh);
  void finish(Incoming& in);
  void end(std::uint16_t slot, FileState state);
  bool has_room_for(const Incoming& in, std::uint64_t bytes) const;

  Context& context_;
  ContactBook& contacts_;
  std::map<FileNumber, std::uint16_t> slot_of_;
  std::vector<std::optional<Incoming>> slots_;
  std::deque<Rebuild> rebuilds_;
  base::Time rebuild_at_{};
  std::optional<base::Time> end_at_;  ///< of the file that ends first
  bool lacked_room_ = false;  ///< since the last wake()
  std::optional<base::Time> room_at_;
  std::set<std::uint16_t> windows_due_;
  std::set<FileNumber> dirty_;
  std::size_t tags_ = 0;
  std::uint64_t ended_ = 0;
  std::map<e2ee::PersonId, std::uint64_t> bytes_of_;  ///< of pieces that are here
  base::Bytes scratch_;
};

}  // namespace chaski::node
