// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "attachment/copy_sealing.hpp"
#include "node/file_store.hpp"

namespace chaski::node {

/// Seals a piece in place, puts it in its slot; the last attachment::kCopyTagSize bytes of `piece`
/// are room for its authenticator. False when the disk refuses.
bool write_piece(FileStore& store, FileNumber number, const attachment::CopyKey& key,
                 attachment::ChunkIndex chunk, base::MutableByteView piece);

/// Opens a piece; `out` is exactly a chunk. False when it is not there, or is not what was written.
bool read_piece(FileStore& store, FileNumber number, const attachment::CopyKey& key,
                attachment::ChunkIndex chunk, base::MutableByteView out);

}  // namespace chaski::node
