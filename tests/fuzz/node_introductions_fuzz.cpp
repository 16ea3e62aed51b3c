// SPDX-License-Identifier: Apache-2.0
// The book of introductions, as a disk that is not ours may give it.
#include "base/assert.hpp"
#include "node/introduction.hpp"

using namespace chaski;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteView input(data, size);
  const auto book = node::IntroductionBook::load(input);
  if (!book) return 0;
  CHASKI_ASSERT(book->ours.size() <= node::IntroductionBook::kOursMax);
  CHASKI_ASSERT(book->theirs.size() <= node::IntroductionBook::kTheirsMax);
  CHASKI_ASSERT(base::equal(book->save(), input));
  return 0;
}
