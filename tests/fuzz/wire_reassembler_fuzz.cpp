// SPDX-License-Identifier: Apache-2.0
// Pieces in any order against a plain model: the same whole comes out, and memory stays bounded.
#include <map>

#include "base/assert.hpp"
#include "tests/fuzz/fuzz_script.hpp"
#include "wire/reassembler.hpp"

using namespace chaski;
using wire::Fragment;
using wire::Reassembler;

namespace {

struct Model {
  struct Transfer {
    std::uint32_t total;
    wire::RecordType type;
    base::Bytes data;
  };
  std::map<std::uint32_t, Transfer> open;

  /// Whether the piece is in order; `whole` gets the payload when it was the last.
  bool add(const Fragment& f, std::optional<base::Bytes>& whole) {
    if (f.data.empty() || f.total > wire::kRecordSizeMax) return false;
    if (std::uint64_t{f.offset} + f.data.size() > f.total) return false;
    auto found = open.find(f.transfer);
    if (found == open.end()) {
      if (f.offset != 0 || open.size() == Reassembler::kTransfersMax) return false;
      found = open.emplace(f.transfer, Transfer{f.total, f.type, {}}).first;
    }
    Transfer& t = found->second;
    if (t.total != f.total || t.type != f.type || t.data.size() != f.offset) return false;
    t.data.insert(t.data.end(), f.data.begin(), f.data.end());
    if (t.data.size() < t.total) return true;
    whole = t.data;
    open.erase(found);
    return true;
  }
};

/// Totals just above the largest are among those that a script can name.
constexpr std::uint32_t kTotals = wire::kRecordSizeMax + 10;

/// A piece that mostly fits what is open, sometimes not.
Fragment next_piece(fuzz::Script& script, const Model& model, base::Bytes& data) {
  const std::uint8_t how = script.u8();
  Fragment f;
  f.transfer = how & 7u;
  data = script.bytes(script.u8());
  if ((how & 8u) != 0) data.resize(data.size() * 97, 0x55);
  f.data = data;
  const auto found = model.open.find(f.transfer);
  const bool fits = found != model.open.end() && (how & 0xC0u) != 0xC0u;
  f.type = fits ? found->second.type : static_cast<wire::RecordType>(16 + (how >> 6));
  f.offset = fits ? static_cast<std::uint32_t>(found->second.data.size()) : script.u8() & 1u;
  f.total = fits ? found->second.total : script.u24() % kTotals;
  return f;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Script script(data, size);
  Reassembler reassembler;
  Model model;
  for (int step = 0; step < 500 && !script.at_end(); ++step) {
    base::Bytes piece;
    const Fragment fragment = next_piece(script, model, piece);
    std::optional<base::Bytes> expected;
    const bool in_order = model.add(fragment, expected);
    const auto got = reassembler.add(fragment);
    CHASKI_ASSERT(got.has_value() == in_order);
    CHASKI_ASSERT(reassembler.memory_used() <= Reassembler::kTransfersMax * wire::kRecordSizeMax);
    if (!got) return 0;  // the link would be closed
    CHASKI_ASSERT(got->has_value() == expected.has_value());
    if (expected) {
      CHASKI_ASSERT((*got)->type == fragment.type);
      CHASKI_ASSERT(base::equal((*got)->payload, *expected));
    }
  }
  return 0;
}
