// SPDX-License-Identifier: Apache-2.0
#include "transport-ble/pipe_dial.hpp"

#include <boost/asio/post.hpp>
#include <utility>

#include "transport-ble/ble_uuids.hpp"
#include "transport-ble/bluez_decode.hpp"
#include "transport-ble/bluez_lane.hpp"
#include "transport-ble/l2cap_pipe.hpp"

namespace chaski::transport_ble {
using Stream = boost::asio::posix::stream_descriptor;

PipeDial::PipeDial(boost::asio::io_context& io, std::shared_ptr<BluezSession> session, Whom whom,
                   Done done)
    : io_(io),
      session_(std::move(session)),
      whom_(std::move(whom)),
      done_(std::move(done)),
      patience_(io) {}

void PipeDial::start() {
  const auto path = whom_.find(kInfoUuid);
  if (!path) return fail("it does not have our service");
  auto reply = [weak = weak_from_this()](const sdbus::Error* error,
                                         const std::vector<std::uint8_t>& value) {
    auto self = weak.lock();
    if (!self || !self->done_) return;
    if (error != nullptr) return self->fail("its info cannot be read: " + error->getMessage());
    const auto info = parse_info(value);
    if (!info) return self->fail("it speaks another version");
    self->informed(*info);
  };
  session_->call<std::vector<std::uint8_t>>(*path, kCharacteristicInterface, "ReadValue",
                                            BluezSession::kTimeout, reply, Properties());
}

void PipeDial::informed(const ServiceInfo& info) {
  info_ = info;
  if (info_.psm == 0 || whom_.lane_only) return take_lane("it offers no channel");
  dial_channel();
}

void PipeDial::dial_channel() {
  auto socket = dial_l2cap(whom_.own, whom_.device, info_.psm);
  if (!socket) return take_lane(socket.error());
  channel_.emplace(io_, socket->release());
  channel_->async_wait(Stream::wait_write, [weak = weak_from_this()](
                                               const boost::system::error_code& error) {
    auto self = weak.lock();
    if (!error && self && self->channel_) self->channel_decided();
  });
  patience_.expires_after(kChannelPatience);
  patience_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    auto self = weak.lock();
    if (error || !self || !self->channel_) return;
    self->channel_.reset();
    self->take_lane("the channel did not come to be");
  });
}

void PipeDial::channel_decided() {
  patience_.cancel();
  Descriptor socket(channel_->release());
  channel_.reset();
  if (const auto problem = l2cap_error(socket.get()); !problem.empty()) return take_lane(problem);
  const std::size_t mtu = l2cap_mtu(socket.get());
  if (mtu == 0) return take_lane("the channel is refused");
  finish(std::make_unique<L2capPipe>(io_, std::move(socket), mtu), PipeKind::l2cap, "");
}

/// `otherwise`: why there is no channel.
void PipeDial::take_lane(const std::string& otherwise) {
  if (info_.lane == 0) return fail(otherwise + ", and no lane is free");
  const auto write = whom_.find(lane_write_uuid(info_.lane));
  const auto notify = whom_.find(lane_notify_uuid(info_.lane));
  if (!write || !notify) return fail(otherwise + ", and the lane is not there");
  auto done = [weak = weak_from_this(), otherwise](std::unique_ptr<FramePipe> pipe,
                                                   const std::string& problem) {
    const auto self = weak.lock();
    if (!self || !self->done_) return;
    if (!pipe) return self->fail(otherwise + "; no lane: " + problem);
    self->finish(std::move(pipe), PipeKind::lane, "");
  };
  dial_lane(io_, session_, *write, *notify, std::move(done));
}

void PipeDial::finish(std::unique_ptr<FramePipe> pipe, PipeKind kind, const std::string& problem) {
  if (!done_) return;
  auto shared = std::make_shared<std::unique_ptr<FramePipe>>(std::move(pipe));
  boost::asio::post(io_, [self = shared_from_this(), shared, kind, problem] {
    if (const Done done = std::exchange(self->done_, nullptr)) {
      done(std::move(*shared), kind, problem);
    }
  });
}

void PipeDial::cancel() {
  done_ = nullptr;
  patience_.cancel();
  channel_.reset();
}

}  // namespace chaski::transport_ble
