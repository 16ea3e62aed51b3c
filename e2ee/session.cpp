// SPDX-License-Identifier: Apache-2.0
#include "e2ee/session.hpp"

#include "e2ee/content.hpp"
#include "e2ee/reveal.hpp"
#include "e2ee/session_state.hpp"
#include "wire/padding.hpp"

namespace chaski::e2ee {

Session::Session(State&& state) : state_(std::make_unique<State>(std::move(state))) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::Session(const Session& other) : state_(std::make_unique<State>(*other.state_)) {}
Session& Session::operator=(const Session& other) {
  if (this != &other) state_ = std::make_unique<State>(*other.state_);
  return *this;
}
Session::~Session() = default;

SendingEpoch& begin_sending(SessionSetup::State& state, base::Random& random) {
  if (auto* running = std::get_if<SendingEpoch>(&state.sending)) return *running;
  const SendingDue due = std::get<SendingDue>(state.sending);
  SendingEpoch next;
  generate_pair(random, next.ratchet_secret, next.ratchet_public);
  const auto step = root_step(state.root, next.ratchet_secret, due.theirs);
  CHASKI_ASSERT(step.has_value());  // their key is acceptable: see read_header() and read_answer()
  next.chain = step->chain;
  next.tags = TagChain(due.tags);
  next.previous_length = due.previous_length;
  next.next_tags = step->tags;
  state.root = step->root;
  return state.sending.emplace<SendingEpoch>(next);
}

SealedEnvelope Session::seal(const Content& content, std::uint32_t lifetime_s,
                             wire::Priority priority, base::Random& random) {
  CHASKI_ASSERT(content.payload.size() <= kPayloadSizeMax);
  SendingEpoch& sending = begin_sending(*state_, random);
  CHASKI_ASSERT(sending.tags.index() < kEpochMessagesMax);

  SealedEnvelope out;
  const TagAndMask cover = sending.tags.next_with_mask();
  const MessageSecrets secrets = message_secrets(next_message_key(sending.chain));
  out.token = secrets.token;
  out.commitment = revealed(wire::commit(out.token));

  const auto size = wire::padded_body_size(kHeaderSize + content_size(content) + kAeadTagSize);
  CHASKI_ASSERT(size.has_value());
  base::Bytes body(*size);
  const base::MutableByteView header = base::MutableByteView(body).first(kHeaderSize);
  const base::MutableByteView mac = base::MutableByteView(body).last(kAeadTagSize);
  const base::MutableByteView text =
      base::MutableByteView(body).subspan(kHeaderSize, *size - kHeaderSize - kAeadTagSize);
  write_header({sending.ratchet_public, sending.previous_length}, cover, header);
  write_content(content, text);

  wire::EnvelopeFields envelope;
  envelope.priority = priority;
  envelope.lifetime_s = lifetime_s;
  envelope.tag = cover.tag;
  envelope.commitment = out.commitment;
  envelope.body = body;
  aead_seal(secrets.content.view(), cover.tag, associated(state_->outgoing, envelope, header), text,
            mac);
  out.envelope = wire::encode_envelope(envelope);
  return out;
}

base::Expected<Content, OpenFailed> Session::open(const wire::EnvelopeFields& envelope,
                                                  base::Time now, TagChanges& changes,
                                                  base::Duration patience) {
  Opener opener(*state_, envelope, now, changes, patience);
  auto content = opener.open();
  if (!content) return base::unexpected(OpenFailed{opener.opens_first()});
  return std::move(*content);
}

std::vector<wire::DeliveryTag> Session::expected_tags() const {
  std::vector<wire::DeliveryTag> out;
  if (state_->receiving) state_->receiving->window.append_tags(0, out);
  state_->next.append_tags(0, out);
  state_->skipped.append_tags(out);
  return out;
}

void Session::expire(base::Time now, TagChanges& changes) {
  state_->skipped.expire(now, changes.removed);
}

}  // namespace chaski::e2ee
