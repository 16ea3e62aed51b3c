// SPDX-License-Identifier: Apache-2.0
#include "reconcile/opener.hpp"

#include "base/assert.hpp"

namespace chaski::reconcile {

namespace {

constexpr std::size_t kCountSize = 3;

std::size_t body_size(Role role, std::uint32_t count) {
  if (count <= kOpenerListMax) return count * kSyndromeSize;
  return opener_syndromes(role) * kSyndromeSize + (role == Role::solver ? kCountersSize : 0);
}

bool ascending(std::span<const ShortId> ids) {
  ShortId last = 0;
  for (const ShortId id : ids) {
    if (id <= last) return false;
    last = id;
  }
  return true;
}

}  // namespace

void write_opener(Role role, const Opener& opener, base::Bytes& out) {
  for (std::size_t i = 0; i < kCountSize; ++i) {
    out.push_back(static_cast<std::uint8_t>(opener.count >> (8 * i)));
  }
  const std::size_t at = out.size();
  append_syndromes(opener.lists() ? opener.ids : opener.syndromes, out);
  if (!opener.lists()) out.insert(out.end(), opener.counters.begin(), opener.counters.end());
  CHASKI_ASSERT(out.size() - at == body_size(role, opener.count));
}

Read read_opener(Role role, base::ByteView in, Opener& opener, std::size_t& used) {
  if (in.size() < kCountSize) return Read::more;
  opener.count = in[0] | std::uint32_t{in[1]} << 8 | std::uint32_t{in[2]} << 16;
  used = kCountSize + body_size(role, opener.count);
  if (in.size() < used) return Read::more;
  const base::ByteView body = in.first(used).subspan(kCountSize);
  std::vector<Element>& elements = opener.lists() ? opener.ids : opener.syndromes;
  elements.resize(opener.lists() ? opener.count : opener_syndromes(role));
  const std::size_t size = elements.size() * kSyndromeSize;
  read_syndromes(body.first(size), elements);
  const base::ByteView rest = body.subspan(size);
  opener.counters.assign(rest.begin(), rest.end());
  return opener.lists() && !ascending(elements) ? Read::bad : Read::ok;
}

}  // namespace chaski::reconcile
