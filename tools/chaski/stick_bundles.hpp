// SPDX-License-Identifier: Apache-2.0
// What `carry out` and `carry in` have in common.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/chaski/command_error.hpp"
#include "tools/chaski/commands.hpp"
#include "transport-file/bundle_file.hpp"
#include "transport-file/stick_folder.hpp"

namespace chaski::tools {

/// One file of the stick that could be a bundle.
struct FoundBundle {
  std::string name;
  std::optional<transport_file::BundleFile> file{};
  std::optional<transport_file::BundleProblem> problem{};
  bool own = false;
};

/// Throws CommandError: it cannot be opened.
transport_file::StickFolder open_stick(const std::string& path);
/// Throws CommandError: it cannot be read.
transport_file::StickListing list_stick(const transport_file::StickFolder& folder);
/// Opens what has the name of a bundle, and asks the node which of them it wrote.
std::vector<FoundBundle> find_bundles(const Context& context,
                                      const transport_file::StickFolder& folder,
                                      const std::vector<std::string>& names);

/// What --max says, if anything. Throws CommandError: it is no size.
std::optional<std::uint64_t> size_option(const std::string& text);
/// Why a file is passed over, for a person: "it is no plain file".
const char* problem_words(transport_file::BundleProblem problem);
/// An error about the stick itself, of which errno says `why`.
CommandError stick_error(const char* code, const std::string& what, int why, const char* mend);

inline void append(std::string& out, base::ByteView bytes) {
  out += base::as_text(bytes);
}

}  // namespace chaski::tools
