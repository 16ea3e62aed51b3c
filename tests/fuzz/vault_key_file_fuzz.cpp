// SPDX-License-Identifier: Apache-2.0
// A key file from anywhere: what is taken for one is written again as it was, costs what is allowed
// and opens only when it was wrapped.
#include "base/assert.hpp"
#include "vault/key_file.hpp"

using namespace chaski;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteView input(data, size);
  const auto file = vault::KeyFile::decode(input);
  if (!file) return 0;
  CHASKI_ASSERT(base::equal(file->bytes(), input));
  if (file->protection() == vault::Protection::passphrase) {
    CHASKI_ASSERT(file->cost().is_allowed());
    CHASKI_ASSERT(!file->unwrap_open());
    CHASKI_ASSERT(!file->unwrap(vault::KeyEncryptionKey()));
  } else if (const auto key = file->unwrap_open()) {
    base::SeededRandom random(1);
    const auto again = vault::KeyFile::wrap_open(*key, random);
    CHASKI_ASSERT(base::equal(again.unwrap_open()->view(), key->view()));
  }
  return 0;
}
