// SPDX-License-Identifier: Apache-2.0
#include "daemon/api_files.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "daemon/api_json.hpp"
#include "daemon/api_messages.hpp"
#include "daemon/api_routes.hpp"

namespace chaski::daemon {
namespace {

std::optional<node::MessageId> message_number(const std::string& text) {
  const auto number = parse_number(text);
  return number && *number <= INT64_MAX ? number : std::nullopt;
}

ApiResult get_files(ApiContext& context, const RouteInput&) {
  Json list = Json::array();
  for (const node::FileInfo& file : context.node.files()) {
    list.push_back(file_json(context.node, file, context.now));
  }
  return ApiAnswer{{{"files", std::move(list)}}};
}

ApiResult get_file(ApiContext& context, const RouteInput& input) {
  const auto message = message_number(input.id);
  const auto file = message ? context.node.find_file(*message) : std::nullopt;
  if (!file) return base::unexpected(person_error(node::PersonError::unknown_file));
  return ApiAnswer{{{"file", file_json(context.node, *file, context.now)}}};
}

ApiResult post_remove(ApiContext& context, const RouteInput& input) {
  BodyReader body(input.body);
  if (const auto error = body.finish()) return base::unexpected(*error);
  const auto message = message_number(input.id);
  if (!message) return base::unexpected(person_error(node::PersonError::unknown_file));
  const auto removed = context.node.remove_file(*message);
  if (!removed) return base::unexpected(person_error(removed.error()));
  return ApiAnswer{Json::object(), true};
}

constexpr std::array kRoutes{
    Route{"GET", "/v1/files", get_files},
    Route{"GET", "/v1/files/{id}", get_file},
    Route{"POST", "/v1/files/{id}/remove", post_remove, true},
};

/// Why nothing may be taken now.
std::optional<ApiError> refused(const ApiContext& context) {
  if (context.node.locked()) {
    return person_error(context.has_vault ? node::PersonError::locked
                                          : node::PersonError::no_identity);
  }
  if (context.stopping) {
    return ApiError{503, "stopping", "the node is stopping", "start it again"};
  }
  if (!context.writable) return store_refuses();
  return std::nullopt;
}

}  // namespace

std::span<const Route> file_routes() { return kRoutes; }

Json file_json(const node::Node& node, const node::FileInfo& file, base::Time now) {
  const auto left = std::chrono::duration_cast<std::chrono::seconds>(file.ends - now).count();
  const std::uint64_t done =
      file.chunks_done == file.chunks ? file.size : file.size / file.chunks * file.chunks_done;
  Json json{{"id", file.message},
            {"contact", contact_name(node, file.contact)},
            {"direction", file.direction == node::Direction::incoming ? "in" : "out"},
            {"state", node::to_string(file.state)},
            {"name", file.name},
            {"media_type", file.media_type},
            {"size", file.size},
            {"done", done},
            {"waits_for_room", file.waits_for_room}};
  if (file.state == node::FileState::under_way) json["ends_in_s"] = left > 0 ? left : 0;
  return json;
}

base::Expected<std::unique_ptr<FileUpload>, ApiError> FileUpload::begin(
    ApiContext& context, const ApiRequest& request, std::optional<std::uint64_t> length) {
  if (const auto why = refused(context)) return base::unexpected(*why);
  std::unique_ptr<FileUpload> upload(new FileUpload);
  node::FileOffer offer;
  std::optional<std::uint64_t> lifetime_s;
  std::optional<std::uint64_t> reply_to;
  std::optional<std::uint64_t> disappears_after_s;
  std::optional<std::string> priority;
  const std::map<std::string_view, std::optional<std::uint64_t>*> numbers{
      {"lifetime_s", &lifetime_s},
      {"reply_to", &reply_to},
      {"disappears_after_s", &disappears_after_s}};
  for (const auto& [key, value] : request.query) {
    const auto number = numbers.find(key);
    bool good = true;
    if (number != numbers.end()) {
      *number->second = parse_number(value);
      good = number->second->has_value();
    } else if (key == "to") {
      upload->to_ = value;
    } else if (key == "name") {
      offer.name = value;
    } else if (key == "type") {
      offer.media_type = value;
    } else if (key == "priority") {
      priority = value;
    } else {
      good = false;
    }
    if (good) continue;
    return base::unexpected(
        bad_request("the query key " + key + " is unknown, or its value is wrong",
                    "known here: to, name, type, priority, and as numbers lifetime_s, reply_to, "
                    "disappears_after_s"));
  }
  if (!length) {
    return base::unexpected(bad_request("the length of the file is missing",
                                        "send it with Content-Length"));
  }
  offer.size = *length;
  const auto options = send_options(lifetime_s, priority);
  if (!options) return base::unexpected(options.error());
  upload->options_ = *options;
  upload->options_.reply_to = reply_to.value_or(0);
  upload->options_.disappears_after_s = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(disappears_after_s.value_or(0), UINT32_MAX));
  auto intake = context.node.begin_file(upload->to_, offer, upload->options_);
  if (!intake) return base::unexpected(person_error(intake.error()));
  upload->intake_ = *std::move(intake);
  return upload;
}

ApiResult FileUpload::finish(ApiContext& context) {
  if (const auto why = refused(context)) return base::unexpected(*why);
  const auto sent =
      context.node.send_file(to_, *intake_, options_, context.now, context.wall);
  if (!sent) return base::unexpected(person_error(sent.error()));
  Json answer{{"message", message_json(context.node, *sent)}};
  if (const auto file = context.node.find_file(sent->id)) {
    answer["file"] = file_json(context.node, *file, context.now);
  }
  return ApiAnswer{std::move(answer), true};
}

bool FileContent::is_asked(const ApiRequest& request, std::string& message) {
  constexpr std::string_view kBefore = "/v1/files/";
  constexpr std::string_view kAfter = "/content";
  const std::string_view path = request.path;
  if (request.method != "GET" || !path.starts_with(kBefore) || !path.ends_with(kAfter) ||
      path.size() <= kBefore.size() + kAfter.size()) {
    return false;
  }
  message = path.substr(kBefore.size(), path.size() - kBefore.size() - kAfter.size());
  return true;
}

base::Expected<std::shared_ptr<ByteSource>, ApiError> FileContent::begin(
    NodeHost& host, const std::string& message) {
  const auto number = message_number(message);
  if (!number) return base::unexpected(person_error(node::PersonError::unknown_file));
  auto reader = host.node().open_file(*number);
  if (!reader) return base::unexpected(person_error(reader.error()));
  return std::make_shared<FileContent>(host, *number, *std::move(reader));
}

base::Bytes FileContent::next() {
  base::Bytes out;
  while (out.size() < kPieceMin && !host_.node().locked()) {
    const base::Bytes piece = reader_->next();
    if (piece.empty()) break;
    out.insert(out.end(), piece.begin(), piece.end());
  }
  if (reader_->end() == node::FileReader::End::wrong) {
    host_.node().file_is_wrong(message_);
    host_.touched();
  }
  return out;
}

}  // namespace chaski::daemon
