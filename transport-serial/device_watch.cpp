// SPDX-License-Identifier: Apache-2.0
#include "transport-serial/device_watch.hpp"

#include <glob.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <utility>

namespace chaski::transport_serial {
namespace {

using boost::system::error_code;
using Stream = boost::asio::posix::stream_descriptor;

/// The folder of a pattern, up to its first special character.
std::string fixed_folder(const std::string& pattern) {
  const auto special = pattern.find_first_of("*?[");
  const auto slash = pattern.rfind('/', special);
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : pattern.substr(0, slash);
}

}  // namespace

std::vector<Device> find_devices(const std::vector<std::string>& patterns) {
  std::vector<Device> found;
  for (const std::string& pattern : patterns) {
    glob_t names{};
    if (::glob(pattern.c_str(), 0, nullptr, &names) == 0) {
      for (std::size_t i = 0; i < names.gl_pathc; ++i) {
        struct stat status {};
        if (::stat(names.gl_pathv[i], &status) != 0 || !S_ISCHR(status.st_mode)) continue;
        const std::uint64_t number = status.st_rdev;
        const auto same = [number](const Device& device) { return device.number == number; };
        if (std::none_of(found.begin(), found.end(), same)) {
          found.push_back({names.gl_pathv[i], number});
        }
      }
    }
    ::globfree(&names);
  }
  return found;
}

DeviceWatch::DeviceWatch(boost::asio::io_context& io, const std::vector<std::string>& patterns)
    : inotify_(io), timer_(io) {
  for (const std::string& pattern : patterns) {
    // Of /dev/serial/by-id, which appears with the first device, its parents tell as well.
    std::string folder = fixed_folder(pattern);
    while (true) {
      folders_.push_back(folder);
      const auto slash = folder.rfind('/');
      if (slash == std::string::npos || slash == 0) break;
      folder.resize(slash);
    }
  }
  std::sort(folders_.begin(), folders_.end());
  folders_.erase(std::unique(folders_.begin(), folders_.end()), folders_.end());
}

void DeviceWatch::start(std::function<void()> look) {
  look_ = std::move(look);
  if (const int descriptor = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC); descriptor >= 0) {
    error_code ignored;
    inotify_.assign(descriptor, ignored);
    inotify_.non_blocking(true, ignored);
    wait_event();
  }
  arm(std::chrono::milliseconds(0));
}

void DeviceWatch::stop() {
  stopped_ = true;
  timer_.cancel();
  error_code ignored;
  inotify_.close(ignored);
  look_ = {};
}

/// Adding one that is watched changes nothing, and one that was removed and came back is new.
void DeviceWatch::watch_folders() {
  if (!inotify_.is_open()) return;
  constexpr std::uint32_t kWhat = IN_CREATE | IN_DELETE | IN_ATTRIB | IN_MOVED_TO | IN_MOVED_FROM;
  for (const std::string& folder : folders_) {
    ::inotify_add_watch(inotify_.native_handle(), folder.c_str(), kWhat | IN_ONLYDIR);
  }
}

void DeviceWatch::wait_event() {
  inotify_.async_wait(Stream::wait_read, [self = shared_from_this()](const error_code& error) {
    if (error || self->stopped_) return;
    std::array<char, 4096> events;
    error_code done;
    while (self->inotify_.read_some(boost::asio::buffer(events), done) > 0 && !done) {
    }
    self->look_soon();
    self->wait_event();
  });
}

void DeviceWatch::look_soon() {
  if (stopped_ || std::exchange(soon_, true)) return;
  arm(kTogether);
}

void DeviceWatch::arm(std::chrono::milliseconds after) {
  timer_.expires_after(after);
  timer_.async_wait([self = shared_from_this()](const error_code& error) {
    if (error || self->stopped_) return;
    self->soon_ = false;
    self->watch_folders();
    self->look_();
    if (!self->stopped_ && !self->soon_) self->arm(kLookEvery);
  });
}

}  // namespace chaski::transport_serial
