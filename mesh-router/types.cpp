// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/types.hpp"

#include "mesh-router/envelope_store.hpp"
#include "mesh-router/router.hpp"

namespace chaski::mesh_router {

const char* to_string(DropReason reason) {
  switch (reason) {
    case DropReason::malformed_frame: return "malformed_frame";
    case DropReason::malformed_record: return "malformed_record";
    case DropReason::unknown_record: return "unknown_record";
    case DropReason::malformed_envelope: return "malformed_envelope";
    case DropReason::duplicate: return "duplicate";
    case DropReason::expired: return "expired";
    case DropReason::no_hops_left: return "no_hops_left";
    case DropReason::age_implausible: return "age_implausible";
    case DropReason::storage_full: return "storage_full";
    case DropReason::quota_exceeded: return "quota_exceeded";
    case DropReason::too_large: return "too_large";
    case DropReason::forged_receipt: return "forged_receipt";
    case DropReason::already_delivered: return "already_delivered";
    case DropReason::reassembly: return "reassembly";
    case DropReason::unexpected_ack: return "unexpected_ack";
    case DropReason::displaced: return "displaced";
    case DropReason::spoiled: return "spoiled";
    case DropReason::kCount: break;
  }
  return "unknown";
}

const char* to_string(StoreError error) {
  switch (error) {
    case StoreError::full: return "full";
    case StoreError::quota: return "quota";
    case StoreError::read_only: return "read_only";
    case StoreError::broken: return "broken";
  }
  return "unknown";
}

const char* to_string(SubmitError error) {
  switch (error) {
    case SubmitError::malformed: return "malformed";
    case SubmitError::duplicate: return "duplicate";
    case SubmitError::delivered: return "delivered";
    case SubmitError::full: return "full";
    case SubmitError::quota: return "quota";
    case SubmitError::too_large: return "too_large";
  }
  return "unknown";
}

}  // namespace chaski::mesh_router
