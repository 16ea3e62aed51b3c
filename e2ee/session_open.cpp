// SPDX-License-Identifier: Apache-2.0
#include "e2ee/content.hpp"
#include "e2ee/reveal.hpp"
#include "e2ee/session_state.hpp"
#include "wire/padding.hpp"

namespace chaski::e2ee {
namespace {

/// How long a key is kept for a message that may still be on its way.
constexpr base::Duration kSkippedLifetime = std::chrono::seconds(wire::kLifetimeMax_s);

/// What can be said of an envelope before any key is touched.
bool may_be_sealed(const wire::EnvelopeFields& envelope) {
  return envelope.kind == wire::EnvelopeKind::sealed && envelope.stamp.empty() &&
         wire::is_padding_class(envelope.body.size()) &&
         envelope.body.size() >= kHeaderSize + kContentHeadSize + kAeadTagSize;
}

/// The key of message `index` of an epoch whose chain stands at `from`, to behind which it is
/// moved.
MessageKey key_at(ChainKey& chain, std::uint32_t from, std::uint32_t index) {
  for (; from < index; ++from) next_message_key(chain);
  return next_message_key(chain);
}

}  // namespace

std::optional<Content> Opener::open() {
  if (!may_be_sealed(envelope_)) return std::nullopt;
  if (state_.receiving) {
    if (const auto index = state_.receiving->window.find(envelope_.tag)) {
      return open_current(*index);
    }
  }
  if (const auto index = state_.next.find(envelope_.tag)) return open_next(*index);
  if (const MessageKey* key = state_.skipped.find(envelope_.tag)) return open_skipped(*key);
  return std::nullopt;
}

/// Opens the body with its key, or gives nothing; the commitment must be that of the key's token.
std::optional<Content> Opener::open_with(const MessageKey& key) const {
  const MessageSecrets secrets = message_secrets(key);
  if (revealed(wire::commit(secrets.token)) != envelope_.commitment) return std::nullopt;
  const base::ByteView header = envelope_.body.first(kHeaderSize);
  const base::ByteView sealed = envelope_.body.subspan(kHeaderSize);
  base::Bytes text(sealed.size() - kAeadTagSize);
  if (!aead_open(secrets.content.view(), envelope_.tag,
                 associated(state_.incoming, envelope_, header), sealed, text)) {
    return std::nullopt;
  }
  auto content = read_content(text);
  if (content) content->token = secrets.token;
  return content;
}

/// Whether so many keys can be kept. Each message that opens leaves one less to be kept: it frees
/// the place of its own key, or it is one that would have been passed over.
bool Opener::has_room_for(std::uint64_t keys) {
  const std::uint64_t wanted = state_.skipped.size() + keys;
  if (wanted <= SkippedKeys::kMax || patience_ <= base::Duration::zero()) return true;
  const std::uint64_t lacking = wanted - SkippedKeys::kMax;
  if (state_.skipped.count_until(now_ - patience_ + kSkippedLifetime, lacking) >= lacking) {
    return true;
  }
  opens_first_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(lacking, UINT32_MAX));
  return false;
}

std::optional<Content> Opener::open_skipped(const MessageKey& key) {
  auto content = open_with(key);
  if (!content) return std::nullopt;
  state_.skipped.remove(envelope_.tag);
  changes_.removed.push_back(envelope_.tag);
  return content;
}

std::optional<Content> Opener::open_current(std::uint32_t index) {
  ReceivingEpoch& epoch = *state_.receiving;
  ChainKey chain = epoch.chain;
  auto content = open_with(key_at(chain, epoch.window.base().index(), index));
  if (!content || !has_room_for(index - epoch.window.base().index())) return std::nullopt;
  pass_to(epoch, index, chain);
  return content;
}

std::optional<Content> Opener::open_next(std::uint32_t index) {
  // They begin a new epoch only when they have heard of ours: until we began one there is none.
  const auto* ours = std::get_if<SendingEpoch>(&state_.sending);
  if (ours == nullptr) return std::nullopt;
  const TagAndMask cover = state_.next.base().at(index).tag_and_mask();
  auto header = read_header(envelope_.body.first(kHeaderSize), cover);
  if (!header) return std::nullopt;
  const auto receive = root_step(state_.root, ours->ratchet_secret, header->ratchet);
  if (!receive) return std::nullopt;
  ChainKey chain = receive->chain;
  auto content = open_with(key_at(chain, 0, index));
  if (!content) return std::nullopt;
  // It is the contact's.
  reveal(*header);
  const std::uint32_t heard = state_.receiving ? state_.receiving->window.base().index() : 0;
  const std::uint64_t missing =
      state_.receiving && header->previous_length > heard ? header->previous_length - heard : 0;
  if (!has_room_for(missing + index)) return std::nullopt;

  // From here on it is authentic, and nothing can fail.
  if (state_.receiving) end_epoch(*state_.receiving, header->previous_length);
  state_.receiving = ReceivingEpoch{receive->chain, state_.next};
  state_.next = TagWindow(TagChain(receive->tags));
  state_.next.append_tags(0, changes_.added);
  pass_to(*state_.receiving, index, chain);
  state_.root = receive->root;
  state_.sending = SendingDue{header->ratchet, ours->tags.index(), ours->next_tags};
  return content;
}

/// Moves an epoch past message `index`, which was opened; those before it are kept as skipped, and
/// the chain becomes `after`.
void Opener::pass_to(ReceivingEpoch& epoch, std::uint32_t index, const ChainKey& after) {
  while (epoch.window.base().index() < index) {
    const MessageKey key = next_message_key(epoch.chain);
    keep(epoch.window.advance(changes_.added), key);
  }
  epoch.chain = after;
  changes_.removed.push_back(epoch.window.advance(changes_.added));
}

/// Keeps what the contact sent in an epoch that is over, up to its `length`, and forgets the rest.
void Opener::end_epoch(ReceivingEpoch& epoch, std::uint32_t length) {
  TagChain chain = epoch.window.base();
  const std::uint32_t first = chain.index();
  const std::uint32_t missing = length > first ? length - first : 0;
  const std::uint32_t end =
      first + std::min(missing, static_cast<std::uint32_t>(SkippedKeys::kMax));
  epoch.window.append_tags(end, changes_.removed);
  for (std::uint32_t index = first; index < end; ++index) {
    const wire::DeliveryTag tag = chain.next();
    if (!epoch.window.expects(index)) changes_.added.push_back(tag);
    keep(tag, next_message_key(epoch.chain));
  }
}

void Opener::keep(const wire::DeliveryTag& tag, const MessageKey& key) {
  const auto evicted = state_.skipped.add({tag, key, now_ + kSkippedLifetime});
  if (!evicted) return;
  // One that was added by this very envelope leaves no trace.
  const auto at = std::find(changes_.added.rbegin(), changes_.added.rend(), *evicted);
  if (at == changes_.added.rend()) return changes_.removed.push_back(*evicted);
  *at = changes_.added.back();
  changes_.added.pop_back();
}

}  // namespace chaski::e2ee
