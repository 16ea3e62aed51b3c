// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <memory>
#include <optional>

#include "base/time.hpp"
#include "bus_value.hpp"

namespace chaski::transport_ble {

using BusMessage = std::shared_ptr<sd_bus_message>;

/// Somebody on the system bus under a name who sees every call as it came and answers as he likes.
///
/// On libsystemd itself: sdbus-c++ keeps ObjectManager and the types of properties to itself, and a
/// fake must be able to get both wrong. Everything happens on the loop of the test.
class BusPeer {
 public:
  struct Call {
    std::string sender, path, interface, member;
    std::optional<std::string> object;  ///< the first argument, if it is a path
    BusMessage message;
    bool mute = false;               ///< gets no answer
    base::Duration answer_after{0};  ///< when it is sent
  };

  BusPeer(boost::asio::io_context& io, std::string name);
  ~BusPeer() { leave(); }
  BusPeer(const BusPeer&) = delete;
  BusPeer& operator=(const BusPeer&) = delete;

  void join();
  void leave();
  bool here() const { return bus_ != nullptr; }

  std::function<void(const Call&)> called;
  std::function<void(const std::string& sender)> client_left;
  /// Somebody said that properties of his changed.
  std::function<void(const std::string& sender, const std::string& path)> client_changed;

  void answer(const Call& call, const std::vector<BusValue>& values = {});
  void refuse(const Call& call, const std::string& name, const std::string& text = "no");
  void signal(const std::string& path, const char* interface, const char* member,
              const std::vector<BusValue>& values);
  /// Asks a client; `reply` gets nothing when it answers with an error, and is not called when we
  /// left meanwhile.
  void ask(const std::string& client, const std::string& path, const char* interface,
           const char* member, const std::vector<BusValue>& values,
           std::function<void(sd_bus_message*)> reply);

 private:
  static int filter(sd_bus_message* message, void* self, sd_bus_error*);
  static int owner_changed(sd_bus_message* message, void* self, sd_bus_error*);
  static int properties_changed(sd_bus_message* message, void* self, sd_bus_error*);
  static int asked(sd_bus_message* message, void* question, sd_bus_error*);
  void send(sd_bus_message* message);
  void reply(const Call& call, sd_bus_message* message);
  void process();
  void wait();

  boost::asio::io_context& io_;
  std::string name_;
  sd_bus* bus_ = nullptr;
  std::optional<boost::asio::posix::stream_descriptor> descriptor_;
};

}  // namespace chaski::transport_ble
