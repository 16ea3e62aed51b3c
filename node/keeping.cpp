// SPDX-License-Identifier: Apache-2.0
#include "node/keeping.hpp"

namespace chaski::node {

std::optional<Owner> load_owner(PeopleStore& people) {
  const auto bytes = people.load_value(kIdentityValue);
  if (!bytes) return std::nullopt;
  auto identity = e2ee::Identity::load(*bytes);
  if (!identity) return std::nullopt;
  const base::Bytes name = people.load_value(kOwnNameValue).value_or(base::Bytes{});
  return Owner{.identity = std::move(*identity), .name = std::string(base::as_text(name))};
}

void save_owner(PeopleStore& people, const Owner& owner) {
  people.save_value(kIdentityValue, owner.identity.save());
  people.save_value(kOwnNameValue, base::as_bytes(owner.name));
}

namespace {
constexpr std::uint8_t kSettingsVersion = 1;
}

Settings load_settings(PeopleStore& people) {
  const auto bytes = people.load_value(kSettingsValue);
  if (!bytes || bytes->size() != 2 || (*bytes)[0] != kSettingsVersion) return {};
  return {.read_receipts = (*bytes)[1] == 1};
}

void save_settings(PeopleStore& people, const Settings& settings) {
  people.save_value(kSettingsValue,
                    base::Bytes{kSettingsVersion, settings.read_receipts ? std::uint8_t{1}
                                                                         : std::uint8_t{0}});
}

link::NodeKey node_key_for_run(bool fixed, NodeStore& store, base::Random& random, bool& saved) {
  saved = false;
  if (!fixed) return link::NodeKey::generate(random);
  if (const auto secret = store.load_value(kNodeKeyValue); secret && secret->size() == 32)
    return link::NodeKey::from_secret(*secret);
  link::NodeKey key = link::NodeKey::generate(random);
  store.save_value(kNodeKeyValue, key.secret());
  saved = true;
  return key;
}

}  // namespace chaski::node
