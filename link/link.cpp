// SPDX-License-Identifier: Apache-2.0
#include "link/link.hpp"

#include <sodium/crypto_generichash.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "base/assert.hpp"
#include "link/handshake.hpp"
#include "link/liveness.hpp"
#include "wire/limits.hpp"
#include "wire/records.hpp"

namespace chaski::link {

namespace {

using wire::RecordType;

/// Whether a reason may be told to the peer.
bool is_sendable(CloseReason reason) { return reason <= CloseReason::protocol_error; }

}  // namespace

struct Link::Impl {
  Impl(const LinkConfig& config, base::Random& random, base::Time now)
      : role(config.role),
        timers(config.timers),
        frame_size_max(config.hello.frame_size_max),
        deadline(now + config.timers.handshake_timeout) {
    handshake = std::make_unique<Handshake>(config, random);
  }

  void end(CloseReason why);
  void end_and_tell(CloseReason why);
  void finish_handshake();
  base::ByteView receive_handshake(base::MutableByteView frame, base::Time now);
  base::ByteView receive_sealed(base::MutableByteView frame, base::Time now);
  base::ByteView handle_link_records(base::ByteView records);
  std::size_t last_frame(base::MutableByteView out);
  std::size_t link_frame(base::MutableByteView out);
  std::size_t seal(base::MutableByteView buffer, std::size_t plaintext_size);

  base::LinkRole role;
  LinkTimers timers;
  std::size_t frame_size_max;
  base::Time deadline;
  State state = State::handshake;
  std::optional<CloseReason> reason;
  std::unique_ptr<Handshake> handshake;  // while there is one
  /// Set once the handshake's frames are through; the initiator is open one frame later.
  HandshakeResult session;
  bool keyed = false;
  Liveness liveness;
  bool confirm_due = false;
  bool ping_due = false;
  bool pong_due = false;
  /// What next_frame() still gives after the end.
  enum class Farewell : std::uint8_t { none, close_record, no_version } farewell = Farewell::none;
};

void Link::Impl::end(CloseReason why) {
  if (state == State::closed) return;
  state = State::closed;
  reason = why;
  handshake.reset();
}

void Link::Impl::end_and_tell(CloseReason why) {
  if (state == State::open && is_sendable(why)) farewell = Farewell::close_record;
  end(why);
}

void Link::Impl::finish_handshake() {
  session = handshake->result();
  keyed = true;
  handshake.reset();
}

base::ByteView Link::Impl::receive_handshake(base::MutableByteView frame, base::Time now) {
  if (const auto why = handshake->receive(frame)) {
    const bool responder = role == base::LinkRole::responder;
    if (*why == CloseReason::version && responder) farewell = Farewell::no_version;
    end(*why);
    return {};
  }
  if (!handshake->complete()) return {};
  // Message 3 was read: the initiator knows the network key, and hears from us that we do.
  finish_handshake();
  state = State::open;
  liveness = Liveness(timers, now);
  confirm_due = true;
  return {};
}

base::ByteView Link::Impl::receive_sealed(base::MutableByteView frame, base::Time now) {
  const bool fits = frame.size() >= kSealOverhead && frame.size() - kSealOverhead <= frame_size_max;
  if (!fits || !session.receive.decrypt({}, frame)) {
    if (state == State::handshake) {
      end(CloseReason::handshake_failed);
    } else {
      end_and_tell(CloseReason::protocol_error);
    }
    return {};
  }
  if (session.receive.nonce() % kRekeyAfter == 0) session.receive.rekey();
  if (state == State::handshake) {
    state = State::open;
    liveness = Liveness(timers, now);
  }
  liveness.heard(now);
  return handle_link_records(frame.first(frame.size() - kSealOverhead));
}

base::ByteView Link::Impl::handle_link_records(base::ByteView records) {
  wire::RecordReader reader(records);
  std::size_t before = 0;
  for (;;) {
    const auto record = reader.next();
    if (!record) {
      end_and_tell(CloseReason::protocol_error);
      return {};
    }
    if (!*record) return records;
    switch ((*record)->type) {
      case RecordType::ping: pong_due = true; break;
      case RecordType::close:
        end(CloseReason::peer_closed);
        return records.first(before);
      default: break;
    }
    before += wire::record_size((*record)->payload.size());
  }
}

std::size_t Link::Impl::seal(base::MutableByteView buffer, std::size_t plaintext_size) {
  const std::size_t size = plaintext_size + kSealOverhead;
  session.send.encrypt({}, buffer.first(size));
  if (session.send.nonce() % kRekeyAfter == 0) session.send.rekey();
  return size;
}

std::size_t Link::Impl::last_frame(base::MutableByteView out) {
  const Farewell what = std::exchange(farewell, Farewell::none);
  if (what == Farewell::none) return 0;
  if (what == Farewell::no_version) {
    write_no_version_frame(out);
    return kHandshakeFrameSize;
  }
  wire::RecordWriter writer(out);
  const auto number = static_cast<std::uint8_t>(*reason);
  writer.add(RecordType::close, base::ByteView(&number, 1));
  return seal(out, writer.size());
}

std::size_t Link::Impl::link_frame(base::MutableByteView out) {
  if (!confirm_due && !ping_due && !pong_due) return 0;
  wire::RecordWriter writer(out);
  if (ping_due) writer.add(RecordType::ping, std::size_t{0});
  if (pong_due) writer.add(RecordType::pong, std::size_t{0});
  confirm_due = ping_due = pong_due = false;
  return seal(out, writer.size());
}

Link::Link(const LinkConfig& config, base::Random& random, base::Time now) {
  CHASKI_ASSERT(config.node_key != nullptr);
  CHASKI_ASSERT(config.hello.frame_size_max >= wire::kFrameSizeMin);
  CHASKI_ASSERT(config.hello.frame_size_max <= wire::kFrameSizeMax);
  impl_ = std::make_unique<Impl>(config, random, now);
}
Link::~Link() = default;
Link::Link(Link&&) noexcept = default;
Link& Link::operator=(Link&&) noexcept = default;

Link::State Link::state() const { return impl_->state; }
std::optional<CloseReason> Link::close_reason() const { return impl_->reason; }
const NodePublicKey& Link::peer() const { return impl_->session.peer; }
const Hello& Link::peer_hello() const { return impl_->session.peer_hello; }
base::ByteView Link::handshake_hash() const { return impl_->session.hash; }

std::array<std::uint8_t, 16> Link::derive(std::string_view label) const {
  std::array<std::uint8_t, 32> hash{};
  const base::ByteView key = base::as_bytes(label);
  const base::ByteView h = handshake_hash();
  const int done = crypto_generichash(hash.data(), hash.size(), h.data(), h.size(), key.data(),
                                      key.size());
  CHASKI_ASSERT(done == 0);
  std::array<std::uint8_t, 16> out{};
  std::copy_n(hash.begin(), out.size(), out.begin());
  return out;
}

base::ByteView Link::receive(base::MutableByteView frame, base::Time now) {
  if (impl_->state == State::closed) return {};
  return impl_->keyed ? impl_->receive_sealed(frame, now) : impl_->receive_handshake(frame, now);
}

void Link::close(CloseReason reason, base::Time) { impl_->end_and_tell(reason); }

void Link::transport_closed() {
  impl_->farewell = Impl::Farewell::none;
  impl_->end(CloseReason::transport);
}

std::size_t Link::next_frame(base::MutableByteView out, base::Time) {
  CHASKI_ASSERT(out.size() >= kHandshakeFrameSize);
  Impl& self = *impl_;
  if (self.state == State::closed) return self.last_frame(out);
  if (self.state == State::open) return self.link_frame(out);
  if (self.keyed || !self.handshake->wants_to_send()) return 0;
  if (const auto why = self.handshake->next_frame(out)) {
    self.end(*why);
    return 0;
  }
  if (self.handshake->complete()) self.finish_handshake();
  return kHandshakeFrameSize;
}

std::size_t Link::seal(base::MutableByteView buffer, std::size_t plaintext_size, base::Time) {
  CHASKI_ASSERT(impl_->state == State::open);
  CHASKI_ASSERT(plaintext_size <= impl_->session.peer_hello.frame_size_max);
  CHASKI_ASSERT(buffer.size() >= plaintext_size + kSealOverhead);
  return impl_->seal(buffer, plaintext_size);
}

void Link::set_replaceable(bool replaceable) {
  impl_->liveness.set_replaceable(impl_->timers, replaceable);
}

std::optional<base::Time> Link::next_wakeup() const {
  switch (impl_->state) {
    case State::handshake: return impl_->deadline;
    case State::open: return impl_->liveness.wakeup();
    case State::closed: break;
  }
  return std::nullopt;
}

void Link::wake(base::Time now) {
  if (impl_->state == State::handshake && now >= impl_->deadline) {
    impl_->end(CloseReason::handshake_timeout);
  }
  if (impl_->state != State::open) return;
  switch (impl_->liveness.judge(now)) {
    case Liveness::Verdict::alive: break;
    case Liveness::Verdict::ask: impl_->ping_due = true; break;
    case Liveness::Verdict::dead: impl_->end(CloseReason::silent); break;
  }
}

}  // namespace chaski::link
