// SPDX-License-Identifier: Apache-2.0
// The command carry in: what a runner brought on a stick.
#include <fmt/format.h>

#include <optional>

#include "tools/chaski/commands.hpp"
#include "tools/chaski/progress.hpp"
#include "tools/chaski/quantities.hpp"
#include "tools/chaski/stick_bundles.hpp"

namespace chaski::tools {

using nlohmann::json;
using transport_file::BundleFile;
using transport_file::BundleProblem;
using transport_file::StickFolder;

namespace {

/// What is read at most of one stick unless --max says otherwise.
constexpr std::uint64_t kReadMax = std::uint64_t{4} << 30;
/// Another network key: the bundle is passed over, not the stick.
constexpr const char* kAnotherMesh = "another_mesh";

/// What came of one bundle, and of all.
struct Taken {
  json counts{{"envelopes", 0u}, {"taken", 0u},   {"known", 0u},
              {"shown", 0u},     {"no_room", 0u}, {"refused", 0u}};
  void add(const json& more) {
    for (auto& [key, value] : counts.items()) {
      value = value.get<std::uint64_t>() + more.at(key).get<std::uint64_t>();
    }
  }
};

/// Hands the blocks of one bundle to the node; why it was passed over, if it was.
std::optional<std::string> take_bundle(const Context& context, BundleFile& file, Taken& taken,
                                       Progress& progress) {
  const std::uint64_t size = file.size();
  auto read = file.check([&](std::uint64_t done) { progress.show("checked", done, size); });
  std::optional<std::string> refused;
  std::uint64_t done = 0;
  if (read) {
    read = file.read([&](bundle::BlockKind kind, std::uint64_t index, base::ByteView block) {
      done += block.size();
      progress.show("taken in", done, size);
      // The first block of all shows whose it is, also when nothing else is in it.
      if (kind != bundle::BlockKind::envelopes && index > 0) return true;
      std::string body;
      append(body, file.header());
      for (unsigned i = 0; i < 8; ++i) body += static_cast<char>(index >> (8 * i) & 0xFF);
      append(body, block);
      try {
        taken.add(
            parse_answer(context.client.request("POST", "/v1/carry/in", body, Client::kOctets)));
      } catch (const CommandError& error) {
        if (error.code != kAnotherMesh) throw;
        refused = kAnotherMesh;
      }
      return !refused;
    });
  }
  if (!read) return to_string(read.error());
  return refused;
}

std::string in_words(const json& counts, std::size_t bundles) {
  const auto number = [&counts](const char* key) { return counts.at(key).get<std::uint64_t>(); };
  std::string text = fmt::format("{} taken from {}", count_words(number("taken"), "new envelope"),
                                 count_words(bundles, "bundle"));
  text += number("known") == 0 ? std::string() : fmt::format("; {} known here", number("known"));
  text += number("shown") == 0 ? std::string() : fmt::format("; {} only passing", number("shown"));
  text += number("refused") == 0
              ? std::string()
              : fmt::format("; {} refused: too old, or false", number("refused"));
  text += ".\n";
  if (number("no_room") > 0) {
    text += fmt::format(
        "{} not taken: this node has no room for them. They are on the stick "
        "still; come again, or raise store.quota_bytes.\n",
        number("no_room"));
  }
  return text;
}

std::string passed_over_words(const json& bundle) {
  const auto why = bundle.at("problem").get<std::string>();
  std::string words = why == kAnotherMesh ? "it is of another mesh" : "";
  if (why == "own") words = "this node wrote it";
  if (why == "max") words = "so much was read already; see --max";
  for (const auto problem :
       {BundleProblem::not_a_file, BundleProblem::not_a_bundle, BundleProblem::newer_version,
        BundleProblem::not_whole, BundleProblem::too_large, BundleProblem::unreadable}) {
    if (why == to_string(problem)) words = problem_words(problem);
  }
  return fmt::format("Passed over {}: {}.\n", bundle.at("name").get<std::string>(), words);
}

}  // namespace

void run_carry_in(const Context& context, const CarryOptions& options) {
  const std::uint64_t max = size_option(options.max).value_or(kReadMax);
  const StickFolder folder = open_stick(options.folder);
  const auto listing = list_stick(folder);
  std::vector<FoundBundle> bundles = find_bundles(context, folder, listing.bundles);
  Taken all;
  json told = json::array();
  std::uint64_t read = 0;
  std::size_t good = 0;
  {
    Progress progress(context.json);
    for (FoundBundle& found : bundles) {
      json one{{"name", found.name}};
      Taken taken;
      if (found.problem) {
        one["problem"] = to_string(*found.problem);
      } else if (found.own) {
        one["problem"] = "own";
      } else if (read + found.file->size() > max) {
        one["problem"] = "max";
      } else {
        read += found.file->size();
        if (const auto why = take_bundle(context, *found.file, taken, progress)) {
          one["problem"] = *why;
        } else {
          ++good;
        }
        one.update(taken.counts);
        all.add(taken.counts);
      }
      told.push_back(std::move(one));
    }
  }
  json answer = all.counts;
  answer["bundles"] = told;
  answer["more"] = listing.more;
  if (context.json) return Screen::print(json_line(answer));
  std::string text = good > 0 ? in_words(all.counts, good)
                              : "No bundle of somebody else on this stick: nothing is taken.\n";
  for (const json& one : told) {
    if (one.contains("problem")) text += passed_over_words(one);
  }
  if (listing.more) text += "There are more files on it than chaski looks at.\n";
  Screen::print(text);
}

}  // namespace chaski::tools
