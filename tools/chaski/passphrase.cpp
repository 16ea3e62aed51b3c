// SPDX-License-Identifier: Apache-2.0
#include "tools/chaski/passphrase.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "tools/chaski/command_error.hpp"

namespace chaski::tools {
namespace {

constexpr std::size_t kSizeMax = 1'024;
constexpr char kInterrupted = 3;  // Ctrl-C, where it makes no signal

/// The terminal itself, whatever standard input is.
class Terminal {
 public:
  Terminal() : file_(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) {}
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal() {
    if (file_ >= 0) ::close(file_);
  }
  explicit operator bool() const { return file_ >= 0 && ::isatty(STDIN_FILENO) == 1; }
  int file() const { return file_; }
  void say(std::string_view text) const {
    [[maybe_unused]] const ssize_t ignored = ::write(file_, text.data(), text.size());
  }

 private:
  int file_;
};

/// What is typed is not shown while this lives; an interruption puts the echo back first.
class NoEcho {
 public:
  explicit NoEcho(int file) : file_(file) {
    sigset_t interruptions;
    ::sigemptyset(&interruptions);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP}) {
      ::sigaddset(&interruptions, signal);
    }
    ::sigprocmask(SIG_BLOCK, &interruptions, &signals_before_);
    is_terminal_ = ::tcgetattr(file, &before_) == 0;
    if (!is_terminal_) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    // An interruption ends the line instead, so that it can be told.
    quiet.c_lflag &= ~static_cast<tcflag_t>(ISIG);
    quiet.c_cc[VEOL] = kInterrupted;
    ::tcsetattr(file, TCSAFLUSH, &quiet);
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;
  ~NoEcho() {
    if (is_terminal_) ::tcsetattr(file_, TCSAFLUSH, &before_);
    ::sigprocmask(SIG_SETMASK, &signals_before_, nullptr);
  }

 private:
  int file_;
  bool is_terminal_ = false;
  termios before_{};
  sigset_t signals_before_{};
};

CommandError bad_passphrase(const char* what) {
  return usage_error(what, "a passphrase is a line of 1 to 1,024 bytes");
}

/// One line, byte by byte, so that nothing after it is taken.
std::string read_line(int file) {
  std::string line;
  for (;;) {
    char c = 0;
    const ssize_t n = ::read(file, &c, 1);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw usage_error(std::string("the passphrase cannot be read: ") +
                                     std::strerror(errno), "name an open file");
    if (n == 0 || c == '\n') return line;
    if (c == kInterrupted && ::isatty(file) == 1) throw bad_passphrase("interrupted");
    if (line.size() >= kSizeMax) throw bad_passphrase("the passphrase is too long");
    line += c;
  }
}

std::string ask(const Terminal& terminal, const char* question) {
  terminal.say(question);
  std::string line;
  {
    const NoEcho quiet(terminal.file());
    line = read_line(terminal.file());
  }
  terminal.say("\n");
  if (line.empty()) throw bad_passphrase("the passphrase is empty");
  return line;
}

}  // namespace

std::string read_passphrase(const PassphraseSource& source, const char* question) {
  if (source.fd) {
    const std::string line = read_line(*source.fd);
    if (line.empty()) throw bad_passphrase("the passphrase is empty");
    return line;
  }
  const Terminal terminal;
  if (!terminal) {
    throw usage_error("there is no terminal to ask for the passphrase",
                      "give it with --passphrase-fd, as in: --passphrase-fd 0 < file");
  }
  return ask(terminal, question);
}

std::optional<std::string> read_new_passphrase(const PassphraseSource& source,
                                               const char* question) {
  if (source.none) return std::nullopt;
  if (source.fd) return read_passphrase(source, question);
  const Terminal terminal;
  if (!terminal) {
    throw usage_error("there is no terminal to ask for a passphrase",
                      "give one with --passphrase-fd, or say --no-passphrase: whoever has the "
                      "disk can read everything then");
  }
  std::string first = ask(terminal, question);
  if (first != ask(terminal, "Again: ")) throw bad_passphrase("these are not the same");
  return first;
}

bool confirmed(const char* question) {
  const Terminal terminal;
  if (!terminal) {
    throw usage_error("there is no terminal to ask whether you are sure", "say --now");
  }
  terminal.say(question);
  return read_line(terminal.file()) == "yes";
}

}  // namespace chaski::tools
