// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "e2ee/identity.hpp"
#include "e2ee/kdf.hpp"
#include "e2ee/labels.hpp"

namespace chaski::e2ee {
namespace {

/// How often a person's keys are hashed: what a forger must repeat for every key pair tried.
constexpr int kSafetyRounds = 5'200;

/// The 30 digits of one person, in groups of five.
std::string digits_of(const IdentityPublic& identity) {
  auto digest =
      public_hash<64>(label::kSafetyNumber, {identity.agreement.view(), identity.signing.view()});
  for (int round = 1; round < kSafetyRounds; ++round) {
    digest = public_hash<64>(label::kSafetyNumber,
                             {digest, identity.agreement.view(), identity.signing.view()});
  }
  std::string out;
  for (std::size_t group = 0; group < 6; ++group) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 5; ++i) value = (value << 8) | digest[5 * group + i];
    const std::string digits = std::to_string(value % 100'000);
    if (!out.empty()) out += ' ';
    out.append(5 - digits.size(), '0').append(digits);
  }
  return out;
}

}  // namespace

std::string safety_number(const IdentityPublic& a, const IdentityPublic& b) {
  std::string first = digits_of(a);
  std::string second = digits_of(b);
  if (second < first) std::swap(first, second);
  return first + ' ' + second;
}

}  // namespace chaski::e2ee
