// SPDX-License-Identifier: Apache-2.0
// Replays a corpus folder through a fuzz target: how the fuzz targets run where there is no
// libFuzzer.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s <corpus folder>\n", argv[0]);
    return 2;
  }
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(file), {}};
    // Every input also cut short: truncation is the commonest lie.
    for (std::size_t size = 0; size <= bytes.size(); size += 1 + bytes.size() / 64) {
      const std::vector<std::uint8_t> exact(bytes.begin(), bytes.begin() + static_cast<long>(size));
      LLVMFuzzerTestOneInput(exact.data(), exact.size());
    }
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    ++count;
  }
  std::printf("%zu inputs replayed\n", count);
  return count == 0 ? 1 : 0;
}
