// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "attachment/chunk_plan.hpp"
#include "base/bytes.hpp"
#include "e2ee/keys.hpp"
#include "wire/types.hpp"

namespace chaski::attachment {

/// What all chunks of one file are made from; random, for this file and this recipient alone.
using FileSecret = e2ee::Secret<struct FileSecretTag>;
/// Of the whole file (FileDigester).
using FileDigest = base::TaggedBytes<struct FileDigestTag, 32>;

inline constexpr std::size_t kFileNameSizeMax = 128;  ///< bytes of UTF-8
inline constexpr std::size_t kMediaTypeSizeMax = 64;

/// Everything that a recipient needs to know its chunks, to open them and to check the file; it
/// travels inside a message.
struct Manifest {
  FileSecret secret;
  FileDigest digest;
  ChunkPlan plan = *ChunkPlan::make(0, 0, 0);
  std::uint32_t lifetime_s = 1;                        ///< of each chunk
  wire::Priority priority = wire::Priority::bulk;      ///< of each chunk
  std::string name;                                    ///< may be empty; see is_valid_file_name()
  std::string media_type;                              ///< may be empty; see is_valid_media_type()
};

/// Whether a name may travel: 0 to 128 bytes, one plain line (e2ee/name.hpp) without '/', '\' and
/// ':', and neither "." nor ".." nor anything else that begins with a dot: where it is saved is the
/// recipient's to say.
bool is_valid_file_name(std::string_view name);

/// Whether a media type may travel: empty, or two tokens of RFC 6838 (4.2) with '/' between, in
/// lower case, 64 bytes in all.
bool is_valid_media_type(std::string_view type);

/// 83 to 275 bytes: version = 1 (1), class (1), parity (1), priority (1), lifetime (4), file size
/// (8), secret (32), digest (32), length of the name (1), name, length of the media type (1), type.
/// Numbers are little-endian.
base::Bytes encode_manifest(const Manifest& manifest);

/// Nothing when it is not what encode_manifest() writes of a manifest whose parts are all valid.
std::optional<Manifest> decode_manifest(base::ByteView bytes);

}  // namespace chaski::attachment
