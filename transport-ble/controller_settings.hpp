// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "transport-ble/ble_types.hpp"

namespace chaski::transport_ble {

/// What the kernel says of a controller and bluetoothd does not.
struct ControllerSettings {
  bool privacy = false;  ///< its address changes (ble.md, 3.2)
  friend bool operator==(const ControllerSettings&, const ControllerSettings&) = default;
};

/// The answer to Read Controller Information; nothing when it is another or a failure.
///
/// Source: BlueZ 5.66, doc/mgmt-api.txt.
std::optional<ControllerSettings> parse_controller_info(base::ByteView answer);

/// Asks the kernel about "hci0" and the like; it answers at once. Nothing when there is none, or
/// no Bluetooth at all.
std::optional<ControllerSettings> read_controller(const std::string& adapter);

/// An LE connection as the kernel has it.
enum class KernelLink : std::uint8_t { kNone, kWeDialled, kTheyDialled };

/// Whether the kernel has an LE connection with this address, of whatever type, and who dialled;
/// nothing when it cannot be asked. Source: Linux 6.1, net/bluetooth/hci_conn.c,
/// hci_get_conn_list().
std::optional<KernelLink> kernel_link(const std::string& adapter, Device device);

/// Whether the machine has a controller, on or off.
bool has_controller();

}  // namespace chaski::transport_ble
