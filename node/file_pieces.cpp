// SPDX-License-Identifier: Apache-2.0
#include "node/file_pieces.hpp"

namespace chaski::node {

bool write_piece(FileStore& store, FileNumber number, const attachment::CopyKey& key,
                 attachment::ChunkIndex chunk, base::MutableByteView piece) {
  attachment::seal_piece(key, chunk, piece);
  return store.write(number, std::uint64_t{chunk} * piece.size(), piece);
}

bool read_piece(FileStore& store, FileNumber number, const attachment::CopyKey& key,
                attachment::ChunkIndex chunk, base::MutableByteView out) {
  base::Bytes piece(out.size() + attachment::kCopyTagSize);
  return store.read(number, std::uint64_t{chunk} * piece.size(), piece) &&
         attachment::open_piece(key, chunk, piece, out);
}

}  // namespace chaski::node
