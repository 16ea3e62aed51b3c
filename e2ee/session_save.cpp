// SPDX-License-Identifier: Apache-2.0
#include "e2ee/codec.hpp"
#include "e2ee/session_state.hpp"

namespace chaski::e2ee {
namespace {

constexpr std::uint8_t kSessionVersion = 2;
constexpr std::size_t kChainSize = 32 + 32 + 4;
constexpr std::size_t kFixedSize = 1 + 32 + 32 + 32 + 1 + 1 + 32 + 2 + kSaveChecksumSize;
constexpr std::size_t kSendingSize = 32 + 32 + 32 + kChainSize + 4 + 32;
constexpr std::size_t kDueSize = 32 + 4 + 32;
/// The byte before what is said of sending: an epoch that runs, or one that is due.
constexpr std::uint8_t kRuns = 1;
constexpr std::uint8_t kDue = 2;
constexpr std::size_t kReceivingSize = 32 + kChainSize;
constexpr std::size_t kSkippedSize = 8 + 32 + 8;

void write(Writer& out, const TagChain& chain) {
  out.bytes(chain.block().view()).bytes(chain.step_key().view()).number(chain.index());
}

/// Reads a chain; `ok` becomes false when no program wrote it so.
TagChain read_chain(Reader& in, bool& ok) {
  TagBlockKey block;
  TagChainKey step;
  in.fill(block);
  in.fill(step);
  const auto index = in.number<std::uint32_t>();
  const bool at_start = index % kTagBlockSize == 0;
  ok = ok && index <= kEpochMessagesMax && at_start == (step == TagChainKey{});
  return {block, step, index};
}

void write(Writer& out, const SendingEpoch& sending) {
  out.number(kRuns)
      .bytes(sending.ratchet_secret.view())
      .bytes(sending.ratchet_public.view())
      .bytes(sending.chain.view());
  write(out, sending.tags);
  out.number(sending.previous_length).bytes(sending.next_tags.view());
}

void write(Writer& out, const SendingDue& due) {
  out.number(kDue).bytes(due.theirs.view()).number(due.previous_length).bytes(due.tags.view());
}

std::variant<SendingEpoch, SendingDue> read_sending(Reader& in, bool& ok) {
  if (in.number<std::uint8_t>() == kRuns) {
    SendingEpoch out;
    in.fill(out.ratchet_secret);
    in.fill(out.ratchet_public);
    in.fill(out.chain);
    out.tags = read_chain(in, ok);
    out.previous_length = in.number<std::uint32_t>();
    in.fill(out.next_tags);
    return out;
  }
  SendingDue out;
  in.fill(out.theirs);
  out.previous_length = in.number<std::uint32_t>();
  in.fill(out.tags);
  ok = ok && is_acceptable_x25519(out.theirs.view());
  return out;
}

void read_skipped(Reader& in, SkippedKeys& out, bool& ok) {
  const auto count = in.number<std::uint16_t>();
  ok = ok && count <= SkippedKeys::kMax && in.rest().size() == count * kSkippedSize;
  for (std::size_t i = 0; ok && i < count; ++i) {
    SkippedKey key;
    in.fill(key.tag);
    in.fill(key.key);
    key.expires = base::from_us(static_cast<std::int64_t>(in.number<std::uint64_t>()));
    ok = !key.tag.is_zero();
    if (ok) out.add(key);
  }
}

}  // namespace

base::Bytes Session::save() const {
  const State& state = *state_;
  const bool runs = std::holds_alternative<SendingEpoch>(state.sending);
  base::Bytes out(kFixedSize + (runs ? kSendingSize : kDueSize) +
                  (state.receiving ? kReceivingSize : 0) + state.skipped.size() * kSkippedSize);
  Writer writer(out);
  writer.number(kSessionVersion)
      .bytes(state.outgoing.view())
      .bytes(state.incoming.view())
      .bytes(state.root.view());
  std::visit([&writer](const auto& sending) { write(writer, sending); }, state.sending);
  writer.number(static_cast<std::uint8_t>(state.receiving ? 1 : 0));
  if (state.receiving) {
    writer.bytes(state.receiving->chain.view());
    write(writer, state.receiving->window.base());
  }
  writer.bytes(state.next.base().block().view());
  writer.number(static_cast<std::uint16_t>(state.skipped.size()));
  state.skipped.for_each([&writer](const SkippedKey& key) {
    writer.bytes(key.tag.view())
        .bytes(key.key.view())
        .number(static_cast<std::uint64_t>(base::to_us(key.expires)));
  });
  finish_record(out);
  return out;
}

base::Expected<Session, LoadFailed> Session::load(base::ByteView bytes) {
  const auto record = open_record(bytes);
  if (!record) return base::unexpected(LoadFailed{});
  Reader reader(*record);
  bool ok = reader.number<std::uint8_t>() == kSessionVersion;
  Direction outgoing;
  Direction incoming;
  RootKey root;
  reader.fill(outgoing);
  reader.fill(incoming);
  reader.fill(root);
  const std::uint8_t kind = reader.rest().empty() ? 0 : reader.rest().front();
  ok = ok && (kind == kRuns || kind == kDue);
  auto sending = read_sending(reader, ok);

  const auto has_receiving = reader.number<std::uint8_t>();
  ok = ok && has_receiving <= 1;
  std::optional<ReceivingEpoch> receiving;
  if (ok && has_receiving == 1) {
    ChainKey chain;
    reader.fill(chain);
    const TagChain base = read_chain(reader, ok);
    if (ok) receiving = ReceivingEpoch{chain, TagWindow(base)};
  }
  TagBlockKey next_tags;
  reader.fill(next_tags);
  SkippedKeys skipped;
  read_skipped(reader, skipped, ok);
  if (!ok || !reader.finished()) return base::unexpected(LoadFailed{});
  return Session(State{outgoing, incoming, root, sending, std::move(receiving),
                       TagWindow(TagChain(next_tags)), std::move(skipped)});
}

}  // namespace chaski::e2ee
