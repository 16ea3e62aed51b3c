// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/explanation.hpp"

namespace chaski::mesh_router {

const char* to_string(Withheld why) {
  switch (why) {
    case Withheld::has_it: return "has_it";
    case Withheld::had_it: return "had_it";
    case Withheld::on_its_way: return "on_its_way";
    case Withheld::not_durable: return "not_durable";
    case Withheld::expired: return "expired";
    case Withheld::no_hops: return "no_hops";
    case Withheld::policy: return "policy";
    case Withheld::shown: return "shown";
    case Withheld::comparing: return "comparing";
    case Withheld::refused: return "refused";
    case Withheld::probing: return "probing";
    case Withheld::window_full: return "window_full";
    case Withheld::told: return "told";
    case Withheld::paced: return "paced";
    case Withheld::transfer_place: return "transfer_place";
    case Withheld::queued: return "queued";
    case Withheld::kCount: break;
  }
  return "unknown";
}

const char* to_string(Presence presence) {
  switch (presence) {
    case Presence::held: return "held";
    case Presence::tombstoned: return "tombstoned";
    case Presence::seen: return "seen";
    case Presence::unknown: break;
  }
  return "unknown";
}

}  // namespace chaski::mesh_router
