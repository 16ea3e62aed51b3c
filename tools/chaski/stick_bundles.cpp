// SPDX-License-Identifier: Apache-2.0
#include "tools/chaski/stick_bundles.hpp"

#include <fmt/format.h>

#include <cstring>

#include "tools/chaski/quantities.hpp"
#include "tools/chaski/safe_text.hpp"

namespace chaski::tools {

using nlohmann::json;
using transport_file::BundleFile;
using transport_file::BundleProblem;
using transport_file::StickFolder;

CommandError stick_error(const char* code, const std::string& what, int why, const char* mend) {
  return {ExitCode::refused, code, fmt::format("{}: {}", what, std::strerror(why)), mend};
}

StickFolder open_stick(const std::string& path) {
  auto folder = StickFolder::open(path);
  if (folder) return *std::move(folder);
  throw CommandError{
      ExitCode::usage, "no_stick",
      fmt::format("cannot open the folder {}: {}", one_line(path), std::strerror(folder.error())),
      "name a folder of the stick, such as /media/you/STICK"};
}

transport_file::StickListing list_stick(const StickFolder& folder) {
  auto listing = folder.list();
  if (listing) return *std::move(listing);
  throw stick_error("stick_unreadable", "the stick cannot be read", listing.error(),
                    "take it out, put it in again, and try once more");
}

std::optional<std::uint64_t> size_option(const std::string& text) {
  if (text.empty()) return std::nullopt;
  if (const auto size = parse_size(text)) return size;
  throw usage_error(fmt::format("'{}' is no size", one_line(text)),
                    "write one such as 900K, 500M or 2G");
}

const char* problem_words(BundleProblem problem) {
  switch (problem) {
    case BundleProblem::not_a_file:
      return "it is no plain file";
    case BundleProblem::not_a_bundle:
      return "it is no bundle";
    case BundleProblem::newer_version:
      return "a newer chaski wrote it";
    case BundleProblem::not_whole:
      return "it is damaged, or not all of it is there";
    case BundleProblem::too_large:
      return "it is larger than any bundle";
    case BundleProblem::unreadable:
      return "the stick does not give it";
  }
  return "it cannot be read";
}

namespace {

std::string hex(base::ByteView bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

}  // namespace

std::vector<FoundBundle> find_bundles(const Context& context, const StickFolder& folder,
                                      const std::vector<std::string>& names) {
  std::vector<FoundBundle> all;
  json headers = json::array();
  for (const std::string& name : names) {
    FoundBundle found{.name = name};
    auto file = BundleFile::open(folder, name);
    if (file) {
      headers.push_back(hex(file->header()));
      found.file = *std::move(file);
    } else {
      found.problem = file.error();
    }
    all.push_back(std::move(found));
  }
  const json answer = parse_answer(
      context.client.request("POST", "/v1/carry/own", json{{"headers", headers}}.dump()));
  std::size_t at = 0;
  for (FoundBundle& found : all) {
    if (found.file) found.own = answer.at("own").at(at++).get<bool>();
  }
  return all;
}

}  // namespace chaski::tools
