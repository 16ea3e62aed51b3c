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

/// Large bodies in append-only files beside the database, so that they are written once
/// and not first to its log.
///
/// Bodies gather in memory, one beside the other in whole blocks, and are written a megabyte at a
/// time: that costs the kernel half of what single writes do. The newest two megabytes stay there
/// for who reads them next.
///
/// Rules: (1) sync() before the transaction that names the places is committed; what was appended
/// and never committed is an orphan, cleaned at the next start. (2) release() only after the
/// transaction that forgets the place is committed. (3) A segment that holds nothing is written
/// over from its start, or deleted when a spare is kept already: blocks that the file has are
/// flushed without the file system's journal. (4) Of segments that still hold something the freed
/// blocks become holes, where the file system can, once there are kFreedMax of them: most segments
/// are empty before. (5) After a start nothing is appended to old segments.
class BodySegments {
 public:
  static constexpr std::uint32_t kBlockSize = 4096;
  static constexpr std::uint32_t kSegmentBlocksMax = 4096;  ///< 16 MiB
  static constexpr std::uint32_t kFreedMax = 4096;          ///< blocks that are freed and no holes
  static constexpr std::uint32_t kGatheredBlocksMax = 256;  ///< 1 MiB, twice
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
  /// A body that is still in memory, until the next append(); empty when it is not.
  base::ByteView recent(BodyPlace place, std::uint32_t size) const;
  /// Makes everything appended durable.
  bool sync();
  bool unsynced() const { return !unsynced_.empty(); }
  void release(BodyPlace place, std::uint32_t size);
  /// What was released since the last call may be used for other bodies.
  void reclaim();
  /// Gives every freed block back to the file system, because it has little room.
  void trim();

 private:
  struct Hole {
    std::uint32_t first;  ///< block
    std::uint32_t end;
  };
  struct Segment {
    std::uint32_t live = 0;       ///< bodies
    std::uint32_t end_block = 0;  ///< after the last body
    std::vector<Hole> freed{};    ///< to become holes
  };
  /// Blocks of one segment that follow each other.
  struct Gathered {
    std::uint32_t segment = 0;
    std::uint32_t first = 0;  ///< block
    std::uint32_t end = 0;
    std::uint32_t written = 0;  ///< up to this block
    base::Bytes bytes{};

    void start(BodyPlace place);
    void add(base::ByteView body);
    base::ByteView find(BodyPlace place, std::uint32_t size) const;
  };
  std::string path(std::uint32_t segment) const;
  int open(std::uint32_t segment, bool create);
  void close(std::uint32_t segment);
  bool start_segment();
  bool write_gathered();
  void remove(std::uint32_t segment);
  void emptied(std::uint32_t segment);
  void punch_all();
  void punch(std::uint32_t segment, const Hole& hole);

  std::string folder_;
  std::map<std::uint32_t, Segment> segments_;
  std::map<std::uint32_t, int> files_;
  Gathered now_;     ///< grows
  Gathered before_;  ///< written
  std::vector<std::uint32_t> unsynced_;
  bool folder_unsynced_ = false;
  std::uint32_t current_ = 0;  ///< 0: the next append starts one
  std::uint32_t last_ = 0;     ///< the highest number ever used
  std::uint32_t spare_ = 0;    ///< holds nothing and waits to be written over; 0: none
  std::uint32_t freed_ = 0;    ///< blocks in all `freed`
  std::vector<std::uint32_t> changed_;  ///< segments that lost bodies since the last reclaim()
};

}  // namespace chaski::daemon
