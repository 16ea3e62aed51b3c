// SPDX-License-Identifier: Apache-2.0
#include "tools/vectors/documents.hpp"

#include <fstream>
#include <iostream>
#include <iterator>
#include <set>
#include <sstream>

#include "tools/vectors/page.hpp"

namespace chaski::vectors {

namespace {

constexpr std::string_view kMarker = "<!-- vectors: ";
constexpr std::string_view kMarkerEnd = " -->";
constexpr std::string_view kFence = "```";

struct Tally {
  int blocks = 0;
  int wrong = 0;
};

/// The text that belongs behind a marker line, or nothing with a reason on standard error.
std::optional<std::string> wanted(const std::string& where, const std::string& line) {
  std::istringstream words(line.substr(kMarker.size(), line.size() - kMarker.size() -
                                                           kMarkerEnd.size()));
  std::string page_name, vector_name;
  words >> page_name >> vector_name;
  const auto page = make_page(page_name, kDocumentSeed);
  const Vector* vector = page ? page->find(vector_name) : nullptr;
  if (vector == nullptr) {
    std::cerr << where << ": there is no vector '" << page_name << ' ' << vector_name << "'\n";
    return std::nullopt;
  }
  return to_text(*vector);
}

/// Reads the fenced block that follows, counting lines; nothing when there is none.
std::optional<std::string> read_block(std::istream& in, int& number) {
  std::string line;
  ++number;
  if (!std::getline(in, line) || !line.starts_with(kFence)) return std::nullopt;
  std::string block;
  while (std::getline(in, line)) {
    ++number;
    if (line.starts_with(kFence)) return block;
    block += line + '\n';
  }
  return std::nullopt;
}

/// The document as it should be.
std::string corrected(const std::filesystem::path& path, Tally& tally) {
  std::ifstream in(path);
  std::string out, line;
  int number = 0;
  while (std::getline(in, line)) {
    ++number;
    out += line + '\n';
    if (!line.starts_with(kMarker) || !line.ends_with(kMarkerEnd)) continue;
    ++tally.blocks;
    const std::string where = path.filename().string() + ':' + std::to_string(number);
    const auto block = read_block(in, number);
    const auto text = wanted(where, line);
    if (!block) std::cerr << where << ": no fenced block follows\n";
    if (block && text && *block != *text) std::cerr << where << ": differs from the program\n";
    if (!block || !text || *block != *text) ++tally.wrong;
    const std::string fence(kFence);
    out += fence + '\n' + text.value_or(block.value_or("")) + fence + '\n';
  }
  return out;
}

}  // namespace

int check_documents(const std::filesystem::path& folder, bool write) {
  Tally tally;
  std::set<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".md") paths.insert(entry.path());
  }
  for (const auto& path : paths) {
    const std::string text = corrected(path, tally);
    if (write) std::ofstream(path) << text;
  }
  std::cout << tally.blocks << " blocks, " << tally.wrong << (write ? " rewritten\n" : " differ\n");
  if (tally.blocks == 0) std::cerr << folder.string() << ": no vectors in any document\n";
  return tally.blocks > 0 && (write || tally.wrong == 0) ? 0 : 1;
}

}  // namespace chaski::vectors
