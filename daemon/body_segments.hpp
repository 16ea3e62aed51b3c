// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/expected.hpp"
#include "mesh-router/envelope_store.hpp"

namespace chaski::daemon {

/// Where a large body lies: a segment file and the 4 KiB block in it where the body starts.
struct BodyPlace {
  std::uint32_t segment = 0;  ///< 0: nowhere
  std::uint32_t block = 0;
  friend bool operator==(const BodyPlace&, const BodyPlace&) = default;
};

/// Large envelope bodies in append-only files beside the database, so that they are written once
/// and not first to its log.
///
/// Rules: (1) sync() before the transaction that names the places is committed; what was appended
/// and never committed is an orphan, cleaned at the next start. (2) release() only after the
/// transaction that forgets the place is committed. (3) A segment that holds nothing is deleted;
/// within one that still holds something the freed blocks become holes, where the file system can.
/// (4) After a start nothing is appended to old segments.
class BodySegments {
 public:
  static constexpr std::uint32_t kBlockSize = 4096;
  static constexpr std::uint32_t kSegmentBlocksMax = 8192;  ///< 32 MiB
  static constexpr std::size_t kOpenFilesMax = 16;

  /// The folder is created at the first append.
  explicit BodySegments(std::string folder);
  ~BodySegments();
  BodySegments(const BodySegments&) = delete;
  BodySegments& operator=(const BodySegments&) = delete;

  /// At start and after a rollback: forget(), then held() for every place in the database, then
  /// clean(), which deletes what nobody names.
  void forget();
  void held(BodyPlace place, std::uint32_t size);
  void clean();

  base::Expected<BodyPlace, mesh_router::StoreError> append(base::ByteView body);
  bool read(BodyPlace place, base::MutableByteView out);
  /// Makes everything appended durable.
  bool sync();
  bool unsynced() const { return !unsynced_.empty(); }
  void release(BodyPlace place, std::uint32_t size);
  /// Frees what was released since the last call.
  void reclaim();

 private:
  struct Segment {
    std::uint32_t live = 0;       ///< bodies
    std::uint32_t end_block = 0;  ///< after the last body
  };
  struct Hole {
    std::uint32_t segment;
    std::uint32_t first;
    std::uint32_t end;
  };
  std::string path(std::uint32_t segment) const;
  int open(std::uint32_t segment, bool create);
  void close(std::uint32_t segment);
  bool start_segment();
  void remove(std::uint32_t segment);
  void punch(const Hole& hole);

  std::string folder_;
  std::map<std::uint32_t, Segment> segments_;
  std::map<std::uint32_t, int> files_;
  std::vector<std::uint32_t> unsynced_;
  bool folder_unsynced_ = false;
  std::uint32_t current_ = 0;  ///< 0: the next append starts one
  std::uint32_t last_ = 0;     ///< the highest number ever used
  std::vector<Hole> holes_;
};

}  // namespace chaski::daemon
