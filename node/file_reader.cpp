// SPDX-License-Identifier: Apache-2.0
#include "node/file_reader.hpp"

#include "node/file_pieces.hpp"

namespace chaski::node {

FileReader::FileReader(FileStore& store, const FileRecord& record,
                       const attachment::Manifest& manifest)
    : store_(store), number_(record.number), key_(record.copy_key), manifest_(manifest),
      digester_(manifest.secret) {}

base::Bytes FileReader::next() {
  if (end_ != End::none) return {};
  const attachment::ChunkPlan& plan = manifest_.plan;
  // An empty file has a chunk of zeros, and nothing to read.
  if (next_ < plan.data_chunks() && plan.size_of(next_) > 0) {
    base::Bytes piece(plan.chunk_size());
    if (read_piece(store_, number_, key_, next_, piece)) {
      piece.resize(plan.size_of(next_++));
      digester_.add(piece);
      return piece;
    }
    end_ = End::missing;
    return {};
  }
  end_ = digester_.finish() == manifest_.digest ? End::right : End::wrong;
  return {};
}

}  // namespace chaski::node
