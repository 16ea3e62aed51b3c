// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include <algorithm>

#include "transport-ble/bluez_decode.hpp"
#include "transport-ble/bluez_lane.hpp"

namespace chaski::transport_ble {
namespace {

struct LaneDial : std::enable_shared_from_this<LaneDial> {
  using Done = std::function<void(std::unique_ptr<FramePipe>, const std::string& problem)>;
  using Taken = std::function<void(Descriptor, std::uint16_t mtu)>;

  LaneDial(boost::asio::io_context& context, const std::shared_ptr<BluezSession>& to, Done then)
      : io(context), session(to), done(std::move(then)) {}

  void acquire(const std::string& path, const char* method, Taken taken) {
    auto reply = [self = shared_from_this(), taken](const sdbus::Error* error,
                                                    const sdbus::UnixFd& fd, std::uint16_t mtu) {
      if (error != nullptr)
        return self->done(nullptr, error->getName() + ": " + error->getMessage());
      // A copy that is not inherited, and does not block: the socket is as bluetoothd made it.
      Descriptor ours(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 0));
      if (!ours) return self->done(nullptr, "bluetoothd gave no descriptor");
      taken(std::move(ours), mtu);
    };
    const auto alive = session.lock();
    if (!alive) return;
    alive->call<sdbus::UnixFd, std::uint16_t>(path, kCharacteristicInterface, method,
                                              BluezSession::kTimeout, reply, Properties());
  }

  void start(const std::string& write_path, const std::string& notify_path) {
    // First what brings the answers: the listener may speak as soon as it has heard us.
    acquire(notify_path, "AcquireNotify",
            [self = shared_from_this(), write_path](Descriptor fd, std::uint16_t mtu) {
              self->ends.read = std::move(fd);
              self->ends.mtu = mtu;
              self->acquire(
                  write_path, "AcquireWrite", [self](Descriptor write, std::uint16_t size) {
                    self->ends.write = std::move(write);
                    self->ends.mtu = std::min<std::size_t>(self->ends.mtu, size);
                    self->done(std::make_unique<LanePipe>(self->io, std::move(self->ends)), "");
                  });
            });
  }

  boost::asio::io_context& io;
  std::weak_ptr<BluezSession> session;  ///< which owns us through its calls
  Done done;
  LaneEnds ends{};
};

}  // namespace

void dial_lane(boost::asio::io_context& io, const std::shared_ptr<BluezSession>& session,
               const std::string& write_path, const std::string& notify_path,
               std::function<void(std::unique_ptr<FramePipe>, const std::string& problem)> done) {
  std::make_shared<LaneDial>(io, session, std::move(done))->start(write_path, notify_path);
}

}  // namespace chaski::transport_ble
