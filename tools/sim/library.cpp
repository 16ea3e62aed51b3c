// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/library.hpp"

#include <algorithm>
#include <cstdlib>

#include "tools/files/whole_file.hpp"

namespace chaski::tools {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kScenarioSizeMax = 1u << 20;
constexpr std::size_t kTraceSizeMax = std::size_t{4} << 30;

/// Where the library is: of this build, or where `cmake --install` put it.
std::vector<fs::path> library_folders() {
  std::vector<fs::path> folders;
  if (const char* said = std::getenv("CHASKI_SCENARIOS")) folders.emplace_back(said);
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (!error) folders.push_back(program.parent_path().parent_path() / "share/chaski/scenarios");
  folders.emplace_back(CHASKI_SOURCE_SCENARIOS);
  return folders;
}

}  // namespace

std::vector<ScenarioFile> library_scenarios() {
  std::vector<ScenarioFile> out;
  for (const fs::path& folder : library_folders()) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
      if (entry.path().extension() != ".toml") continue;
      out.push_back({entry.path().stem().string(), entry.path()});
    }
    if (!out.empty()) break;
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return out;
}

base::Expected<ScenarioFile, std::string> find_scenario(const std::string& name) {
  std::error_code error;
  if (fs::is_regular_file(name, error)) {
    return ScenarioFile{fs::path(name).stem().string(), name};
  }
  std::string known;
  for (const ScenarioFile& file : library_scenarios()) {
    if (file.name == name) return file;
    known += (known.empty() ? "" : ", ") + file.name;
  }
  return base::unexpected("there is no scenario " + name + "; name a file, or one of " +
                          (known.empty() ? "the library, which is not installed" : known));
}

base::Expected<std::string, std::string> scenario_text(const ScenarioFile& file) {
  auto text = read_whole_file(file.path.string(), kScenarioSizeMax);
  if (!text) return base::unexpected(text.error().message);
  return std::move(*text);
}

base::Expected<sim::Scenario, std::string> load_scenario(const ScenarioFile& file) {
  const auto text = scenario_text(file);
  if (!text) return base::unexpected(text.error());
  return sim::parse_scenario(*text, file.path.string());
}

sim::StageOptions stage_options(const ScenarioFile& file, std::size_t map_frames_max) {
  sim::StageOptions options;
  options.map_frames_max = map_frames_max;
  options.read = [folder = file.path.parent_path()](
                     const std::string& name) -> base::Expected<std::string, std::string> {
    std::error_code error;
    const fs::path path = folder / name;
    if (fs::exists(path, error) && !fs::is_regular_file(path, error)) {
      return base::unexpected(path.string() + " is no file; name one in the scenario");
    }
    auto text = read_whole_file(path.string(), kTraceSizeMax);
    if (!text) return base::unexpected(text.error().message);
    return std::move(*text);
  };
  return options;
}

}  // namespace chaski::tools
