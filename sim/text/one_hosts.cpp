// SPDX-License-Identifier: Apache-2.0
#include "sim/text/one_hosts.hpp"

#include <algorithm>
#include <numeric>

#include "sim/text/numbers.hpp"

namespace chaski::sim {

std::optional<OneHost> one_host_in(std::string_view word) {
  constexpr std::uint32_t kAddressMax = 0x7fff'ffff;
  constexpr std::string_view kDigits = "0123456789";
  const std::size_t first = word.find_first_of(kDigits);
  if (first == std::string_view::npos) return {};
  // A sign is no group: nobody means host 5 by -5.
  if (first == 1 && (word.front() == '-' || word.front() == '+')) return {};
  const auto address = whole_in(word.substr(first), kAddressMax);
  if (!address) return {};
  return OneHost{*address, word};
}

std::optional<std::uint32_t> OneHosts::add(const OneHost& host) {
  const auto [entry, fresh] = place_of_.try_emplace(host.address, size());
  const std::uint32_t place = entry->second;
  if (fresh) {
    addresses_.push_back(host.address);
    names_.push_back(host.in_group() ? std::string(host.name) : std::to_string(host.address));
  } else if (host.in_group() && names_[place] != host.name) {
    const bool numbered = names_[place].front() >= '0' && names_[place].front() <= '9';
    if (!numbered) return {};
    names_[place] = host.name;
  }
  return place;
}

OneHosts::Order OneHosts::order() const {
  std::vector<std::uint32_t> places(size());
  std::iota(places.begin(), places.end(), 0u);
  std::sort(places.begin(), places.end(),
            [this](auto a, auto b) { return addresses_[a] < addresses_[b]; });
  Order order{std::vector<NodeIndex>(size()), {}};
  order.names.reserve(size());
  for (const std::uint32_t place : places) {
    order.node_of[place] = static_cast<NodeIndex>(order.names.size());
    order.names.push_back(names_[place]);
  }
  return order;
}

OneHostIndex::OneHostIndex(std::uint32_t nodes, const std::vector<std::string>& names) {
  if (names.empty()) numbered_ = nodes;
  for (NodeIndex node = 0; node < names.size(); ++node) {
    if (const auto host = one_host_in(names[node])) by_address_.emplace(host->address, node);
  }
}

std::optional<NodeIndex> OneHostIndex::find(const OneHost& host) const {
  if (host.address < numbered_) return host.address;
  const auto entry = by_address_.find(host.address);
  if (entry == by_address_.end()) return {};
  return entry->second;
}

}  // namespace chaski::sim
