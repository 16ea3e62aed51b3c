// SPDX-License-Identifier: Apache-2.0
#include "bundle/parser.hpp"

#include <sodium.h>

#include "base/assert.hpp"
#include "bundle/block.hpp"

namespace chaski::bundle {

struct Digest::State {
  crypto_generichash_state hash;
};

Digest::Digest() : state_(std::make_unique<State>()) {
  crypto_generichash_init(&state_->hash, nullptr, 0, kDigestSize);
}
Digest::~Digest() = default;
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;

void Digest::add(base::ByteView bytes) {
  crypto_generichash_update(&state_->hash, bytes.data(), bytes.size());
}

std::array<std::uint8_t, kDigestSize> Digest::finish() {
  std::array<std::uint8_t, kDigestSize> out{};
  crypto_generichash_final(&state_->hash, out.data(), out.size());
  return out;
}

base::Expected<Parser::Step, BundleError> Parser::take(base::ByteView bytes) {
  CHASKI_ASSERT(bytes.size() == wants_ && !done());
  size_ += bytes.size();
  if (stage_ == Stage::digest) {
    stage_ = Stage::done;
    wants_ = 0;
    const auto digest = digest_.finish();
    if (!base::equal(digest, bytes)) return base::unexpected(BundleError::damaged);
    return Step{};
  }
  digest_.add(bytes);
  switch (stage_) {
    case Stage::header: {
      const auto header = decode_header(bytes);
      if (!header) return base::unexpected(header.error());
      stage_ = Stage::head;
      wants_ = kBlockHeadSize;
      return Step{*header, std::nullopt, 0};
    }
    case Stage::head:
      return take_head(bytes);
    case Stage::text:
      stage_ = Stage::head;
      wants_ = kBlockHeadSize;
      return Step{std::nullopt, head_, next_index_++};
    case Stage::digest:
    case Stage::done:
      break;
  }
  return Step{};
}

base::Expected<Parser::Step, BundleError> Parser::take_head(base::ByteView bytes) {
  const auto head = decode_block_head(bytes);
  if (!head) return base::unexpected(head.error());
  const bool is_summary = head->kind == BlockKind::summary;
  if (is_summary && summary_over_) return base::unexpected(BundleError::malformed);
  summary_over_ = summary_over_ || !is_summary;
  if (size_ + head->size > kBundleSizeMax) return base::unexpected(BundleError::malformed);
  head_ = *head;
  stage_ = head->kind == BlockKind::end ? Stage::digest : Stage::text;
  wants_ = head->size;
  return Step{};
}

}  // namespace chaski::bundle
