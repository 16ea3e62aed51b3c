// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "base/expected.hpp"
#include "bundle/format.hpp"
#include "reconcile/sketch.hpp"

namespace chaski::bundle {

/// Short ids in one block of a summary.
inline constexpr std::size_t kSummaryBlockIds = 32'768;

/// The text of a summary block: 0 to kSummaryBlockIds strictly ascending short ids, as a list of
/// reconciliation (docs/protocol/reconciliation.md, C8).
base::Bytes encode_summary(std::span<const reconcile::ShortId> ids);
/// Errors: malformed. Work and memory are bounded by kSummaryBlockIds and the size of `text`.
base::Expected<std::vector<reconcile::ShortId>, BundleError> decode_summary(base::ByteView text);

}  // namespace chaski::bundle
