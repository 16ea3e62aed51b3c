// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/hex.hpp"

namespace chaski::transport_lan {

/// The name under which a node is seen on the LAN: 8 random bytes that rotate and name nobody.
struct InstanceIdTag;
using InstanceId = base::TaggedBytes<InstanceIdTag, 8>;

/// 16 hexadecimal characters: the mDNS instance name and the TXT id.
inline std::string to_name(const InstanceId& id) { return base::to_hex(id.view()); }

/// The id behind an instance name, or nothing when the name is not 16 hexadecimal characters.
inline std::optional<InstanceId> instance_from_name(std::string_view name) {
  auto bytes = base::from_hex(name);
  return bytes ? InstanceId::from(*bytes) : std::nullopt;
}

/// A new id from the kernel's generator.
InstanceId random_instance_id();

}  // namespace chaski::transport_lan
