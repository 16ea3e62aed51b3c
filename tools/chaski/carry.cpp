// SPDX-License-Identifier: Apache-2.0
// The command carry: envelopes that a runner takes along on a stick.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "tools/chaski/command_error.hpp"
#include "tools/chaski/commands.hpp"
#include "tools/chaski/progress.hpp"
#include "tools/chaski/quantities.hpp"
#include "tools/chaski/safe_text.hpp"
#include "transport-file/bundle_file.hpp"
#include "transport-file/new_bundle.hpp"

namespace chaski::tools {

using nlohmann::json;
using transport_file::BundleFile;
using transport_file::BundleProblem;
using transport_file::StickFolder;

namespace {

/// What is left free on a stick, for its own tables.
constexpr std::uint64_t kFreeLeft = 256u << 10;
/// The smallest bundle that is worth writing.
constexpr std::uint64_t kRoomMin = 4'096;
/// What `carry in` reads at most of one stick unless --max says otherwise.
constexpr std::uint64_t kReadMax = std::uint64_t{4} << 30;
/// The summaries of other places that a node is told: as much as its API takes.
constexpr std::size_t kPlacesSizeMax = 15u << 20;

/// Another node, or another network key: the bundle is passed over, not the stick.
constexpr const char* kAnotherMesh = "another_mesh";

CommandError stick_error(const char* code, const std::string& what, int why, const char* mend) {
  return {ExitCode::refused, code, fmt::format("{}: {}", what, std::strerror(why)), mend};
}

CommandError writing_failed(int why) {
  if (why == ENOSPC || why == EDQUOT || why == EFBIG) {
    return stick_error("stick_full", "the stick has no room for the bundle", why,
                       "make room on it, or write less with --max");
  }
  if (why == EROFS || why == EACCES || why == EPERM) {
    return stick_error("stick_read_only", "the stick cannot be written", why,
                       "look for its lock, mount it for writing, or take another one");
  }
  return stick_error("stick_gone", "writing to the stick failed, no bundle is on it", why,
                     "leave it in until chaski is done, and try again");
}

StickFolder open_stick(const std::string& path) {
  auto folder = StickFolder::open(path);
  if (folder) return *std::move(folder);
  throw CommandError{ExitCode::usage, "no_stick",
                     fmt::format("cannot open the folder {}: {}", one_line(path),
                                 std::strerror(folder.error())),
                     "name a folder of the stick, such as /media/you/STICK"};
}

transport_file::StickListing list(const StickFolder& folder) {
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
    case BundleProblem::not_a_file: return "it is no plain file";
    case BundleProblem::not_a_bundle: return "it is no bundle";
    case BundleProblem::newer_version: return "a newer chaski wrote it";
    case BundleProblem::not_whole: return "it is damaged, or not all of it is there";
    case BundleProblem::too_large: return "it is larger than any bundle";
    case BundleProblem::unreadable: return "the stick does not give it";
  }
  return "it cannot be read";
}

/// One file of the stick that could be a bundle.
struct Found {
  std::string name;
  std::optional<BundleFile> file;
  std::optional<BundleProblem> problem;
  bool own = false;
};

std::string hex(base::ByteView bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

/// Opens what has the name of a bundle, and asks the node which of them it wrote.
std::vector<Found> find_bundles(const Context& context, const StickFolder& folder,
                                const std::vector<std::string>& names) {
  std::vector<Found> all;
  json headers = json::array();
  for (const std::string& name : names) {
    Found found{name, std::nullopt, std::nullopt, false};
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
  for (Found& found : all) {
    if (found.file) found.own = answer.at("own").at(at++).get<bool>();
  }
  return all;
}

void append(std::string& out, base::ByteView bytes) { out += base::as_text(bytes); }

/// What other bundles tell of the places that they were written at; empty when that is too much.
std::string places_of(std::vector<Found>& bundles) {
  std::string places;
  for (Found& found : bundles) {
    if (!found.file || found.own) continue;
    std::string place;
    append(place, found.file->header());
    const auto read = found.file->read(
        [&](bundle::BlockKind kind, std::uint64_t, base::ByteView block) {
          if (kind != bundle::BlockKind::summary || place.size() > kPlacesSizeMax) return false;
          append(place, block);
          return true;
        });
    if (!read) found.problem = read.error();
    if (!read || place.size() == bundle::kHeaderSize) continue;
    places += place + std::string(bundle::kBlockHeadSize, '\0');
    if (places.size() > kPlacesSizeMax) return {};
  }
  return places;
}

/// Puts the bytes of a bundle, as they come from the node, into a new file of the stick; what
/// stands behind their end is the node's account of it.
class Receiver {
 public:
  explicit Receiver(const StickFolder& folder) : folder_(folder) {}

  void take(std::string_view bytes) {
    waiting_ += bytes;
    std::size_t used = 0;
    while (!parser_.done() && waiting_.size() - used >= parser_.wants()) {
      const std::size_t size = parser_.wants();
      write(base::as_bytes(std::string_view(waiting_).substr(used, size)));
      used += size;
    }
    waiting_.erase(0, used);
  }

  bool whole() const { return parser_.done(); }
  const std::string& rest() const { return waiting_; }
  std::uint64_t size() const { return size_; }
  const std::string& name() const { return name_; }
  void finish() {
    if (const int why = file_->finish(); why != 0) throw writing_failed(why);
  }

 private:
  void write(base::ByteView bytes) {
    const auto step = parser_.take(bytes);
    if (!step) {
      throw CommandError{ExitCode::not_understood, "not_understood",
                         "what the node gave is no bundle",
                         "are chaski and chaskid of the same version? See chaski --version"};
    }
    if (step->header) {
      name_ = transport_file::bundle_name(step->header->salt.view());
      auto file = transport_file::NewBundle::begin(folder_, name_);
      if (!file) throw writing_failed(file.error());
      file_.emplace(*std::move(file));
    }
    if (const int why = file_->write(bytes); why != 0) throw writing_failed(why);
    size_ += bytes.size();
  }

  const StickFolder& folder_;
  bundle::Parser parser_;
  std::string waiting_;
  std::string name_;
  std::optional<transport_file::NewBundle> file_;
  std::uint64_t size_ = 0;
};

std::string skipped_words(const std::vector<Found>& bundles) {
  std::string text;
  for (const Found& found : bundles) {
    if (!found.problem) continue;
    text += fmt::format("Passed over {}: {}.\n", found.name, problem_words(*found.problem));
  }
  return text;
}

std::string out_words(const json& counts, std::uint64_t size) {
  const auto number = [&counts](const char* key) { return counts.at(key).get<std::uint64_t>(); };
  std::string text = fmt::format("{} on the stick, {}.\n",
                                 count_words(number("envelopes"), "envelope"), size_words(size));
  if (number("known") > 0) {
    text += fmt::format("{} left out: every place that this stick has been to has them.\n",
                        number("known"));
  }
  if (number("no_room") > 0) {
    text += fmt::format("{} left out: no room. Make room, or take a second stick.\n",
                        number("no_room"));
  }
  return text + "This node keeps its copies. Take the stick out only after unmounting it.\n";
}

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
        taken.add(parse_answer(
            context.client.request("POST", "/v1/carry/in", body, Client::kOctets)));
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
  std::string text =
      fmt::format("{} taken from {}", count_words(number("taken"), "new envelope"),
                  count_words(bundles, "bundle"));
  text += number("known") == 0 ? std::string() : fmt::format("; {} known here", number("known"));
  text += number("shown") == 0 ? std::string()
                               : fmt::format("; {} only passing", number("shown"));
  text += number("refused") == 0
              ? std::string()
              : fmt::format("; {} refused: too old, or false", number("refused"));
  text += ".\n";
  if (number("no_room") > 0) {
    text += fmt::format("{} not taken: this node has no room for them. They are on the stick "
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

void run_carry_out(const Context& context, const CarryOptions& options) {
  const auto max = size_option(options.max);
  const StickFolder folder = open_stick(options.folder);
  const auto listing = list(folder);
  std::vector<Found> bundles = find_bundles(context, folder, listing.bundles);
  for (const std::string& name : listing.unfinished) folder.remove(name);
  const std::uint64_t free = folder.free_bytes();
  const std::uint64_t room =
      std::min({max.value_or(bundle::kBundleSizeMax), free < kFreeLeft ? 0 : free - kFreeLeft,
                bundle::kBundleSizeMax});
  if (room < kRoomMin) throw writing_failed(ENOSPC);
  Receiver receiver(folder);
  Progress progress(context.json);
  const bool whole = context.client.download(
      fmt::format("/v1/carry/out?max={}", room), options.all ? "" : places_of(bundles),
      [&](std::string_view bytes) {
        receiver.take(bytes);
        progress.show("written", receiver.size());
      });
  if (!whole || !receiver.whole()) {
    throw CommandError{ExitCode::unreachable, "went_away",
                       "the node went away before the bundle was whole; none is on the stick",
                       "look into its log (journalctl -u chaskid), start it, and try again"};
  }
  receiver.finish();
  // What this node wrote before is of no more use to anybody.
  for (const Found& found : bundles) {
    if (found.own && found.name != receiver.name()) folder.remove(found.name);
  }
  if (const int why = folder.sync(); why != 0) throw writing_failed(why);
  json counts = parse_answer(receiver.rest());
  counts["bytes"] = receiver.size();
  counts["bundle"] = receiver.name();
  if (context.json) return Screen::print(json_line(counts));
  Screen::print(out_words(counts, receiver.size()) + skipped_words(bundles));
}

void run_carry_in(const Context& context, const CarryOptions& options) {
  const std::uint64_t max = size_option(options.max).value_or(kReadMax);
  const StickFolder folder = open_stick(options.folder);
  const auto listing = list(folder);
  std::vector<Found> bundles = find_bundles(context, folder, listing.bundles);
  Taken all;
  json told = json::array();
  std::uint64_t read = 0;
  std::size_t good = 0;
  {
    Progress progress(context.json);
    for (Found& found : bundles) {
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
