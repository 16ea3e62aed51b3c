// SPDX-License-Identifier: Apache-2.0
#include "transport-ble/bluez_service.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/post.hpp>

#include "transport-ble/ble_greeting.hpp"
#include "transport-ble/bluez_clock.hpp"

namespace chaski::transport_ble {
namespace {

constexpr const char* kServiceInterface = "org.bluez.GattService1";
// Not one of BlueZ's own. 5.66 takes these as the answer to the writer and keeps his packet in the
// queue for ever, so that nobody opens the lane again; or would not count who subscribed, and
// take the next one's descriptor away when he leaves.
constexpr const char* kNotYours = "org.chaski.Error.NotYours";
constexpr const char* kInvalidOffset = "org.bluez.Error.InvalidOffset";

void describe(sdbus::IObject& object, const std::string& service, const std::string& uuid,
              const std::string& flag) {
  object.registerProperty("UUID").onInterface(kCharacteristicInterface).withGetter([uuid] {
    return uuid;
  });
  object.registerProperty("Service").onInterface(kCharacteristicInterface).withGetter([service] {
    return sdbus::ObjectPath(service);
  });
  object.registerProperty("Flags").onInterface(kCharacteristicInterface).withGetter([flag] {
    return std::vector<std::string>{flag};
  });
}

}  // namespace

BluezService::BluezService(boost::asio::io_context& io, sdbus::IConnection& connection,
                           std::string path, Events events)
    : io_(io),
      path_(std::move(path)),
      events_(std::move(events)),
      root_(sdbus::createObject(connection, path_)),
      service_(sdbus::createObject(connection, path_ + "/service")) {
  root_->addObjectManager();
  service_->registerProperty("UUID").onInterface(kServiceInterface).withGetter([] {
    return std::string(kServiceUuid);
  });
  service_->registerProperty("Primary").onInterface(kServiceInterface).withGetter([] {
    return true;
  });
  service_->finishRegistration();
  add_info(connection);
  for (std::size_t lane = 1; lane <= kLanesMax; ++lane) {
    add_lane(connection, lane, Side::kWrite);
    add_lane(connection, lane, Side::kNotify);
  }
}

BluezService::~BluezService() = default;

void BluezService::add_info(sdbus::IConnection& connection) {
  info_ = sdbus::createObject(connection, path_ + "/service/info");
  describe(*info_, path_ + "/service", kInfoUuid, "read");
  info_->registerMethod("ReadValue")
      .onInterface(kCharacteristicInterface)
      .implementedAs([this](const Properties& options) { return read_info(options); });
  info_->finishRegistration();
}

void BluezService::add_lane(sdbus::IConnection& connection, std::size_t lane, Side side) {
  const bool write = side == Side::kWrite;
  const std::string name = (write ? "/service/write" : "/service/notify") + std::to_string(lane);
  auto object = sdbus::createObject(connection, path_ + name);
  describe(*object, path_ + "/service", write ? lane_write_uuid(lane) : lane_notify_uuid(lane),
           write ? "write-without-response" : "notify");
  // That it is there tells bluetoothd to ask for a descriptor.
  object->registerProperty(write ? "WriteAcquired" : "NotifyAcquired")
      .onInterface(kCharacteristicInterface)
      .withGetter([this, lane] { return places_.at(lane - 1).breaker != nullptr; });
  object->registerMethod(write ? "AcquireWrite" : "AcquireNotify")
      .onInterface(kCharacteristicInterface)
      .implementedAs(
          [this, lane, side](const Properties& options) { return acquire(lane, side, options); });
  if (write) {
    // What somebody wrote whom acquire() had refused.
    object->registerMethod("WriteValue")
        .onInterface(kCharacteristicInterface)
        .implementedAs([](const std::vector<std::uint8_t>&, const Properties&) {});
  } else {
    for (const char* method : {"StartNotify", "StopNotify"}) {
      object->registerMethod(method).onInterface(kCharacteristicInterface).implementedAs([] {});
    }
  }
  object->finishRegistration();
  auto& place = places_.at(lane - 1);
  (write ? place.write : place.notify) = std::move(object);
}

std::vector<std::uint8_t> BluezService::read_info(const Properties& options) {
  expire();
  const auto asked = gatt_options(options);
  const std::size_t lane = asked.device.empty() ? 0 : table_.give(asked.device, steady_now());
  const auto info = encode(ServiceInfo{psm_, static_cast<std::uint8_t>(lane)});
  if (asked.offset > info.size()) throw sdbus::Error(kInvalidOffset, "it has 4 bytes");
  return {info.begin() + asked.offset, info.end()};
}

std::tuple<sdbus::UnixFd, std::uint16_t> BluezService::acquire(std::size_t lane, Side side,
                                                               const Properties& options) {
  expire();
  const auto asked = gatt_options(options);
  if (!table_.has(asked.device, lane, steady_now())) {
    throw sdbus::Error(kNotYours, "read info first, it says which lane is yours");
  }
  auto& place = places_.at(lane - 1);
  // Whoever asks again has begun anew.
  if (auto breaker = std::exchange(place.breaker, nullptr)) breaker("it began anew");
  // Neither end blocks: bluetoothd would wait for us, and everybody with it.
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0) {
    throw sdbus::Error(kNotYours, "no descriptors are left");
  }
  (side == Side::kWrite ? place.ends.read : place.ends.write) = Descriptor(ends[0]);
  const bool other = side == Side::kWrite ? bool(place.ends.write) : bool(place.ends.read);
  place.ends.mtu = other ? std::min<std::size_t>(place.ends.mtu, asked.mtu) : asked.mtu;
  if (other) {
    boost::asio::post(io_, [this, lane, device = asked.device, weak = std::weak_ptr(life_)] {
      if (weak.lock()) begin(lane, device);
    });
  }
  return {sdbus::UnixFd(ends[1], sdbus::adopt_fd), asked.mtu};
}

void BluezService::begin(std::size_t lane, const std::string& device) {
  auto& place = places_.at(lane - 1);
  if (!place.ends.read || !place.ends.write || !table_.has(device, lane, steady_now())) return;
  table_.used(lane);
  const auto use = ++place.use;
  auto gone = [this, lane, use, weak = std::weak_ptr(life_)] {
    if (weak.lock()) ended(lane, use);
  };
  auto pipe = std::make_unique<LanePipe>(io_, std::exchange(place.ends, {}), std::move(gone));
  place.breaker = pipe->breaker();
  events_.lane(device, std::move(pipe));
}

void BluezService::ended(std::size_t lane, std::uint64_t use) {
  auto& place = places_.at(lane - 1);
  if (place.use != use) return;
  place.breaker = nullptr;
  table_.ended(lane, steady_now());
}

void BluezService::release(const std::string& device_path) {
  const auto lane = table_.release(device_path);
  if (lane == 0) return;
  auto& place = places_.at(lane - 1);
  place.ends = {};
  if (auto breaker = std::exchange(place.breaker, nullptr)) breaker("its device is gone");
}

void BluezService::expire() {
  for (const auto lane : table_.expire(steady_now())) places_.at(lane - 1).ends = {};
}

}  // namespace chaski::transport_ble
