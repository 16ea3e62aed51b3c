// SPDX-License-Identifier: Apache-2.0
#include "e2ee/pairing.hpp"

#include <utility>

#include "base/assert.hpp"
#include "e2ee/codec.hpp"
#include "e2ee/link_text.hpp"
#include "e2ee/name.hpp"
#include "e2ee/reveal.hpp"
#include "e2ee/sealing.hpp"
#include "e2ee/setup.hpp"

namespace chaski::e2ee {
namespace {

/// Length and bytes of the longest invitation without a price: all offers have this size.
constexpr std::size_t kOfferTextSize = 1 + 1 + 64 + 32 + 32 + 1 + kNameSizeMax;
static_assert(Pairing::kMessageMax == 1 + kAnswerBodySize + kAeadTagSize);
static_assert(Pairing::kMessageMax > 1 + kOfferTextSize + kAeadTagSize);
/// Each key seals one text, so the nonce says nothing.
constexpr wire::DeliveryTag kNoTag{};

std::optional<PairingShare> read_share(base::ByteView payload) {
  Reader reader(payload);
  PairingShare share;
  reader.fill(share.key);
  reader.fill(share.nonce);
  if (!reader.finished() || !is_acceptable_x25519(share.key.view())) return std::nullopt;
  return share;
}

std::optional<InvitePublic> read_offer(base::ByteView text) {
  Reader reader(text);
  const base::ByteView said = reader.bytes(reader.number<std::uint8_t>());
  if (!reader.ok() || !is_all_zero(reader.rest()) || said.empty()) return std::nullopt;
  // With a price there would be a stamp to wait for, and a second size.
  if (said[0] != kLinkVersion) return std::nullopt;
  auto invite = read_invite(kLinkVersion, said.subspan(1));
  if (!invite) return std::nullopt;
  return std::move(*invite);
}

}  // namespace

const char* to_string(Pairing::State state) {
  switch (state) {
    case Pairing::State::calling: return "calling";
    case Pairing::State::exchanging: return "exchanging";
    case Pairing::State::comparing: return "comparing";
    case Pairing::State::meeting: return "meeting";
    case Pairing::State::over: return "over";
    case Pairing::State::failed: return "failed";
  }
  return "unknown";
}

const char* to_string(Pairing::Failure failure) {
  switch (failure) {
    case Pairing::Failure::none: return "none";
    case Pairing::Failure::cancelled: return "cancelled";
    case Pairing::Failure::they_ended: return "they_ended";
    case Pairing::Failure::broke_rules: return "broke_rules";
    case Pairing::Failure::exhausted: return "exhausted";
  }
  return "unknown";
}

void Pairing::say(Type type, std::initializer_list<base::ByteView> parts) {
  base::Bytes message{static_cast<std::uint8_t>(type)};
  for (const base::ByteView part : parts) message.insert(message.end(), part.begin(), part.end());
  CHASKI_ASSERT(message.size() <= kMessageMax);
  spoke_ = true;
  messages_.push_back(std::move(message));
}

void Pairing::say_sealed(Type type, const PairingSealKey& key, base::MutableByteView text) {
  std::array<std::uint8_t, kAeadTagSize> mac{};
  aead_seal(key.view(), kNoTag, transcript_, text, mac);
  say(type, {text, mac});
}

std::optional<base::Bytes> Pairing::open(const PairingSealKey& key, base::ByteView sealed) const {
  if (sealed.size() < kAeadTagSize) return std::nullopt;
  base::Bytes text(sealed.size() - kAeadTagSize);
  if (!aead_open(key.view(), kNoTag, transcript_, sealed, text)) return std::nullopt;
  return text;
}

void Pairing::end(State state, Failure why) {
  state_ = state;
  failure_ = why;
  secret_ = {};
  keys_.reset();
  offer_.reset();
  answer_.reset();
}

void Pairing::fail(Failure why) {
  messages_.clear();
  if (why != Failure::they_ended && (spoke_ || why != Failure::cancelled)) say(Type::end, {});
  end(State::failed, why);
}

void Pairing::call() {
  if (state_ == State::calling) say(Type::call, {{&kVersion, 1}});
}

void Pairing::receive(base::ByteView message, bool may_show, base::Random& random) {
  if (state_ == State::over || state_ == State::failed) return;
  if (message.empty() || message.size() > kMessageMax) return fault();
  take(static_cast<Type>(message[0]), message.subspan(1), may_show, random);
}

void Pairing::take(Type type, base::ByteView payload, bool may_show, base::Random& random) {
  switch (type) {
    case Type::call: return on_call(payload, random);
    case Type::commit: return on_commit(payload, may_show, random);
    case Type::share: return on_share(payload, may_show);
    case Type::reveal: return on_reveal(payload);
    case Type::confirm: return on_confirm(payload);
    case Type::offer: return on_offer(payload);
    case Type::answer: return on_answer(payload);
    case Type::end: return fail(Failure::they_ended);
  }
  fault();
}

void Pairing::on_call(base::ByteView payload, base::Random& random) {
  const bool fits = payload.size() == 1 && payload[0] >= kVersion;
  const bool changed = fits && calls_heard_ > 0 && payload[0] != their_version_;
  if (!fits || changed || ++calls_heard_ > kCallsMax) return fault();
  their_version_ = payload[0];
  if (state_ != State::calling) return;
  if (role_ == PairingRole::responder) return call();  // ours may have come before they listened
  make_share(random);
  commitment_ = pairing_commitment(binding_, ours_);
  state_ = State::exchanging;
  say(Type::commit, {{&kVersion, 1}, commitment_.view()});
}

void Pairing::on_commit(base::ByteView payload, bool may_show, base::Random& random) {
  Reader reader(payload);
  const auto version = reader.number<std::uint8_t>();
  reader.fill(commitment_);
  const bool changed = calls_heard_ > 0 && version != their_version_;
  if (role_ != PairingRole::responder || state_ != State::calling || !reader.finished() ||
      version < kVersion || changed) {
    return fault();
  }
  their_version_ = version;
  if (!may_show) return fail(Failure::exhausted);
  make_share(random);
  state_ = State::exchanging;
  shown_ = true;
  say(Type::share, {ours_.key.view(), ours_.nonce.view()});
}

void Pairing::on_share(base::ByteView payload, bool may_show) {
  const auto theirs = read_share(payload);
  if (role_ != PairingRole::initiator || state_ != State::exchanging || !theirs) return fault();
  if (!may_show) return fail(Failure::exhausted);
  if (!agree_with(*theirs)) return fault();
  shown_ = true;
  say(Type::reveal, {ours_.key.view(), ours_.nonce.view()});
}

void Pairing::on_reveal(base::ByteView payload) {
  const auto theirs = read_share(payload);
  const bool in_turn = role_ == PairingRole::responder && state_ == State::exchanging;
  if (!in_turn || !theirs || pairing_commitment(binding_, *theirs) != commitment_ ||
      !agree_with(*theirs)) {
    fault();
  }
}

void Pairing::make_share(base::Random& random) {
  generate_pair(random, secret_, ours_.key);
  random.fill(ours_.nonce.mutable_view());
}

bool Pairing::agree_with(const PairingShare& theirs) {
  reveal(ours_);  // said, or about to be
  if (theirs.key == ours_.key) return false;  // a mirror
  const auto shared = agree(secret_.view(), theirs.key.view());
  if (!shared) return false;
  const bool initiator = role_ == PairingRole::initiator;
  transcript_ = pairing_transcript({.binding = binding_,
                                    .initiator_version = initiator ? kVersion : their_version_,
                                    .responder_version = initiator ? their_version_ : kVersion,
                                    .initiator = initiator ? ours_ : theirs,
                                    .responder = initiator ? theirs : ours_});
  keys_ = pairing_keys(*shared, transcript_);
  secret_ = {};
  symbols_ = keys_->symbols;
  state_ = State::comparing;
  return true;
}

void Pairing::confirm() {
  CHASKI_ASSERT(state_ == State::comparing && !we_confirmed_);
  we_confirmed_ = true;
  const bool initiator = role_ == PairingRole::initiator;
  say(Type::confirm, {(initiator ? keys_->of_initiator : keys_->of_responder).view()});
  if (they_confirmed_) state_ = State::meeting;
}

void Pairing::on_confirm(base::ByteView payload) {
  if (state_ != State::comparing || they_confirmed_) return fault();
  const bool initiator = role_ == PairingRole::initiator;
  const auto& expected = initiator ? keys_->of_responder : keys_->of_initiator;
  if (!equal_constant_time(payload, expected.view())) return fault();
  they_confirmed_ = true;
  if (we_confirmed_) state_ = State::meeting;
}

void Pairing::cancel() {
  if (state_ == State::over || state_ == State::failed) return;
  fail(Failure::cancelled);
}

void Pairing::offer(const InvitePublic& invite) {
  CHASKI_ASSERT(role_ == PairingRole::initiator && state_ == State::meeting && !offered_);
  CHASKI_ASSERT(invite.price_bits == 0);
  offered_ = true;
  base::Bytes said = invite_bytes(invite);
  std::array<std::uint8_t, kOfferTextSize> text{};
  Writer(text).number(static_cast<std::uint8_t>(said.size())).bytes(said);
  wipe(said);
  say_sealed(Type::offer, keys_->offer, text);
}

void Pairing::on_offer(base::ByteView payload) {
  const bool in_turn = role_ == PairingRole::responder && state_ == State::meeting && !offered_;
  if (!in_turn || payload.size() != kOfferTextSize + kAeadTagSize) return fault();
  auto text = open(keys_->offer, payload);
  if (!text) return fault();
  // What it says is for us to know, now that it is authentic.
  for (const std::uint8_t& byte : *text) reveal(byte);
  auto invite = read_offer(*text);
  wipe(*text);
  if (!invite) return fault();
  offered_ = true;
  offer_ = std::move(*invite);
}

std::optional<InvitePublic> Pairing::take_offer() { return std::exchange(offer_, std::nullopt); }

void Pairing::answer(base::ByteView body) {
  CHASKI_ASSERT(role_ == PairingRole::responder && state_ == State::meeting && offered_);
  CHASKI_ASSERT(!answered_ && body.size() == kAnswerBodySize);
  answered_ = true;
  base::Bytes text(body.begin(), body.end());
  say_sealed(Type::answer, keys_->answer, text);
}

void Pairing::on_answer(base::ByteView payload) {
  const bool in_turn =
      role_ == PairingRole::initiator && state_ == State::meeting && offered_ && !answered_;
  if (!in_turn || payload.size() != kAnswerBodySize + kAeadTagSize) return fault();
  auto body = open(keys_->answer, payload);
  if (!body) return fault();
  answered_ = true;
  answer_ = std::move(*body);
}

std::optional<base::Bytes> Pairing::take_answer() { return std::exchange(answer_, std::nullopt); }

void Pairing::finish() {
  CHASKI_ASSERT(state_ == State::meeting);
  end(State::over, Failure::none);
}

std::optional<base::Bytes> Pairing::next_message() {
  if (messages_.empty()) return std::nullopt;
  base::Bytes message = std::move(messages_.front());
  messages_.pop_front();
  return message;
}

}  // namespace chaski::e2ee
