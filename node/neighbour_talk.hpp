// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "base/bytes.hpp"
#include "base/link_id.hpp"
#include "base/time.hpp"
#include "e2ee/pairing_keys.hpp"
#include "link/keys.hpp"

namespace chaski::node {

/// The link that carries what goes to one neighbour.
struct TalkLink {
  base::LinkId id;
  base::TransportKind transport = base::TransportKind::lan;
  base::LinkRole role = base::LinkRole::initiator;  ///< ours
  link::NodePublicKey neighbour;
  e2ee::PairingBinding binding;  ///< the link's handshake hash
};

/// What two direct neighbours say to each other beside the router: in records of the type pairing,
/// never passed on. The same over every transport.
class NeighbourTalk {
 public:
  NeighbourTalk() = default;
  NeighbourTalk(const NeighbourTalk&) = delete;
  NeighbourTalk& operator=(const NeighbourTalk&) = delete;
  virtual ~NeighbourTalk() = default;

  virtual void link_began(const TalkLink& link) = 0;
  virtual void link_ended(base::LinkId link) = 0;
  /// While false nobody looks for records.
  virtual bool listens() const = 0;
  virtual void heard(base::LinkId link, base::ByteView payload) = 0;
  /// Writes records that want to go; gives their size, 0 when there are none.
  virtual std::size_t speak(base::LinkId link, base::MutableByteView records) = 0;
  /// Links for which speak() has something since the last call.
  virtual std::vector<base::LinkId> ready() = 0;
};

}  // namespace chaski::node
