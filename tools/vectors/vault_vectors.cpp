// SPDX-License-Identifier: Apache-2.0
#include "base/assert.hpp"
#include "base/hex.hpp"
#include "tools/vectors/page.hpp"
#include "tools/vectors/pieces.hpp"
#include "vault/backup.hpp"
#include "vault/key_file.hpp"
#include "vault/record_sealer.hpp"
#include "vault/row_mask.hpp"

namespace chaski::vectors {

namespace {

using base::Bytes;
using base::to_hex;

constexpr std::string_view kPassphrase = "correct horse";
/// The cheapest that is allowed: an example has nothing to hide.
constexpr vault::PassphraseCost kCost{.passes = 1, .memory_KiB = 8'192};

vault::KeyEncryptionKey key_of(const vault::Salt& salt) {
  auto key = vault::stretch(base::as_bytes(kPassphrase), salt, kCost);
  CHASKI_ASSERT(key.has_value());
  return std::move(*key);
}

Vector key_file_vector(std::string name, std::string what, base::ByteView file) {
  Vector out{std::move(name), std::move(what), {}, {}};
  out.pieces = {cut(file, 8, "chaskivk"),
                cut(file, 2, "version, protection"),
                cut(file, 2, "zero"),
                cut(file, 8, "passes, memory in KiB"),
                cut(file, 16, "salt"),
                cut(file, 24, "nonce"),
                cut(file, 32, "sealed data key"),
                cut(file, 16, "authenticator")};
  return out;
}

Vector wrapped_vector(const vault::DataKey& data_key, base::Random& random) {
  const auto salt = random.bytes<vault::Salt>();
  const auto key = key_of(salt);
  const auto file = vault::KeyFile::wrap(data_key, key, salt, kCost, random);
  Vector out = key_file_vector("key-file", "with a passphrase", file.bytes());
  out.fields["passphrase"] = kPassphrase;
  out.fields["key_encryption_key"] = to_hex(key.view());
  out.fields["data_key"] = to_hex(data_key.view());
  return out;
}

Vector open_vector(const vault::DataKey& data_key, base::Random& random) {
  const auto file = vault::KeyFile::wrap_open(data_key, random);
  return key_file_vector("open-key-file", "the same data key without a passphrase", file.bytes());
}

Vector row_vector(const vault::DataKey& data_key, base::Random& random) {
  constexpr std::uint64_t kRow = 7;
  Bytes plain{4, 'n', 'o', 't', 'e'};
  const base::ByteView value = base::as_bytes("a value of thirty bytes, or so");
  plain.insert(plain.end(), value.begin(), value.end());
  const vault::RecordSealer sealer(data_key, random);
  const Bytes sealed = sealer.seal(vault::Table::items, kRow, plain);
  Vector out{"row", "row 7 of table 1: an item with the name \"note\"", {}, {}};
  out.fields["plain"] = to_hex(plain);
  out.fields["mark"] = to_hex(sealer.mark(vault::Table::items, kRow, sealed));
  base::ByteView rest(sealed);
  out.pieces.push_back(cut(rest, vault::RecordSealer::kNonceSize, "nonce"));
  out.pieces.push_back(cut(rest, rest.size() - vault::RecordSealer::kTagSize, "sealed, padded"));
  out.pieces.push_back(cut(rest, rest.size(), "authenticator"));
  return out;
}

Vector mask_vector(const vault::DataKey& data_key, base::Random& random) {
  constexpr std::uint64_t kRow = 12;
  const Bytes id = random_bytes(random, 16);
  const vault::RecordSealer sealer(data_key, random);
  const vault::Origin origin{.depositor = 0x1122334455667788, .own = true};
  const auto masked = vault::mask(origin, sealer.mask_key(), id, kRow);
  Vector out{"mask", "an envelope of our own in row 12 of what is carried", {}, {}};
  out.fields["envelope_id"] = to_hex(id);
  out.fields["depositor"] = "1122334455667788";
  out.pieces = {{Bytes(masked.begin(), masked.end()), "as it lies on the disk"}};
  return out;
}

Vector backup_vector(base::Random& random) {
  const auto header = vault::BackupHeader::make(kCost, random);
  vault::BackupWriter writer(header, key_of(header.salt));
  // An identity is as secret here as in a backup: any 64 bytes show the format as well.
  writer.put(vault::BackupItemKind::identity, random_bytes(random, 64));
  writer.put(vault::BackupItemKind::own_name, base::as_bytes("Anna"));
  writer.put(vault::BackupItemKind::end, {});
  writer.finish();
  const Bytes file = writer.take();
  Vector out{"backup", "identity, name and end, under \"correct horse\"", {}, {}};
  base::ByteView rest(file);
  out.pieces = {cut(rest, 8, "chaskibk"), cut(rest, 4, "version, zeros"),
                cut(rest, 8, "passes, memory in KiB"), cut(rest, 16, "salt"),
                cut(rest, 16, "nonce, zero")};
  out.pieces.push_back(cut(rest, rest.size() - vault::kBackupTagSize, "the only chunk, the last"));
  out.pieces.push_back(cut(rest, rest.size(), "authenticator"));
  return out;
}

}  // namespace

Page vault_vectors(base::Random& random);

Page vault_vectors(base::Random& random) {
  const auto data_key = vault::make_data_key(random);
  Page page;
  page.vectors.push_back(wrapped_vector(data_key, random));
  page.vectors.push_back(open_vector(data_key, random));
  page.vectors.push_back(row_vector(data_key, random));
  page.vectors.push_back(mask_vector(data_key, random));
  page.vectors.push_back(backup_vector(random));
  return page;
}

}  // namespace chaski::vectors
