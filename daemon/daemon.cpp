// SPDX-License-Identifier: Apache-2.0
#include "daemon/daemon.hpp"

#include <malloc.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <cstdio>
#include <exception>

#include "daemon/api_server.hpp"
#include "daemon/api_vault.hpp"
#include "daemon/node_host.hpp"
#include "daemon/secure_process.hpp"
#include "daemon/service_manager.hpp"
#include "daemon/sqlite_store.hpp"
#include "daemon/start_error.hpp"
#include "daemon/state_folder.hpp"
#include "daemon/status_report.hpp"
#include "daemon/system_random.hpp"
#include "daemon/vault_keeper.hpp"

namespace chaski::daemon {
namespace {

using boost::system::error_code;

/// How long a clean stop may take; what is not said by then is not said.
constexpr std::chrono::seconds kStopTimeMax{3};
constexpr std::chrono::seconds kStatusEvery{10};

/// Ends what a panic began before anything else looks at the data folder.
struct UnfinishedPanic {
  UnfinishedPanic(const std::string& folder, const Log& log) {
    if (!panic_is_unfinished(VaultFile(folder))) return;
    erase_data(folder);
    log.warning("a panic that was cut off has been ended: everything was erased");
  }
};

/// The parts of a running daemon and how they are started and stopped.
class Daemon {
 public:
  Daemon(const CommandLine& command, const Config& config, MemoryLock memory)
      : command_(command), log_(config.log_level), folder_(config.state),
        panic_(folder_.path(), log_),
        store_({folder_.path(), config.quota_bytes, config.free_reserve_bytes,
                config.files_quota_bytes}),
        clock_(store_.load_value(BootClock::kKey)),
        keeper_(io_, folder_.path(), store_, random_, config.passphrase_cost),
        host_(io_, config, store_, clock_, random_, log_, events_),
        vault_(io_, host_, keeper_, log_, random_, [this] { erase_data(folder_.path()); }),
        api_(io_, host_, vault_, events_, log_, [this] { stop("a client asked to stop"); }),
        service_(io_), signals_(io_, SIGTERM, SIGINT, SIGHUP), stop_timer_(io_),
        status_timer_(io_) {
    host_.set_memory(memory);
    vault_.set_lock_after(std::chrono::seconds(config.lock_after_s));
  }

  int run() {
    wait_for_signal();
    api_.start();
    host_.start();
    log_.info(std::string("chaskid ") + version() + " runs in " + folder_.path() + ", socket " +
              host_.config().socket_path());
    service_.ready(status_line(host_));
    tell_status();
    io_.run();
    // Also what was written while it stopped.
    if (vault_.panicked()) erase_data(folder_.path());
    log_.info("stopped");
    return 0;
  }

 private:
  void wait_for_signal() {
    signals_.async_wait([this](const error_code& error, int signal) {
      if (error) return;
      if (signal == SIGHUP) {
        reload();
      } else if (stopping_) {
        ::_exit(1);  // asked twice: at once
      } else {
        stop(signal == SIGTERM ? "SIGTERM" : "SIGINT");
      }
      wait_for_signal();
    });
  }

  void reload() {
    if (stopping_) return;
    service_.reloading();
    const auto config = load_config(command_);
    if (config) {
      host_.reload(*config);
      keeper_.set_cost(config->passphrase_cost);
      vault_.set_lock_after(std::chrono::seconds(config->lock_after_s));
      log_.info("the config was read again");
    } else {
      log_.error(config.error() + " (the config stays as it was)");
    }
    service_.reloaded();
  }

  void stop(const char* why) {
    if (stopping_) return;
    stopping_ = true;
    log_.info(std::string("stopping: ") + why);
    service_.stopping();
    status_timer_.cancel();
    vault_.stop();
    host_.stop();
    api_.stop();
    // Open connections still say goodbye; signals_ alone must not keep the loop.
    stop_timer_.expires_after(kStopTimeMax);
    stop_timer_.async_wait([this](const error_code& error) {
      if (!error) io_.stop();
    });
    look_whether_done();
  }

  void look_whether_done();

  void tell_status() {
    if (::getenv("NOTIFY_SOCKET") == nullptr) return;
    status_timer_.expires_after(kStatusEvery);
    status_timer_.async_wait([this](const error_code& error) {
      if (error) return;
      service_.status(status_line(host_));
      tell_status();
    });
  }

  CommandLine command_;
  EventHub events_;
  Log log_;
  SystemRandom random_;
  StateFolder folder_;
  UnfinishedPanic panic_;
  SqliteStore store_;
  BootClock clock_;
  boost::asio::io_context io_{1};
  VaultKeeper keeper_;
  NodeHost host_;
  VaultDesk vault_;
  ApiServer api_;
  ServiceManager service_;
  boost::asio::signal_set signals_;
  boost::asio::steady_timer stop_timer_;
  boost::asio::steady_timer status_timer_;
  boost::asio::steady_timer done_timer_{io_};
  bool stopping_ = false;
};

void Daemon::look_whether_done() {
  constexpr std::chrono::milliseconds kLookEvery{20};
  if (api_.clients() == 0 && host_.connections() == 0) {
    io_.stop();
    return;
  }
  done_timer_.expires_after(kLookEvery);
  done_timer_.async_wait([this](const error_code& error) {
    if (!error) look_whether_done();
  });
}

void prepare_process() {
  ::umask(0077);
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);  // a file size limit shows as a failed write
  ::mallopt(M_ARENA_MAX, 1);
}

}  // namespace

int run_daemon(const CommandLine& command, const Config& config) {
  prepare_process();
  return Daemon(command, config, secure_process()).run();
}

int chaskid_main(int argc, const char* const* argv) {
  const auto say = [](const std::string& line) {
    std::fprintf(stderr, "chaskid: %s\n", line.c_str());
  };
  const auto command = parse_command_line(argc, argv);
  if (!command) return say(command.error()), kExitUsage;
  if (command->help) return std::fputs(usage(), stdout), 0;
  if (command->version) return std::printf("chaskid %s\n", version()), 0;
  const auto config = load_config(*command);
  if (!config) return say(config.error()), kExitUsage;
  if (command->check_config) return std::puts("the config is good"), 0;
  try {
    return run_daemon(*command, *config);
  } catch (const StartError& error) {
    return say(error.what()), error.exit_code();
  } catch (const std::exception& error) {
    return say(std::string(error.what()) + "; this ends the node, nothing accepted is lost"), 1;
  }
}

}  // namespace chaski::daemon
