// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "tools/chaski/commands.hpp"
#include "tools/chaski/new_file.hpp"

namespace chaski::tools {

/// The files for the QR code of a link, created before the node is asked for it: what cannot be
/// written costs no invitation. They are gone again when there is no link after all.
class LinkPictures {
 public:
  /// Throws CommandError when a file exists already or cannot be created.
  explicit LinkPictures(const LinkOptions& options);
  /// Throws CommandError when the link is too long for a QR code, or a file cannot be written.
  void write(const std::string& link);

 private:
  std::optional<NewFile> png_;
  std::optional<NewFile> svg_;
};

/// The QR code of a link for the terminal, or why there is none; empty when none is wanted.
std::string qr_words(const Context& context, QrWish wish, const std::string& link);

}  // namespace chaski::tools
