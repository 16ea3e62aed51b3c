// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>

namespace chaski::vectors {

/// The seed of the examples in the documents.
inline constexpr std::uint64_t kDocumentSeed = 1;

/// Holds the documents of a folder to the program: after each line `<!-- vectors: PAGE NAME -->`
/// stands a fenced block, and it must be to_text() of that vector.
///
/// Says on standard error what differs. With `write`, makes the blocks right instead. Gives the
/// exit code: 0 when all are right, 1 when not, also when there is no such block at all.
int check_documents(const std::filesystem::path& folder, bool write);

}  // namespace chaski::vectors
