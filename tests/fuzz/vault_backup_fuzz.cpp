// SPDX-License-Identifier: Apache-2.0
// Two things: a file from anywhere is no backup under a key that did not write it; and what stands
// inside a sealed one, in whatever order of items, is read or refused within bounds.
#include "base/assert.hpp"
#include "vault/backup.hpp"

using namespace chaski;

namespace {

void read_foreign(base::ByteView input) {
  if (input.size() < vault::BackupHeader::kSize) return;
  const auto header = vault::BackupHeader::decode(input.first(vault::BackupHeader::kSize));
  if (!header) return;
  CHASKI_ASSERT(base::equal(header->encode(), input.first(vault::BackupHeader::kSize)));
  vault::KeyEncryptionKey other;
  other.mutable_view()[0] = 1;
  vault::BackupReader reader(*header, std::move(other));
  const auto items = reader.feed(input.subspan(vault::BackupHeader::kSize));
  if (items) CHASKI_ASSERT(!reader.finish());
}

/// The input as items: kind, size in one byte, bytes.
void write_and_read(base::ByteView input) {
  base::SeededRandom random(1);
  const auto header = vault::BackupHeader::make({}, random);
  vault::BackupWriter writer(header, vault::KeyEncryptionKey());
  std::size_t put = 0;
  bool ends_well = false;
  bool ended_early = false;
  while (input.size() >= 2) {
    const auto kind = static_cast<vault::BackupItemKind>(1 + input[0] % 5);
    const std::size_t size = std::min<std::size_t>(input[1], input.size() - 2);
    ended_early = ended_early || ends_well;
    writer.put(kind, input.subspan(2, size));
    ends_well = kind == vault::BackupItemKind::end;
    input = input.subspan(2 + size);
    ++put;
  }
  writer.finish();
  const base::Bytes file = writer.take();
  vault::BackupReader reader(header, vault::KeyEncryptionKey());
  const auto items = reader.feed(base::ByteView(file).subspan(vault::BackupHeader::kSize));
  if (!items) return;
  const auto last = reader.finish();
  CHASKI_ASSERT(last.has_value() == (ends_well && !ended_early));
  if (last) CHASKI_ASSERT(items->size() + last->size() == put);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  read_foreign({data, size});
  write_and_read({data, size});
  return 0;
}
