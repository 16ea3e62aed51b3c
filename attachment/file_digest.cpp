// SPDX-License-Identifier: Apache-2.0
#include "attachment/file_digest.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "attachment/labels.hpp"
#include "base/assert.hpp"

namespace chaski::attachment {

struct FileDigester::State {
  crypto_generichash_blake2b_state hash;
};

FileDigester::FileDigester(const FileSecret& secret) : state_(std::make_unique<State>()) {
  std::array<std::uint8_t, crypto_generichash_blake2b_PERSONALBYTES> label{};
  std::copy(label::kFile.begin(), label::kFile.end(), label.begin());
  const int failed = crypto_generichash_blake2b_init_salt_personal(
      &state_->hash, secret.view().data(), secret.view().size(), FileDigest::kSize, nullptr,
      label.data());
  CHASKI_ASSERT(failed == 0);
}

FileDigester::~FileDigester() { sodium_memzero(&state_->hash, sizeof state_->hash); }

void FileDigester::add(base::ByteView bytes) {
  crypto_generichash_blake2b_update(&state_->hash, bytes.data(), bytes.size());
}

FileDigest FileDigester::finish() {
  FileDigest digest;
  crypto_generichash_blake2b_final(&state_->hash, digest.bytes.data(), digest.bytes.size());
  return digest;
}

}  // namespace chaski::attachment
