// SPDX-License-Identifier: Apache-2.0
#include "tools/vectors/page.hpp"

#include <algorithm>

#include "base/hex.hpp"

namespace chaski::vectors {

namespace {

constexpr std::size_t kBytesPerLine = 16;
constexpr std::size_t kHexColumn = 3 * kBytesPerLine + 1;

std::string spaced_hex(base::ByteView bytes) {
  std::string out;
  for (const std::uint8_t byte : bytes) {
    if (!out.empty()) out += ' ';
    out += base::to_hex({&byte, 1});
  }
  return out;
}

void append_piece(std::string& out, const Piece& piece) {
  const base::ByteView bytes = piece.bytes;
  for (std::size_t at = 0; at < bytes.size(); at += kBytesPerLine) {
    std::string line = spaced_hex(bytes.subspan(at, std::min(kBytesPerLine, bytes.size() - at)));
    if (at == 0 && !piece.means.empty()) {
      line.resize(std::max(line.size() + 1, kHexColumn), ' ');
      line += piece.means;
    }
    out += line + '\n';
  }
}

}  // namespace

base::Bytes Vector::bytes() const {
  base::Bytes out;
  for (const Piece& piece : pieces) out.insert(out.end(), piece.bytes.begin(), piece.bytes.end());
  return out;
}

const Vector* Page::find(std::string_view name) const {
  const auto found = std::find_if(vectors.begin(), vectors.end(),
                                  [&](const Vector& vector) { return vector.name == name; });
  return found == vectors.end() ? nullptr : &*found;
}

nlohmann::ordered_json to_json(const Page& page) {
  auto list = nlohmann::ordered_json::array();
  for (const Vector& vector : page.vectors) {
    auto pieces = nlohmann::ordered_json::array();
    for (const Piece& piece : vector.pieces) {
      pieces.push_back({{"hex", base::to_hex(piece.bytes)}, {"means", piece.means}});
    }
    list.push_back({{"name", vector.name},
                    {"what", vector.what},
                    {"fields", vector.fields},
                    {"pieces", pieces},
                    {"bytes", base::to_hex(vector.bytes())}});
  }
  return {{"vectors", list}};
}

std::string to_text(const Vector& vector) {
  std::string out = vector.what + '\n';
  for (const auto& [name, value] : vector.fields.items()) {
    const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    out += "  " + name + " = " + text + '\n';
  }
  if (!vector.pieces.empty()) out += '\n';
  for (const Piece& piece : vector.pieces) append_piece(out, piece);
  return out;
}

std::optional<Page> make_page(std::string_view name, std::uint64_t seed) {
  for (const PageEntry& entry : pages()) {
    if (entry.name != name) continue;
    base::SeededRandom random(seed);
    return entry.make(random);
  }
  return std::nullopt;
}

}  // namespace chaski::vectors
