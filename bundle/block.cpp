// SPDX-License-Identifier: Apache-2.0
#include "bundle/block.hpp"

#include <sodium.h>

#include "base/assert.hpp"

namespace chaski::bundle {

namespace {

using Nonce = std::array<std::uint8_t, crypto_aead_chacha20poly1305_ietf_NPUBBYTES>;
static_assert(kBlockTagSize == crypto_aead_chacha20poly1305_ietf_ABYTES);

Nonce nonce_of(std::uint64_t index) {
  Nonce nonce{};
  for (std::size_t i = 0; i < 8; ++i) nonce[i] = static_cast<std::uint8_t>(index >> (8 * i));
  return nonce;
}

template <class Out>
Out keyed_hash(base::ByteView key, std::string_view label, const Salt& salt) {
  base::Bytes input(label.begin(), label.end());
  input.push_back(0);
  input.insert(input.end(), salt.bytes.begin(), salt.bytes.end());
  Out out;
  const int bad = crypto_generichash(out.bytes.data(), out.bytes.size(), input.data(), input.size(),
                                     key.data(), key.size());
  CHASKI_ASSERT(bad == 0);
  return out;
}

}  // namespace

const char* to_string(BundleError error) {
  switch (error) {
    case BundleError::not_a_bundle:
      return "not_a_bundle";
    case BundleError::newer_version:
      return "newer_version";
    case BundleError::malformed:
      return "malformed";
    case BundleError::damaged:
      return "damaged";
  }
  return "?";
}

BlockKey block_key(std::optional<base::ByteView> network_key, const Salt& salt) {
  const std::array<std::uint8_t, 32> nobodys{};
  return keyed_hash<BlockKey>(network_key.value_or(base::ByteView(nobodys)), "chaski1 stick", salt);
}

Mark mark_of(base::ByteView secret, const Salt& salt) {
  return keyed_hash<Mark>(secret, "chaski1 mark", salt);
}

void append_header(const Header& header, base::Bytes& out) {
  out.insert(out.end(), kMagic.begin(), kMagic.end());
  out.insert(out.end(), header.salt.bytes.begin(), header.salt.bytes.end());
  out.insert(out.end(), header.mark.bytes.begin(), header.mark.bytes.end());
}

base::Expected<Header, BundleError> decode_header(base::ByteView bytes) {
  constexpr std::size_t kNameSize = kMagic.size() - 1;
  if (bytes.size() != kHeaderSize ||
      !base::equal(bytes.first(kNameSize), base::ByteView(kMagic).first(kNameSize)) ||
      bytes[kNameSize] == 0) {
    return base::unexpected(BundleError::not_a_bundle);
  }
  if (bytes[kNameSize] != kMagic.back()) return base::unexpected(BundleError::newer_version);
  return Header{*Salt::from(bytes.subspan(kMagic.size(), Salt::kSize)),
                *Mark::from(bytes.subspan(kMagic.size() + Salt::kSize))};
}

void append_block_head(const BlockHead& head, base::Bytes& out) {
  out.push_back(static_cast<std::uint8_t>(head.kind));
  for (unsigned i = 0; i < 3; ++i) out.push_back(static_cast<std::uint8_t>(head.size >> (8 * i)));
}

base::Expected<BlockHead, BundleError> decode_block_head(base::ByteView bytes) {
  if (bytes.size() != kBlockHeadSize) return base::unexpected(BundleError::malformed);
  const auto kind = static_cast<BlockKind>(bytes[0]);
  std::uint32_t size = 0;
  for (unsigned i = 0; i < 3; ++i) size |= std::uint32_t{bytes[1 + i]} << (8 * i);
  const bool good =
      kind == BlockKind::end ? size == kDigestSize : size >= kBlockTagSize && size <= kBlockSizeMax;
  if (!good) return base::unexpected(BundleError::malformed);
  return BlockHead{kind, size};
}

void seal_block(const BlockKey& key, std::uint64_t index, BlockKind kind, base::ByteView text,
                base::Bytes& out) {
  CHASKI_ASSERT(text.size() <= kBlockTextMax);
  const auto size = static_cast<std::uint32_t>(text.size() + kBlockTagSize);
  base::Bytes head;
  append_block_head({kind, size}, head);
  out.insert(out.end(), head.begin(), head.end());
  const std::size_t at = out.size();
  out.resize(at + size);
  crypto_aead_chacha20poly1305_ietf_encrypt(out.data() + at, nullptr, text.data(), text.size(),
                                            head.data(), head.size(), nullptr,
                                            nonce_of(index).data(), key.bytes.data());
}

base::Expected<base::Bytes, BundleError> open_block(const BlockKey& key, std::uint64_t index,
                                                    const BlockHead& head, base::ByteView sealed) {
  if (sealed.size() != head.size || sealed.size() < kBlockTagSize ||
      sealed.size() > kBlockSizeMax) {
    return base::unexpected(BundleError::malformed);
  }
  base::Bytes about;
  append_block_head(head, about);
  base::Bytes text(sealed.size() - kBlockTagSize);
  const int bad = crypto_aead_chacha20poly1305_ietf_decrypt(
      text.data(), nullptr, nullptr, sealed.data(), sealed.size(), about.data(), about.size(),
      nonce_of(index).data(), key.bytes.data());
  if (bad != 0) return base::unexpected(BundleError::damaged);
  return text;
}

}  // namespace chaski::bundle
