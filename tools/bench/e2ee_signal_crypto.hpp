// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <signal/signal_protocol.h>

#include "base/random.hpp"

namespace chaski::bench {

/// What libsignal-protocol-c asks of its owner, from OpenSSL: HMAC-SHA256 with the processor's SHA
/// instructions on contexts that are made once, AES-256-CBC through one context that is kept.
signal_crypto_provider signal_crypto(base::Random& random);

}  // namespace chaski::bench
