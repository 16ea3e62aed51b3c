// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "daemon/api_types.hpp"
#include "daemon/byte_source.hpp"
#include "daemon/node_host.hpp"
#include "node/file_intake.hpp"
#include "node/file_reader.hpp"
#include "node/file_transfer.hpp"

namespace chaski::daemon {

/// Of GET /v1/files.
Json file_json(const node::Node& node, const node::FileInfo& file, base::Time now);

/// POST /v1/files: a file that comes in as the body of a request, to be sent.
class FileUpload {
 public:
  /// What its query and length say, checked; the first bytes may come then.
  static base::Expected<std::unique_ptr<FileUpload>, ApiError> begin(
      ApiContext& context, const ApiRequest& request, std::optional<std::uint64_t> length);

  /// The next bytes. False when the disk refuses, or they are too many.
  bool add(base::ByteView bytes) { return intake_->add(bytes); }
  /// After the last one: the message that tells of it, to be answered once it is durable.
  ApiResult finish(ApiContext& context);

 private:
  FileUpload() = default;
  std::string to_;
  node::SendOptions options_;
  std::unique_ptr<node::FileIntake> intake_;
};

/// GET /v1/files/{id}/content: a file that came, as it is written somewhere.
class FileContent final : public ByteSource {
 public:
  /// Whether a request is for it; `message` is whose file then.
  static bool is_asked(const ApiRequest& request, std::string& message);
  static base::Expected<std::shared_ptr<ByteSource>, ApiError> begin(NodeHost& host,
                                                                     const std::string& message);
  FileContent(NodeHost& host, node::MessageId message, std::unique_ptr<node::FileReader> reader)
      : host_(host), message_(message), reader_(std::move(reader)) {}

  base::Bytes next() override;
  bool is_whole() const override { return reader_->end() == node::FileReader::End::right; }

 private:
  static constexpr std::size_t kPieceMin = 256u << 10;

  NodeHost& host_;
  node::MessageId message_;
  std::unique_ptr<node::FileReader> reader_;
};

}  // namespace chaski::daemon
