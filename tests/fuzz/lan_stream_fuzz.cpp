// SPDX-License-Identifier: Apache-2.0
// A TCP stream cut anywhere gives the same frames as the whole, and ends at the same forbidden
// length.
#include <algorithm>
#include <string>

#include "base/assert.hpp"
#include "transport-lan/preamble.hpp"
#include "transport-lan/sockets.hpp"

using namespace chaski;

namespace {

constexpr std::size_t kMax = 65'535;

/// The rules of docs/protocol/lan.md, 4.5, as naively as they can be written.
std::vector<std::string> frames_of(const std::string& stream, bool& fine) {
  std::vector<std::string> frames;
  for (std::size_t at = 0; stream.size() - at >= 4;) {
    std::uint32_t length = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      length = length * 256 + static_cast<std::uint8_t>(stream[at + i]);
    }
    fine = length != 0 && length < 65'536;
    if (!fine || stream.size() - at - 4 < length) break;
    frames.push_back(stream.substr(at + 4, length));
    at += 4 + length;
  }
  return frames;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string all(reinterpret_cast<const char*>(data), size);
  transport_lan::parse_host_port(all);
  transport_lan::instance_from_name(all);
  const base::ByteView bytes(data, size);
  const auto start = bytes.first(std::min(size, transport_lan::kPreambleSize));
  if (const auto instance = transport_lan::decode_preamble(start)) {
    CHASKI_ASSERT(base::equal(transport_lan::encode_preamble(*instance), start));
    CHASKI_ASSERT(transport_lan::instance_from_name(to_name(*instance)) == instance);
  }
  if (size < 2) return 0;

  // The first byte says where to cut.
  const std::size_t step = 1 + data[0];
  const std::string stream = all.substr(1);
  bool fine = true;
  const auto expected = frames_of(stream, fine);
  std::vector<std::string> frames;
  base::Bytes held;
  transport_lan::Split split;
  for (std::size_t at = 0; at < stream.size() && split.fine; at += step) {
    const auto piece = stream.substr(at, step);
    held.insert(held.end(), piece.begin(), piece.end());
    split = transport_lan::split_frames(held, kMax, [&](base::MutableByteView frame) {
      frames.emplace_back(base::as_text(frame));
      return true;
    });
    CHASKI_ASSERT(split.used <= held.size());
    held.erase(held.begin(), held.begin() + static_cast<std::ptrdiff_t>(split.used));
    CHASKI_ASSERT(!split.fine || held.size() < transport_lan::kLengthSize + kMax);
  }
  CHASKI_ASSERT(split.fine == fine);
  CHASKI_ASSERT(frames == expected);
  return 0;
}
