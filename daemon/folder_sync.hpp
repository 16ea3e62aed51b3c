// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace chaski::daemon {

/// Makes durable which files a folder has.
bool sync_folder(const std::string& folder);

}  // namespace chaski::daemon
