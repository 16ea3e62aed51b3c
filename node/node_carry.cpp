// SPDX-License-Identifier: Apache-2.0
// Sticks that are carried between nodes: docs/protocol/file.md.
#include "bundle/summary.hpp"
#include "node/carry_out.hpp"
#include "node/node_impl.hpp"

namespace chaski::node {

namespace {

CarryError error_of(bundle::BundleError error) {
  switch (error) {
    case bundle::BundleError::not_a_bundle:
      return CarryError::not_a_bundle;
    case bundle::BundleError::newer_version:
      return CarryError::newer_version;
    case bundle::BundleError::malformed:
    case bundle::BundleError::damaged:
      break;
  }
  return CarryError::damaged;
}

/// Takes bytes from the front of what a client handed over.
class Handed {
 public:
  explicit Handed(base::ByteView rest) : rest_(rest) {}
  bool empty() const { return rest_.empty(); }
  /// Fewer at the end.
  base::ByteView take(std::size_t size) {
    const base::ByteView taken = rest_.first(std::min(size, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }
  base::Expected<bundle::Header, bundle::BundleError> header() {
    return bundle::decode_header(take(bundle::kHeaderSize));
  }

 private:
  base::ByteView rest_;
};

bundle::BlockKey key_of(const NodeConfig& config, const bundle::Salt& salt) {
  if (!config.network_key) return bundle::block_key(std::nullopt, salt);
  return bundle::block_key(config.network_key->view(), salt);
}

/// The summary blocks of one place, up to four zero bytes. Nothing in it when they do not open, as
/// those of another mesh do not.
base::Expected<std::optional<mesh_router::PlaceSummary>, CarryError> read_place(
    Handed& handed, const bundle::BlockKey& key, const bundle::Header& header,
    std::size_t ids_max) {
  mesh_router::PlaceSummary place;
  place.salt.bytes = header.salt.bytes;
  bool good = true;
  for (std::uint64_t index = 0;; ++index) {
    const base::ByteView bytes = handed.take(bundle::kBlockHeadSize);
    constexpr std::array<std::uint8_t, bundle::kBlockHeadSize> kNoMore{};
    if (base::equal(bytes, kNoMore)) break;
    const auto head = bundle::decode_block_head(bytes);
    if (!head || head->kind != bundle::BlockKind::summary) {
      return base::unexpected(CarryError::damaged);
    }
    const base::ByteView sealed = handed.take(head->size);
    if (!good) continue;
    const auto text = bundle::open_block(key, index, *head, sealed);
    const auto ids =
        text ? bundle::decode_summary(*text) : base::unexpected(bundle::BundleError::damaged);
    good = ids && (ids->empty() || place.ids.empty() || ids->front() > place.ids.back());
    if (!good) continue;
    if (place.ids.size() + ids->size() > ids_max) return base::unexpected(CarryError::damaged);
    place.ids.insert(place.ids.end(), ids->begin(), ids->end());
  }
  return good ? std::optional(std::move(place)) : std::nullopt;
}

}  // namespace

/// Made with the first bundle and kept: without it a node would take its own for another's.
base::Bytes Node::stick_secret() {
  constexpr std::size_t kSize = 32;
  if (auto kept = impl_->context.store.load_value(kStickSecretValue);
      kept && kept->size() == kSize) {
    return *std::move(kept);
  }
  base::Bytes secret(kSize);
  impl_->context.random.fill(secret);
  impl_->context.store.save_value(kStickSecretValue, secret);
  impl_->context.dirty = true;
  return secret;
}

bool Node::wrote_bundle(base::ByteView header) const {
  const auto read = bundle::decode_header(header);
  const auto secret = impl_->context.store.load_value(kStickSecretValue);
  return read && secret && secret->size() == 32 &&
         bundle::mark_of(*secret, read->salt) == read->mark;
}

base::Expected<std::unique_ptr<CarryOut>, CarryError> Node::carry_out(base::ByteView places,
                                                                      std::uint64_t size_max) {
  Handed handed(places);
  std::vector<mesh_router::PlaceSummary> known;
  std::size_t ids_left = kCarryIdsMax;
  while (!handed.empty()) {
    const auto header = handed.header();
    if (!header) return base::unexpected(error_of(header.error()));
    auto place = read_place(handed, key_of(impl_->config, header->salt), *header, ids_left);
    if (!place) return base::unexpected(place.error());
    if (!*place) continue;
    if (known.size() == kCarryPlacesMax) return base::unexpected(CarryError::damaged);
    ids_left -= (*place)->ids.size();
    known.push_back(**std::move(place));
  }
  bundle::Header header;
  header.salt = impl_->context.random.bytes<bundle::Salt>();
  header.mark = bundle::mark_of(stick_secret(), header.salt);
  return std::make_unique<CarryOut>(header, key_of(impl_->config, header.salt), size_max,
                                    std::move(known));
}

base::Bytes Node::carry_on(CarryOut& out, base::Time now) const {
  return out.work(impl_->router, now);
}

base::Expected<mesh_router::StickTake, CarryError> Node::carry_in(base::ByteView block,
                                                                  base::Time now) {
  Handed handed(block);
  const auto header = handed.header();
  if (!header) return base::unexpected(error_of(header.error()));
  const base::ByteView number = handed.take(8);
  if (number.size() != 8) return base::unexpected(CarryError::damaged);
  std::uint64_t index = 0;
  for (std::size_t i = 0; i < 8; ++i) index |= std::uint64_t{number[i]} << (8 * i);
  const auto head = bundle::decode_block_head(handed.take(bundle::kBlockHeadSize));
  if (!head) return base::unexpected(error_of(head.error()));
  const auto text = bundle::open_block(key_of(impl_->config, header->salt), index, *head,
                                       handed.take(head->size));
  if (!handed.empty()) return base::unexpected(CarryError::damaged);
  if (!text) {
    return base::unexpected(text.error() == bundle::BundleError::damaged ? CarryError::another_mesh
                                                                         : CarryError::damaged);
  }
  if (head->kind != bundle::BlockKind::envelopes) return mesh_router::StickTake{};
  const auto take = impl_->router.take_from_stick(*text, now);
  if (!take) return base::unexpected(CarryError::busy);
  impl_->settle(now);
  return *take;
}

}  // namespace chaski::node
