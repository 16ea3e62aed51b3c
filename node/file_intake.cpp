// SPDX-License-Identifier: Apache-2.0
#include "node/file_intake.hpp"

#include <algorithm>

#include "node/file_pieces.hpp"

namespace chaski::node {
namespace {

attachment::Manifest with_secret(attachment::Manifest manifest, base::Random& random) {
  random.fill(manifest.secret.mutable_view());
  return manifest;
}

}  // namespace

FileIntake::FileIntake(FileStore& store, base::Random& random, attachment::Manifest manifest)
    : store_(store), manifest_(with_secret(std::move(manifest), random)),
      digester_(manifest_.secret), number_(store.new_number()),
      piece_(manifest_.plan.chunk_size() + attachment::kCopyTagSize) {
  random.fill(key_.mutable_view());
}

FileIntake::~FileIntake() {
  e2ee::wipe(piece_);
  if (number_ != 0) store_.erase_pieces(number_);
}

bool FileIntake::add(base::ByteView bytes) {
  if (finished_ || bytes.size() > missing()) return false;
  digester_.add(bytes);
  taken_ += bytes.size();
  const std::size_t room = manifest_.plan.chunk_size();
  while (!bytes.empty()) {
    const std::size_t size = std::min(bytes.size(), room - filled_);
    std::copy_n(bytes.begin(), size, piece_.begin() + static_cast<std::ptrdiff_t>(filled_));
    filled_ += size;
    bytes = bytes.subspan(size);
    if (filled_ == room && !write_piece()) return false;
  }
  return true;
}

bool FileIntake::write_piece() {
  const auto end = piece_.begin() + static_cast<std::ptrdiff_t>(manifest_.plan.chunk_size());
  std::fill(piece_.begin() + static_cast<std::ptrdiff_t>(filled_), end, std::uint8_t{0});
  filled_ = 0;
  return node::write_piece(store_, number_, key_, next_++, piece_);
}

bool FileIntake::finish() {
  if (finished_ || missing() != 0) return false;
  finished_ = true;
  // The last piece is filled up with zeros; an empty file is one of them.
  if (next_ < manifest_.plan.data_chunks() && !write_piece()) return false;
  manifest_.digest = digester_.finish();
  return true;
}

}  // namespace chaski::node
