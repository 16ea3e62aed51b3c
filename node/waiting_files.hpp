// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "node/file_receiver.hpp"
#include "node/file_transfer.hpp"

namespace chaski::node {

/// Incoming files that were told of while as many as may come at once were under way: their
/// manifests, until there is room.
///
/// Rules: (1) each is saved as a file under way of which nothing is here yet; after a restart the
/// older ones come first again. (2) at most kFromContactMax of one contact and kMax in all; what is
/// above is not kept account of. (3) the oldest for whose contact there is room comes next. (4) one
/// whose time has ended is over, and told of as such until it is forgotten.
class WaitingFiles {
 public:
  static constexpr std::size_t kMax = 1'024;
  static constexpr std::size_t kFromContactMax = 256;

  bool may_wait(const e2ee::PersonId& contact) const;
  void add(const FileRecord& record) { files_.emplace(record.number, record); }
  bool remove(FileNumber number) { return files_.erase(number) > 0; }
  const FileRecord* find(FileNumber number) const;
  static FileInfo info(const FileRecord& record);
  std::vector<FileInfo> infos() const;

  /// Takes out the next that `receiver` has room for.
  std::optional<FileRecord> next(const FileReceiver& receiver);
  /// Those whose time has ended now.
  std::vector<FileRecord> end(base::Time now);
  /// Nothing when nobody waits.
  std::optional<base::Time> first_end() const;

 private:
  std::map<FileNumber, FileRecord> files_;  ///< under way or expired
};

}  // namespace chaski::node
