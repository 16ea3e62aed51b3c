// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <systemd/sd-bus.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <system_error>
#include <vector>

namespace chaski::transport_ble {

inline void check(int result) {
  if (result < 0) throw std::system_error(result == -1 ? errno : -result, std::system_category());
}

/// A value of any D-Bus type, to be put into a message.
struct BusValue {
  std::string signature;
  std::function<void(sd_bus_message*)> write;
};

using BusProperties = std::map<std::string, BusValue>;
using BusInterfaces = std::map<std::string, BusProperties>;
using BusObjects = std::map<std::string, BusInterfaces>;

template <class T>
BusValue basic(char type, T value) {
  return {std::string(1, type), [type, value](sd_bus_message* to) {
            check(sd_bus_message_append_basic(to, type, &value));
          }};
}
inline BusValue basic_text(char type, std::string value) {
  return {std::string(1, type), [type, value = std::move(value)](sd_bus_message* to) {
            check(sd_bus_message_append_basic(to, type, value.c_str()));
          }};
}
inline BusValue boolean(bool value) {
  return basic<int>('b', value ? 1 : 0);
}
inline BusValue int16(std::int16_t value) {
  return basic('n', value);
}
inline BusValue text(std::string value) {
  return basic_text('s', std::move(value));
}
inline BusValue object(std::string path) {
  return basic_text('o', std::move(path));
}

inline BusValue bytes(std::vector<std::uint8_t> value) {
  return {"ay", [value = std::move(value)](sd_bus_message* to) {
            check(sd_bus_message_append_array(to, 'y', value.data(), value.size()));
          }};
}

/// Writes a container of `type` and contents `signature`, which `inside` fills.
template <class Inside>
void write_container(sd_bus_message* to, char type, const char* signature, Inside inside) {
  check(sd_bus_message_open_container(to, type, signature));
  inside();
  check(sd_bus_message_close_container(to));
}

inline BusValue variant(BusValue value) {
  return {"v", [value = std::move(value)](sd_bus_message* to) {
            write_container(to, 'v', value.signature.c_str(), [&] { value.write(to); });
          }};
}

inline BusValue texts(std::vector<std::string> value) {
  return {"as", [value = std::move(value)](sd_bus_message* to) {
            write_container(to, 'a', "s", [&] {
              for (const auto& word : value) {
                check(sd_bus_message_append_basic(to, 's', word.c_str()));
              }
            });
          }};
}

/// A dictionary whose values all have the same signature.
template <class T, class Write>
BusValue dict(char key, const std::string& signature, std::map<std::string, T> items, Write write) {
  const std::string entry = std::string(1, key) + signature;
  return {"a{" + entry + "}", [=, items = std::move(items)](sd_bus_message* to) {
            write_container(to, 'a', ("{" + entry + "}").c_str(), [&] {
              for (const auto& item : items) {
                write_container(to, 'e', entry.c_str(), [&] {
                  check(sd_bus_message_append_basic(to, key, item.first.c_str()));
                  write(to, item.second);
                });
              }
            });
          }};
}

inline BusValue properties(BusProperties items) {
  return dict('s', "v", std::move(items),
              [](sd_bus_message* to, const BusValue& value) { variant(value).write(to); });
}
inline BusValue interfaces(BusInterfaces items) {
  return dict('s', "a{sv}", std::move(items),
              [](sd_bus_message* to, const BusProperties& value) { properties(value).write(to); });
}
inline BusValue objects(BusObjects items) {
  return dict('o', "a{sa{sv}}", std::move(items),
              [](sd_bus_message* to, const BusInterfaces& value) { interfaces(value).write(to); });
}

}  // namespace chaski::transport_ble
