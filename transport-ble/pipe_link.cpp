// SPDX-License-Identifier: Apache-2.0
#include "transport-ble/pipe_link.hpp"

#include <boost/asio/post.hpp>
#include <utility>

#include "base/assert.hpp"

namespace chaski::transport_ble {

void PipeLinkHost::request_batch_done(const std::shared_ptr<PipeLinkHost>& self) {
  if (std::exchange(batch_pending, true)) return;
  boost::asio::post(io, [self] {
    self->batch_pending = false;
    if (self->alive && self->hooks.batch_done) self->hooks.batch_done();
  });
}

PipeLink::PipeLink(std::shared_ptr<PipeLinkHost> host, std::unique_ptr<FramePipe> pipe,
                 const Greeting& own, base::LinkRole role, Events events)
    : host_(std::move(host)),
      pipe_(std::move(pipe)),
      own_(own),
      role_(role),
      events_(std::move(events)),
      timer_(host_->io) {}

void PipeLink::start() {
  const auto weak = weak_from_this();
  FramePipe::Events events;
  events.received = [weak](base::MutableByteView frame) {
    if (auto self = weak.lock()) self->received(frame);
  };
  events.room = [weak] {
    if (auto self = weak.lock()) self->pump();
  };
  events.ended = [weak](const char* why) {
    if (auto self = weak.lock()) self->abort(why);
  };
  pipe_->start(std::move(events));
  timer_.expires_after(kGreetingTimeout);
  timer_.async_wait([weak](const boost::system::error_code& error) {
    auto self = weak.lock();
    if (!error && self) self->abort("it said nothing for 5 s");
  });
  if (role_ == base::LinkRole::initiator) pipe_->send(encode(own_));
}

void PipeLink::received(base::MutableByteView frame) {
  if (state_ == State::greeting) return greet(frame);
  if (state_ != State::open || closing_ || !host_->alive) return;
  host_->request_batch_done(host_);
  if (frame.size() >= kCarriesFrom) events_.carried();
  host_->hooks.received(link_, frame);
}

void PipeLink::greet(base::ByteView frame) {
  const auto theirs = parse_greeting(frame);
  if (!theirs || theirs->kind != own_.kind) return abort("it does not speak this protocol");
  if (!pipe_->room()) return abort("it does not read");
  if (!host_->alive) return;
  if (!events_.greeted(theirs->tag)) return abort("there is a link to it already");
  if (role_ == base::LinkRole::responder) pipe_->send(encode(own_));
  timer_.cancel();
  link_ = host_->hooks.new_link_id();
  state_ = State::open;
  // What one radio may invent is bounded by its slots; its addresses are free, and say nothing.
  constexpr std::uint64_t kNoOrigin = 0;
  told_open_ = host_->hooks.opened(link_, role_, pipe_->frame_size_max(), kNoOrigin);
  if (!told_open_) return abort("the node refused it");
  kick();
}

void PipeLink::kick() {
  if (state_ != State::open || std::exchange(kicked_, true)) return;
  boost::asio::post(host_->io, [self = shared_from_this()] {
    self->kicked_ = false;
    self->pump();
  });
}

void PipeLink::set_waiting(bool waiting) {
  if (std::exchange(waiting_, waiting) != waiting) events_.waiting(waiting);
}

void PipeLink::pump() {
  if (state_ != State::open || !host_->alive) return;
  base::Bytes buffer(pipe_->frame_size_max());
  while (state_ == State::open && pipe_->room()) {
    const std::size_t size = host_->hooks.next_frame(link_, buffer);
    CHASKI_ASSERT(size <= buffer.size());
    if (!host_->alive || state_ != State::open) return;
    if (size == 0) {
      set_waiting(false);
      if (closing_) end_after_last();
      return;
    }
    if (size >= kCarriesFrom) events_.carried();
    spoke_last_ = closing_;
    pipe_->send(base::ByteView(buffer).first(size));
  }
  set_waiting(state_ == State::open);
}

/// Who says goodbye waits until it is read; who has nothing to say has heard it, or is not heard.
void PipeLink::end_after_last() {
  if (!spoke_last_) return abort("closed by us");
  pipe_->finish();
}

void PipeLink::close() {
  if (state_ == State::ended || std::exchange(closing_, true)) return;
  if (state_ != State::open) return abort("closed by us");
  kick();
}

void PipeLink::abort(const char* why) {
  if (std::exchange(state_, State::ended) == State::ended) return;
  timer_.cancel();
  pipe_->end();
  boost::asio::post(host_->io, [self = shared_from_this(), why] {
    auto& host = *self->host_;
    if (host.alive && self->told_open_ && host.hooks.closed) host.hooks.closed(self->link_);
    if (host.alive) self->events_.ended(why);
    self->events_ = {};
  });
}

}  // namespace chaski::transport_ble
