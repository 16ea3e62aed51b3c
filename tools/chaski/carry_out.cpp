// SPDX-License-Identifier: Apache-2.0
// The command carry out: envelopes that a runner takes along on a stick.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "tools/chaski/commands.hpp"
#include "tools/chaski/progress.hpp"
#include "tools/chaski/quantities.hpp"
#include "tools/chaski/stick_bundles.hpp"
#include "transport-file/new_bundle.hpp"

namespace chaski::tools {

using nlohmann::json;
using transport_file::StickFolder;

namespace {

/// What is left free on a stick, for its own tables.
constexpr std::uint64_t kFreeLeft = 256u << 10;
/// The smallest bundle that is worth writing.
constexpr std::uint64_t kRoomMin = 4'096;
/// The summaries of other places that a node is told: as much as its API takes.
constexpr std::size_t kPlacesSizeMax = 15u << 20;

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

/// What other bundles tell of the places that they were written at; empty when that is too much.
std::string places_of(std::vector<FoundBundle>& bundles) {
  std::string places;
  for (FoundBundle& found : bundles) {
    if (!found.file || found.own) continue;
    std::string place;
    append(place, found.file->header());
    const auto read =
        found.file->read([&](bundle::BlockKind kind, std::uint64_t, base::ByteView block) {
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

std::string skipped_words(const std::vector<FoundBundle>& bundles) {
  std::string text;
  for (const FoundBundle& found : bundles) {
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

}  // namespace

void run_carry_out(const Context& context, const CarryOptions& options) {
  const auto max = size_option(options.max);
  const StickFolder folder = open_stick(options.folder);
  const auto listing = list_stick(folder);
  std::vector<FoundBundle> bundles = find_bundles(context, folder, listing.bundles);
  for (const std::string& name : listing.unfinished) folder.remove(name);
  const std::uint64_t free = folder.free_bytes();
  const std::uint64_t room =
      std::min({max.value_or(bundle::kBundleSizeMax), free < kFreeLeft ? 0 : free - kFreeLeft,
                bundle::kBundleSizeMax});
  if (room < kRoomMin) throw writing_failed(ENOSPC);
  Receiver receiver(folder);
  Progress progress(context.json);
  const bool whole =
      context.client.download(fmt::format("/v1/carry/out?max={}", room),
                              options.all ? "" : places_of(bundles), [&](std::string_view bytes) {
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
  for (const FoundBundle& found : bundles) {
    if (found.own && found.name != receiver.name()) folder.remove(found.name);
  }
  if (const int why = folder.sync(); why != 0) throw writing_failed(why);
  json counts = parse_answer(receiver.rest());
  counts["bytes"] = receiver.size();
  counts["bundle"] = receiver.name();
  if (context.json) return Screen::print(json_line(counts));
  Screen::print(out_words(counts, receiver.size()) + skipped_words(bundles));
}

}  // namespace chaski::tools
