// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/sweep/sweep_folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "tools/files/whole_file.hpp"
#include "tools/sim/failure.hpp"
#include "tools/sim/staged.hpp"

namespace chaski::tools {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kManifestSizeMax = std::size_t{256} << 20;
constexpr std::size_t kRecordsSizeMax = std::size_t{16} << 30;
constexpr std::string_view kCheck = R"(,"check":")";
constexpr std::size_t kHashSize = 32;

[[noreturn]] void cannot_write(const std::string& path) {
  throw Failure{1, "cannot write " + path + ": " + std::strerror(errno) +
                       "; what is done is safe: mend it and start the same command again"};
}

/// Whether all of it was written.
bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

std::string record_line(const nlohmann::json& record) {
  std::string body = record.dump();
  const std::string hash = hash_words(body);
  body.pop_back();
  return body + std::string(kCheck) + hash + "\"}\n";
}

nlohmann::json record_in(std::string_view line) {
  const nlohmann::json nothing(nlohmann::json::value_t::discarded);
  const std::size_t tail = kCheck.size() + kHashSize + 2;
  if (line.size() <= tail || !line.ends_with("\"}")) return nothing;
  const std::string body = std::string(line.substr(0, line.size() - tail)) + "}";
  if (line.substr(body.size() - 1, kCheck.size()) != kCheck) return nothing;
  if (line.substr(line.size() - 2 - kHashSize, kHashSize) != hash_words(body)) return nothing;
  return nlohmann::json::parse(body, nullptr, false);
}

SweepFolder::SweepFolder(std::string path, const SweepPlan& plan)
    : path_(std::move(path)), plan_(plan) {
  std::error_code error;
  fs::create_directories(path_, error);
  if (!fs::is_directory(path_)) {
    throw Failure{2, path_ + " cannot be a folder: " + error.message() + "; name another --out"};
  }
  lock();
  check_manifest();
  read_records();
  if (const auto lines = read_whole_file(in("running"), kManifestSizeMax)) ran_before_ = *lines;
}

SweepFolder::~SweepFolder() {
  if (file_ >= 0) ::close(file_);
  if (lock_ >= 0) ::close(lock_);
}

void SweepFolder::lock() {
  lock_ = ::open(in("lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (lock_ < 0) cannot_write(in("lock"));
  if (::flock(lock_, LOCK_EX | LOCK_NB) == 0) return;
  ::close(lock_);
  lock_ = -1;
  throw Failure{1, "another sweep is running in " + path_ + "; wait for it, or name another --out"};
}

void SweepFolder::check_manifest() {
  if (!fs::exists(in("manifest.json"))) {
    if (fs::exists(in("records.jsonl"))) {
      throw Failure{2, path_ + " has records and no manifest.json; name another --out"};
    }
    write("manifest.json", text_of(plan_.manifest(), 1));
    return;
  }
  const auto text = read_whole_file(in("manifest.json"), kManifestSizeMax);
  if (!text) throw Failure{1, text.error().message};
  const auto held = nlohmann::json::parse(*text, nullptr, false);
  if (!held.is_object()) {
    throw Failure{2, in("manifest.json") + " is damaged; name another --out"};
  }
  for (const auto& [key, what] :
       {std::pair("format", "in another format"),
        std::pair("scenario_hash", "of another scenario file"),
        std::pair("files", "of other files that the scenario names"),
        std::pair("set", "with other values of --set"), std::pair("seeds", "with other --seeds"),
        std::pair("strategies", "with other --strategies"),
        std::pair("program_hash", "by another build of chaski-sim")}) {
    if (held.value(key, nlohmann::json()) == plan_.manifest().at(key)) continue;
    throw Failure{2, path_ + " holds a sweep " + what + "; ask for the same again, or name " +
                         "another --out"};
  }
}

void SweepFolder::read_records() {
  const std::string path = in("records.jsonl");
  file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (file_ < 0) cannot_write(path);
  const auto text = read_whole_file(path, kRecordsSizeMax);
  if (!text) throw Failure{1, text.error().message};
  std::size_t begin = 0;
  std::size_t whole = 0;  // how far lines are whole
  while (begin < text->size()) {
    const std::size_t end = text->find('\n', begin);
    if (end == std::string::npos) break;
    nlohmann::json record = record_in(std::string_view(*text).substr(begin, end - begin));
    begin = whole = end + 1;
    const std::size_t point = record.is_object() ? record.value("point", SIZE_MAX) : SIZE_MAX;
    if (point >= plan_.points() || record.value("seed", UINT64_MAX) != plan_.seed_of(point)) {
      ++damaged_;
      continue;
    }
    records_.emplace(point, std::move(record));
  }
  if (whole == text->size()) {
    sync_folder();
    return;
  }
  // Somebody died while writing it.
  if (::ftruncate(file_, static_cast<off_t>(whole)) != 0 || ::fsync(file_) != 0) {
    cannot_write(path);
  }
}

void SweepFolder::add(std::size_t point, nlohmann::json record) {
  const off_t before = ::lseek(file_, 0, SEEK_END);
  if (!write_all(file_, record_line(record)) || ::fdatasync(file_) != 0) {
    const int why = errno;
    if (before >= 0 && ::ftruncate(file_, before) != 0) errno = why;
    errno = why;
    cannot_write(in("records.jsonl"));
  }
  records_.emplace(point, std::move(record));
}

void SweepFolder::write(const std::string& name, const std::string& content) const {
  const std::string beside = in(name + ".new");
  const int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) cannot_write(beside);
  const bool written = write_all(file, content) && ::fsync(file) == 0;
  const int why = errno;
  ::close(file);
  errno = why;
  if (!written || ::rename(beside.c_str(), in(name).c_str()) != 0) {
    const int first = errno;
    ::unlink(beside.c_str());
    errno = first;
    cannot_write(in(name));
  }
  sync_folder();
}

void SweepFolder::note_running(const std::string& lines) const {
  if (lines.empty()) {
    ::unlink(in("running").c_str());
    return;
  }
  const int file = ::open(in("running").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) cannot_write(in("running"));
  const bool written = write_all(file, lines);
  ::close(file);
  if (!written) cannot_write(in("running"));
}

void SweepFolder::sync_folder() const {
  const int folder = ::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) cannot_write(path_);
  const bool synced = ::fsync(folder) == 0 || errno == EINVAL;
  ::close(folder);
  if (!synced) cannot_write(path_);
}

}  // namespace chaski::tools
