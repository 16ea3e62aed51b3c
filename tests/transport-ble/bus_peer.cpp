// SPDX-License-Identifier: Apache-2.0
#include "bus_peer.hpp"

#include <unistd.h>

#include <boost/asio/steady_timer.hpp>
#include <utility>

namespace chaski::transport_ble {
namespace {

std::string or_empty(const char* words) {
  return words == nullptr ? "" : words;
}

BusMessage owned(sd_bus_message* message) {
  return {message, [](sd_bus_message* old) { sd_bus_message_unref(old); }};
}

using Reply = std::function<void(sd_bus_message*)>;

}  // namespace

BusPeer::BusPeer(boost::asio::io_context& io, std::string name) : io_(io), name_(std::move(name)) {}

void BusPeer::join() {
  check(sd_bus_open_system(&bus_));
  check(sd_bus_add_filter(bus_, nullptr, filter, this));
  check(sd_bus_add_match(bus_, nullptr,
                         "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged'",
                         owner_changed, this));
  check(sd_bus_add_match(bus_, nullptr,
                         "type='signal',interface='org.freedesktop.DBus.Properties',"
                         "arg0='org.bluez.LEAdvertisement1'",
                         properties_changed, this));
  check(sd_bus_request_name(bus_, name_.c_str(), 0));
  descriptor_.emplace(io_, ::dup(sd_bus_get_fd(bus_)));
  process();
}

void BusPeer::leave() {
  descriptor_.reset();
  if (bus_ != nullptr) sd_bus_flush_close_unref(std::exchange(bus_, nullptr));
}

void BusPeer::wait() {
  descriptor_->async_wait(descriptor_->wait_read, [this](const boost::system::error_code& error) {
    if (!error) process();
  });
}

void BusPeer::process() {
  if (bus_ == nullptr) return;
  int result = 1;
  while (bus_ != nullptr && result > 0) result = sd_bus_process(bus_, nullptr);
  if (bus_ == nullptr) return;
  if (result < 0) return leave();
  wait();
}

int BusPeer::filter(sd_bus_message* message, void* self, sd_bus_error*) {
  if (sd_bus_message_is_method_call(message, nullptr, nullptr) <= 0) return 0;
  Call call;
  call.sender = or_empty(sd_bus_message_get_sender(message));
  call.path = or_empty(sd_bus_message_get_path(message));
  call.interface = or_empty(sd_bus_message_get_interface(message));
  call.member = or_empty(sd_bus_message_get_member(message));
  call.message = owned(sd_bus_message_ref(message));
  char type = 0;
  if (sd_bus_message_peek_type(message, &type, nullptr) > 0 && type == 'o') {
    const char* path = nullptr;
    check(sd_bus_message_read_basic(message, 'o', static_cast<void*>(&path)));
    call.object = path;
  }
  static_cast<BusPeer*>(self)->called(call);
  return 1;
}

int BusPeer::owner_changed(sd_bus_message* message, void* self, sd_bus_error*) {
  const char *name = nullptr, *before = nullptr, *after = nullptr;
  check(sd_bus_message_read(message, "sss", &name, &before, &after));
  auto* peer = static_cast<BusPeer*>(self);
  if (*after == '\0' && peer->client_left) peer->client_left(name);
  return 0;
}

int BusPeer::properties_changed(sd_bus_message* message, void* self, sd_bus_error*) {
  auto* peer = static_cast<BusPeer*>(self);
  if (peer->client_changed) {
    peer->client_changed(sd_bus_message_get_sender(message), sd_bus_message_get_path(message));
  }
  return 0;
}

void BusPeer::send(sd_bus_message* message) {
  const auto keep = owned(message);
  // A bus that died is noticed by process().
  if (bus_ == nullptr || sd_bus_send(bus_, message, nullptr) < 0) return;
  sd_bus_flush(bus_);
}

void BusPeer::reply(const Call& call, sd_bus_message* message) {
  if (call.answer_after.count() == 0) return send(message);
  auto timer = std::make_shared<boost::asio::steady_timer>(io_, call.answer_after);
  timer->async_wait(
      [this, timer, keep = owned(message), to = bus_](const boost::system::error_code& error) {
        if (!error && to == bus_) send(sd_bus_message_ref(keep.get()));
      });
}

void BusPeer::answer(const Call& call, const std::vector<BusValue>& values) {
  if (bus_ == nullptr || call.mute) return;
  sd_bus_message* reply = nullptr;
  check(sd_bus_message_new_method_return(call.message.get(), &reply));
  for (const auto& value : values) value.write(reply);
  this->reply(call, reply);
}

void BusPeer::refuse(const Call& call, const std::string& name, const std::string& text) {
  if (bus_ == nullptr || call.mute) return;
  sd_bus_message* reply = nullptr;
  check(sd_bus_message_new_method_errorf(call.message.get(), &reply, name.c_str(), "%s",
                                         text.c_str()));
  this->reply(call, reply);
}

void BusPeer::signal(const std::string& path, const char* interface, const char* member,
                     const std::vector<BusValue>& values) {
  if (bus_ == nullptr) return;
  sd_bus_message* message = nullptr;
  check(sd_bus_message_new_signal(bus_, &message, path.c_str(), interface, member));
  for (const auto& value : values) value.write(message);
  send(message);
}

void BusPeer::ask(const std::string& client, const std::string& path, const char* interface,
                  const char* member, const std::vector<BusValue>& values, Reply reply) {
  if (bus_ == nullptr) return;
  sd_bus_message* message = nullptr;
  check(sd_bus_message_new_method_call(bus_, &message, client.c_str(), path.c_str(), interface,
                                       member));
  const auto keep = owned(message);
  for (const auto& value : values) value.write(message);
  auto question = std::make_unique<Reply>(std::move(reply));
  sd_bus_slot* slot = nullptr;
  if (sd_bus_call_async(bus_, &slot, message, asked, question.get(), 0) < 0) return;
  check(sd_bus_slot_set_destroy_callback(slot, [](void* old) { delete static_cast<Reply*>(old); }));
  sd_bus_slot_set_userdata(slot, question.release());  // the slot's now
  check(sd_bus_slot_set_floating(slot, 1));
  sd_bus_slot_unref(slot);
  sd_bus_flush(bus_);
}

int BusPeer::asked(sd_bus_message* message, void* question, sd_bus_error*) {
  const bool error = sd_bus_message_is_method_error(message, nullptr) > 0;
  (*static_cast<Reply*>(question))(error ? nullptr : message);
  return 1;
}

}  // namespace chaski::transport_ble
