// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/random.hpp"
#include "e2ee/identity.hpp"
#include "link/keys.hpp"
#include "node/node.hpp"
#include "node/people_store.hpp"

namespace chaski::node {

/// The named values that a node keeps in its store; the last two are the relay's.
inline constexpr std::string_view kIdentityValue = "identity";
inline constexpr std::string_view kOwnNameValue = "own_name";
inline constexpr std::string_view kSettingsValue = "settings";
inline constexpr std::string_view kDeletionsValue = "deletions";
inline constexpr std::string_view kNodeKeyValue = "node_key";
inline constexpr std::string_view kStickSecretValue = "stick_secret";

/// Who owns the node: kept as two values, read once at start.
struct Owner {
  e2ee::Identity identity;
  std::string name;
};
std::optional<Owner> load_owner(PeopleStore& people);
void save_owner(PeopleStore& people, const Owner& owner);

/// What the person chose; what was never chosen, or cannot be read, is as by default.
Settings load_settings(PeopleStore& people);
void save_settings(PeopleStore& people, const Settings& settings);

/// The node key for this run: a fresh one, unless `fixed`, then the kept one.
/// `saved` is set when a new one was put into the store and wants a commit.
link::NodeKey node_key_for_run(bool fixed, NodeStore& store, base::Random& random, bool& saved);

}  // namespace chaski::node
