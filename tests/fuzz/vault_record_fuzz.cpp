// SPDX-License-Identifier: Apache-2.0
// A record from a disk that others wrote to does not open; what was sealed here does, and as it
// was. An origin behind a mask is one of ours or none.
#include "base/assert.hpp"
#include "vault/key_file.hpp"
#include "vault/record_sealer.hpp"
#include "vault/row_mask.hpp"

using namespace chaski;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  base::SeededRandom random(2);
  const vault::DataKey key = vault::make_data_key(random);
  const vault::RecordSealer sealer(key, random);
  base::Bytes foreign(data, data + size);
  CHASKI_ASSERT(!sealer.open(vault::Table::items, 1, foreign));

  base::Bytes sealed = sealer.seal(vault::Table::items, 1, {data, size});
  const auto opened = sealer.open(vault::Table::items, 1, sealed);
  CHASKI_ASSERT(opened && base::equal(*opened, {data, size}));

  if (size < 16) return 0;
  vault::MaskedOrigin masked{};
  std::copy_n(data, masked.size(), masked.begin());
  const base::Bytes id(16, 1);
  if (const auto origin = vault::unmask(masked, sealer.mask_key(), id, 1)) {
    CHASKI_ASSERT(vault::mask(*origin, sealer.mask_key(), id, 1) == masked);
  }
  return 0;
}
