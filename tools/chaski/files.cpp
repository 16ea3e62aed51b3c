// SPDX-License-Identifier: Apache-2.0
// The commands about files: send --file, files, save.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "tools/chaski/command_error.hpp"
#include "tools/chaski/commands.hpp"
#include "tools/chaski/progress.hpp"
#include "tools/chaski/quantities.hpp"
#include "tools/chaski/safe_text.hpp"
#include "tools/chaski/saved_file.hpp"

namespace chaski::tools {

using nlohmann::json;

namespace {

constexpr std::size_t kPiece = 256u << 10;

/// A file that is read once, from its start to the end that it had when it was opened.
class OpenFile {
 public:
  explicit OpenFile(const std::string& path) : path_(path) {
    file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat about {};
    const bool good = file_ >= 0 && ::fstat(file_, &about) == 0;
    if (good && S_ISREG(about.st_mode)) {
      size_ = static_cast<std::uint64_t>(about.st_size);
      return;
    }
    const std::string why = good ? "it is no plain file" : std::strerror(errno);
    if (file_ >= 0) ::close(file_);
    throw CommandError{ExitCode::usage, "usage",
                       fmt::format("cannot read {}: {}", one_line(path), why),
                       "name a file that you may read"};
  }
  ~OpenFile() { ::close(file_); }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  std::uint64_t size() const { return size_; }
  std::uint64_t read_bytes() const { return at_; }
  /// The next bytes, none at the end. Throws when the file has become shorter or longer.
  std::string next() {
    std::string piece(kPiece, '\0');
    ssize_t n = -1;
    do n = ::read(file_, piece.data(), piece.size());
    while (n < 0 && errno == EINTR);
    piece.resize(static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    at_ += piece.size();
    if (n < 0 || at_ > size_ || (piece.empty() && at_ < size_)) {
      throw CommandError{ExitCode::refused, "file_changed",
                         fmt::format("{} changed while it was read, or cannot be read",
                                     one_line(path_)),
                         "nothing was sent; try again when nobody writes to it"};
    }
    return piece;
  }

 private:
  std::string path_;
  int file_;
  std::uint64_t size_ = 0;
  std::uint64_t at_ = 0;
};

Colour state_colour(const json& file) {
  const auto state = file.at("state").get<std::string>();
  if (state == "whole" || state == "delivered") return Colour::good;
  return state == "under_way" ? Colour::warning : Colour::bad;
}

std::string state_words(const json& file) {
  const auto state = file.at("state").get<std::string>();
  const bool incoming = file.at("direction") == "in";
  if (state == "whole") return "here";
  if (state == "under_way") {
    const auto size = file.at("size").get<std::uint64_t>();
    const auto done = file.at("done").get<std::uint64_t>();
    if (incoming && file.value("waits_for_room", false)) return "waits for room on the disk";
    return fmt::format("{} %", size == 0 ? 0 : done * 100 / size);
  }
  if (state == "wrong") return "its sender lied about it";
  if (state == "damaged") return "damaged on the disk";
  return one_line(state);
}

std::uint64_t id_of(const std::string& text) {
  const json number = json::parse(text.starts_with('#') ? text.substr(1) : text, nullptr, false);
  if (number.is_number_unsigned()) return number.get<std::uint64_t>();
  throw usage_error(fmt::format("'{}' is no number of a file", one_line(text)),
                    "chaski files shows the numbers, such as 12");
}

/// Follows the events until the file is at the recipient, or will not be.
json wait_for_file(const Context& context, std::uint64_t id,
                   std::optional<std::chrono::steady_clock::time_point> until) {
  Progress progress(context.json);
  json last;
  const auto is_over = [&last] { return last.at("state") != "under_way"; };
  context.client.stream(
      "/v1/events",
      [&](std::string_view line) {
        const json event = parse_answer(line);
        if (last.is_null()) {
          last = parse_answer(context.client.request("GET", fmt::format("/v1/files/{}", id)))
                     .at("file");
        }
        if (event.value("event", "") == "file" && event.at("file").at("id") == id) {
          last = event.at("file");
        }
        progress.show("delivered", last.at("done"), last.at("size"));
        return !is_over();
      },
      until);
  return last;
}

}  // namespace

std::string file_words(const Context& context, const json& file) {
  const auto name = file.at("name").get<std::string>();
  return fmt::format("{:>5}  {} {}  {}  {}  {}\n",
                     fmt::format("#{}", file.at("id").get<std::uint64_t>()),
                     file.at("direction") == "in" ? "from" : "to",
                     context.screen.paint(Colour::strong,
                                          one_line(file.at("contact").get<std::string>())),
                     name.empty() ? "(no name)" : one_line(name),
                     size_words(file.at("size").get<std::uint64_t>()),
                     context.screen.paint(state_colour(file), state_words(file)));
}

void run_send_file(const Context& context, const SendOptions& options,
                   const std::string& query) {
  OpenFile file(options.file);
  std::string name = std::filesystem::path(options.file).filename().string();
  name.erase(0, std::min(name.find_first_not_of('.'), name.size()));
  Progress progress(context.json);
  const std::string text = context.client.upload(
      fmt::format("/v1/files?{}&name={}", query, in_query(name)), file.size(), [&] {
        progress.show("taken in", file.read_bytes(), file.size());
        return file.next();
      });
  const json answer = parse_answer(text);
  const auto id = answer.at("message").at("id").get<std::uint64_t>();
  if (context.json && !options.wait) Screen::print(json_line(answer));
  if (!context.json) {
    Screen::print(fmt::format("File {} to {} is accepted, {}; it lives for {}.\n", id,
                              one_line(options.to), size_words(file.size()),
                              duration_words(answer.at("message").at("lifetime_s"))));
  }
  if (!options.wait) return;
  const json last = wait_for_file(context, id, wait_until(options));
  if (context.json && !last.is_null()) Screen::print(json_line({{"file", last}}));
  if (!last.is_null() && last.at("state") == "delivered") {
    if (!context.json) Screen::print(context.screen.paint(Colour::good, "Delivered.") + "\n");
    return;
  }
  throw CommandError{ExitCode::not_delivered, "not_delivered",
                     fmt::format("file {} was not delivered", id),
                     "chaski files shows how far it is; it stays under way until its lifetime "
                     "ends"};
}

void run_files(const Context& context, const std::string& remove) {
  if (!remove.empty()) {
    ask(context, "POST", fmt::format("/v1/files/{}/remove", id_of(remove)), json::object());
    if (!context.json) Screen::print("Removed: what of it was here is gone.\n");
    return;
  }
  const json answer = ask(context, "GET", "/v1/files");
  if (context.json) return;
  std::string text;
  for (const json& file : answer.at("files")) text += file_words(context, file);
  Screen::print(text.empty() ? "No files.\n" : text);
}

void run_save(const Context& context, const std::string& number, const std::string& path,
              bool force) {
  const auto id = id_of(number);
  const json file =
      parse_answer(context.client.request("GET", fmt::format("/v1/files/{}", id))).at("file");
  std::string target = path;
  if (std::error_code error; std::filesystem::is_directory(path, error)) {
    // It is the sender's, and never leads out of the folder: attachments.md, 4.3.
    const auto name = file.at("name").get<std::string>();
    target = (std::filesystem::path(path) / (name.empty() ? fmt::format("file-{}", id) : name))
                 .string();
  }
  SavedFile out(target, force);
  Progress progress(context.json);
  std::uint64_t done = 0;
  const bool whole = context.client.download(
      fmt::format("/v1/files/{}/content", id), [&](std::string_view piece) {
        out.write(piece);
        done += piece.size();
        progress.show("saved", done, file.at("size"));
      });
  if (!whole) {
    throw CommandError{ExitCode::refused, "not_whole",
                       fmt::format("file {} could not be read to its end, or is not what its "
                                   "sender said; nothing was saved", id),
                       "see what became of it with chaski files"};
  }
  out.finish();
  if (context.json) {
    return Screen::print(json_line({{"file", file}, {"path", target}, {"bytes", done}}));
  }
  Screen::print(fmt::format("{} is saved, {}.\n", one_line(target), size_words(done)));
}

}  // namespace chaski::tools
