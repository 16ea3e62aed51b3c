// SPDX-License-Identifier: Apache-2.0
#include "transport-serial/tty.hpp"

// The kernel's termios2, which has any rate; glibc's <termios.h> has not, and does not go with it.
#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace chaski::transport_serial {
namespace {

/// Closes on the way out, unless it was taken.
struct Descriptor {
  int value;
  explicit Descriptor(int descriptor) : value(descriptor) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value >= 0) ::close(value);
  }
  int take() { return std::exchange(value, -1); }
};

std::string group_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return "dialout";
  char space[1024];
  struct group entry {};
  struct group* found = nullptr;
  if (::getgrgid_r(status.st_gid, &entry, space, sizeof space, &found) != 0 || found == nullptr) {
    return "dialout";
  }
  return found->gr_name;
}

TtyProblem problem_of(int error, const std::string& path) {
  switch (error) {
    case ENOENT:
    case ENODEV:
    case ENXIO:
      return {path + " is not there", ""};
    case EACCES:
    case EPERM: {
      // Before udev set the device up, or from within a user namespace, another is seen.
      std::string group = group_of(path);
      if (group == "root" || group == "nogroup") group = "dialout";
      return {"permission to open " + path + " is denied",
              "put the user that runs chaskid into the group " + group + " (adduser chaski " +
                  group + "), and start chaskid anew"};
    }
    case EBUSY:
    case EWOULDBLOCK:
      return {path + " is used by another program", "end the other program (fuser " + path +
                                                        " names it), or take the device out of "
                                                        "serial.devices"};
    default:
      return {path + " cannot be opened: " + std::strerror(error),
              "see whether it is a serial port, and what the kernel's log says of it"};
  }
}

base::Expected<int, TtyProblem> failed(int error, const std::string& path) {
  return base::unexpected(problem_of(error, path));
}

void make_raw(termios2& line, const TtySettings& settings) {
  // A break, and a byte with a wrong stop bit, are read as a zero, which is a delimiter.
  line.c_iflag = 0;
  line.c_oflag = 0;
  line.c_lflag = 0;
  line.c_cflag = CS8 | CREAD | CLOCAL | BOTHER | (settings.hardware_flow ? CRTSCTS : 0u);
  line.c_ispeed = line.c_ospeed = settings.baud;
  line.c_cc[VMIN] = 1;
  line.c_cc[VTIME] = 0;
}

/// A divider meets no rate exactly; a receiver forgives about 2 %.
bool near(std::uint32_t wanted, std::uint32_t got) {
  const std::uint32_t off = wanted > got ? wanted - got : got - wanted;
  return std::uint64_t{off} * 40 <= wanted;
}

}  // namespace

base::Expected<int, TtyProblem> open_tty(const std::string& path, const TtySettings& settings) {
  Descriptor device(::open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  if (device.value < 0) return failed(errno, path);
  termios2 line{};
  if (::ioctl(device.value, TCGETS2, &line) != 0) {
    return base::unexpected(
        TtyProblem{path + " is no serial port", "name serial ports alone in serial.devices"});
  }
  // Root passes the first, programs that do not know it pass the second.
  if (::ioctl(device.value, TIOCEXCL) != 0) return failed(errno, path);
  if (::flock(device.value, LOCK_EX | LOCK_NB) != 0) return failed(errno, path);
  make_raw(line, settings);
  if (::ioctl(device.value, TCSETS2, &line) != 0) return failed(errno, path);
  if (::ioctl(device.value, TCGETS2, &line) != 0) return failed(errno, path);
  if (!near(settings.baud, line.c_ospeed)) {
    return base::unexpected(TtyProblem{path + " cannot do " + std::to_string(settings.baud) +
                                           " baud, only " + std::to_string(line.c_ospeed),
                                       "set another serial.baud, at both ends"});
  }
  if (settings.hardware_flow && (line.c_cflag & CRTSCTS) == 0) {
    return base::unexpected(TtyProblem{path + " has no RTS and CTS",
                                       "set serial.flow_control to \"none\", at both ends"});
  }
  ::ioctl(device.value, TCFLSH, TCIOFLUSH);
  return device.take();
}

std::size_t tty_waiting(int descriptor) {
  int bytes = 0;
  if (::ioctl(descriptor, TIOCOUTQ, &bytes) != 0 || bytes < 0) return 0;
  return static_cast<std::size_t>(bytes);
}

}  // namespace chaski::transport_serial
