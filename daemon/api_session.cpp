// SPDX-License-Identifier: Apache-2.0
#include "daemon/api_session.hpp"

#include <algorithm>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <optional>
#include <utility>

#include "daemon/api_carry.hpp"
#include "daemon/api_files.hpp"
#include "daemon/api_json.hpp"
#include "daemon/api_routes.hpp"
#include "daemon/api_server.hpp"
#include "daemon/event_stream.hpp"
#include "daemon/message_batch.hpp"
#include "daemon/status_report.hpp"

namespace chaski::daemon {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Socket = asio::local::stream_protocol::socket;
using Stream = beast::basic_stream<asio::local::stream_protocol>;
using boost::system::error_code;

constexpr std::size_t kReadPieceMax = 64u << 10;
constexpr std::size_t kUploadPiece = 256u << 10;
constexpr std::size_t kLingerBytesMax = 64u << 20;
constexpr std::size_t kLingerStep = 64u << 10;
constexpr std::chrono::seconds kLingerTime{5};
constexpr const char* kJsonType = "application/json";
constexpr const char* kTextType = "text/plain; charset=utf-8";
constexpr const char* kLinesType = "application/x-ndjson";

class Session final : public ApiSession, public std::enable_shared_from_this<Session> {
 public:
  Session(Socket socket, std::shared_ptr<ApiShared> shared)
      : stream_(std::move(socket)), shared_(std::move(shared)) {}
  ~Session() override {
    if (subscription_) shared_->events.unsubscribe(*subscription_);
    shared_->session_ended();
  }

  void start() override { read_header(); }
  void stop() override {
    stopping_ = true;
    if (idle_ || events_) close();
  }

 private:
  using Parser = http::request_parser<http::string_body>;

  void close() {
    error_code ignored;
    stream_.socket().shutdown(Socket::shutdown_both, ignored);
    stream_.close();
  }

  void read_header() {
    idle_ = true;
    buffer_.shrink_to_fit();
    parser_.emplace();
    parser_->header_limit(ApiServer::kHeaderSizeMax);
    parser_->body_limit(attachment::kFileSizeMax);  // each kind of request has its own below
    stream_.expires_after(ApiServer::kRequestTimeout);
    http::async_read_header(stream_, buffer_, *parser_,
                            [self = shared_from_this()](error_code error, std::size_t) {
                              self->idle_ = false;
                              self->on_header(error);
                            });
  }

  /// The body is read in pieces of what the buffer has room for; by itself it has 512 bytes.
  void make_room(std::uint64_t body_size) {
    const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(body_size, kReadPieceMax));
    buffer_.reserve(std::min(buffer_.size() + piece, buffer_.max_size()));
  }

  void on_header(error_code error) {
    if (error == http::error::end_of_stream || error == beast::error::timeout) return close();
    if (error) return refuse_bytes(error);
    batch_type_ = parser_->get()[http::field::content_type].starts_with(kLinesType);
    ApiRequest request;
    request.method = std::string(parser_->get().method_string());
    const bool is_path = parse_target(parser_->get().target(), request);
    if (is_path && request.method == "POST" && request.path == "/v1/files") {
      return start_upload(request);
    }
    const bool is_long = batch_type_ || (is_path && request.path == "/v1/carry/out");
    const std::size_t size_max = is_long ? ApiServer::kBatchSizeMax : ApiServer::kBodySizeMax;
    parser_->body_limit(size_max);
    const auto length = parser_->content_length();
    make_room(length.value_or(0));
    if (length && *length > size_max) {
      return refuse_bytes(http::error::body_limit);
    }
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](error_code e, std::size_t) {
                       if (e == beast::error::timeout) return self->close();
                       if (e) return self->refuse_bytes(e);
                       self->on_request();
                     });
  }

  /// What came is no HTTP request, or too large: answered once, then closed.
  void refuse_bytes(error_code error) {
    if (error.category() != make_error_code(http::error::bad_method).category()) return close();
    keep_alive_ = false;
    linger_bytes_ = kLingerBytesMax;
    if (error == http::error::body_limit) {
      return answer(413, error_json({413, "too_large", "the body is too large",
                                     "send at most 1 MiB, or 16 MiB of lines"}));
    }
    if (error == http::error::partial_message) return close();
    answer(400, error_json(bad_request("this is no HTTP request (" + error.message() + ")",
                                       "see docs/api.md")));
  }

  ApiContext context() {
    return {shared_->host.node(),      shared_->host.store(),    shared_->host.now(),
            shared_->host.wall(),      shared_->host.writable(), shared_->host.stopping(),
            status_,                  stop_,
            shared_->host.config().invite_price,
            shared_->vault.state() == VaultState::locked};
  }

  void on_request() {
    request_ = parser_->release();
    keep_alive_ = request_.keep_alive();
    ApiRequest request;
    request.method = std::string(request_.method_string());
    if (!parse_target(request_.target(), request)) {
      return answer(400, error_json(bad_request("the path is malformed", "see docs/api.md")));
    }
    if (request.path != "/v1/status" && request.path != "/v1/events") shared_->vault.used();
    if (request.method == "GET" && request.path == "/v1/events") return start_events(request);
    if (request.method == "POST" && request.path == "/v1/messages" && batch_type_) {
      return start_batch();
    }
    request.body = request_.body();
    request.content_type = request_[http::field::content_type];
    if (request.method == "POST" && request.path == "/v1/backup") return start_backup(request);
    if (VaultDesk::takes(request.path)) return ask_vault(request);
    if (request.method == "POST" && request.path == "/v1/carry/in") {
      ApiContext now = context();
      return answer(carry_in(now, request));
    }
    if (request.method == "POST" && request.path == "/v1/carry/out") return start_carry(request);
    if (std::string file; FileContent::is_asked(request, file)) {
      return start_source(FileContent::begin(shared_->host, file));
    }
    ApiContext now = context();
    answer(dispatch(now, request));
  }

  void ask_vault(const ApiRequest& request) {
    shared_->vault.handle(request, [self = shared_from_this()](ApiResult result) {
      if (self->shared_->vault.panicked()) self->stop_asked_ = true;
      self->answer(std::move(result));
    });
  }

  void answer(ApiResult result) {
    if (!result) return answer(result.error().status, error_json(result.error()));
    if (result->plain_text) {
      return answer(200, kTextType, std::move(result->body.get_ref<std::string&>()));
    }
    if (!result->after_commit) return answer(200, result->body);
    answer_after_commit(result->body);
  }

  void answer_after_commit(const Json& body) {
    shared_->host.after_commit([self = shared_from_this(), body](bool durable) {
      if (durable) return self->answer(200, body);
      self->answer(503, error_json(store_refuses()));
    });
  }

  void answer(unsigned status, const Json& body) { answer(status, kJsonType, dump(body) + "\n"); }

  void answer(unsigned status, const char* type, std::string body) {
    if (stopping_) keep_alive_ = false;
    response_ = {};
    response_.version(11);
    response_.result(status);
    response_.set(http::field::content_type, type);
    response_.keep_alive(keep_alive_);
    response_.body() = std::move(body);
    response_.prepare_payload();
    stream_.expires_after(ApiServer::kWriteTimeout);
    http::async_write(
        stream_, response_,
        [self = shared_from_this()](error_code error, std::size_t) { self->on_answered(error); });
  }

  void on_answered(error_code error) {
    if (std::exchange(stop_asked_, false)) shared_->stop();
    if (!error && linger_bytes_ > 0) return linger();
    if (error || !keep_alive_ || stopping_) return close();
    read_header();
  }

  /// A client that is still sending what was refused gets to read why only if it is let finish.
  void linger() {
    error_code ignored;
    stream_.socket().shutdown(Socket::shutdown_send, ignored);
    stream_.expires_after(kLingerTime);
    drain();
  }

  void drain() {
    discarded_.resize(kLingerStep);
    stream_.async_read_some(
        asio::buffer(discarded_), [self = shared_from_this()](error_code error, std::size_t size) {
          self->linger_bytes_ -= std::min(size, self->linger_bytes_);
          if (error || self->linger_bytes_ == 0) return self->close();
          self->drain();
        });
  }

  // Batches.

  void start_batch() {
    if (shared_->host.stopping()) {
      return answer(503, error_json({503, "stopping", "the node is stopping", "start it again"}));
    }
    batch_.emplace(std::move(request_.body()));
    step_batch();
  }

  void step_batch() {
    ApiContext now = context();
    batch_->step(now);
    shared_->host.after_commit([self = shared_from_this()](bool durable) {
      self->batch_->settle(durable);
      if (!self->batch_->done()) return self->step_batch();
      self->answer(200, kLinesType, self->batch_->take_answer());
      self->batch_.reset();
    });
  }

  // Files that come in.

  void start_upload(const ApiRequest& request) {
    shared_->vault.used();
    const auto length = parser_->content_length();
    std::optional<std::uint64_t> size;
    if (length) size = *length;
    ApiContext now = context();
    auto upload = FileUpload::begin(now, request, size);
    keep_alive_ = upload && parser_->get().keep_alive();
    linger_bytes_ = upload ? 0 : std::max<std::size_t>(size.value_or(0), 1);
    if (!upload) return answer(upload.error().status, error_json(upload.error()));
    upload_ = *std::move(upload);
    upload_parser_.emplace(std::move(*parser_));
    piece_.resize(kUploadPiece);
    buffer_.reserve(std::min(kReadPieceMax, buffer_.max_size()));
    read_upload();
  }

  void read_upload() {
    auto& body = upload_parser_->get().body();
    body.data = piece_.data();
    body.size = piece_.size();
    stream_.expires_after(ApiServer::kRequestTimeout);
    http::async_read(stream_, buffer_, *upload_parser_,
                     [self = shared_from_this()](error_code error, std::size_t) {
                       if (error == http::error::need_buffer) error = {};
                       if (error) return self->upload_.reset(), self->close();
                       self->on_upload_piece();
                     });
  }

  void on_upload_piece() {
    const std::size_t size = piece_.size() - upload_parser_->get().body().size;
    shared_->vault.used();
    if (!upload_->add(base::ByteView(piece_).first(size))) {
      upload_.reset();
      keep_alive_ = false;
      linger_bytes_ = std::max<std::size_t>(upload_parser_->content_length_remaining().value_or(0),
                                            1);
      return answer(base::unexpected(store_refuses()));
    }
    if (!upload_parser_->is_done()) return read_upload();
    ApiContext now = context();
    ApiResult result = upload_->finish(now);
    upload_.reset();
    answer(std::move(result));
  }

  // Backups, bundles, and files that are saved.

  void start_backup(const ApiRequest& request) {
    shared_->vault.backup(request, [self = shared_from_this()](auto source) {
      if (!source) return self->start_source(base::unexpected(source.error()));
      self->start_source(std::shared_ptr<ByteSource>(*source));
    });
  }

  /// By what is committed with the first of them a node knows its bundles again.
  void start_carry(const ApiRequest& request) {
    ApiContext now = context();
    auto source = CarryStream::begin(shared_->host, now, request);
    if (!source) return start_source(base::unexpected(source.error()));
    shared_->host.after_commit([self = shared_from_this(), stream = *source](bool durable) {
      if (durable) return self->start_source(stream);
      self->start_source(base::unexpected(store_refuses()));
    });
  }

  void start_source(base::Expected<std::shared_ptr<ByteSource>, ApiError> source) {
    if (!source) return answer(source.error().status, error_json(source.error()));
    source_ = *std::move(source);
    header_ = {};
    header_.version(11);
    header_.result(http::status::ok);
    header_.set(http::field::content_type, "application/octet-stream");
    header_.chunked(true);
    header_.keep_alive(false);
    serializer_.emplace(header_);
    stream_.expires_after(ApiServer::kWriteTimeout);
    http::async_write_header(stream_, *serializer_,
                             [self = shared_from_this()](error_code error, std::size_t) {
                               if (error) return self->close();
                               self->write_source();
                             });
  }

  void write_source() {
    piece_ = source_->next();
    stream_.expires_after(ApiServer::kWriteTimeout);
    if (piece_.empty() && source_->goes_on()) {
      return asio::post(stream_.get_executor(),
                        [self = shared_from_this()] { self->write_source(); });
    }
    if (piece_.empty()) {
      // One that was locked meanwhile has no last chunk, by which its reader knows.
      if (!source_->is_whole()) return close();
      return asio::async_write(stream_, http::make_chunk_last(),
                               [self = shared_from_this()](error_code, std::size_t) {
                                 self->close();
                               });
    }
    shared_->vault.used();
    asio::async_write(stream_, http::make_chunk(asio::buffer(piece_)),
                      [self = shared_from_this()](error_code error, std::size_t) {
                        if (error) return self->close();
                        self->write_source();
                      });
  }

  // Events.

  void start_events(const ApiRequest& request) {
    std::optional<node::MessageId> after;
    for (const auto& [key, value] : request.query) {
      if (key != "after") continue;
      after = parse_number(value);
      if (!after || *after > INT64_MAX - 1) {
        return answer(400, error_json(bad_request("after is no message number", "write ?after=7")));
      }
    }
    events_.emplace(after, [this](node::MessageId id) { return message_line(id); });
    header_ = {};
    header_.version(11);
    header_.result(http::status::ok);
    header_.set(http::field::content_type, kLinesType);
    header_.chunked(true);
    serializer_.emplace(header_);
    Json status = status_json(shared_->host, shared_->vault);
    status["event"] = "status";
    events_->offer(dump(status) + "\n", 0);
    stream_.expires_after(ApiServer::kWriteTimeout);
    writing_ = true;
    http::async_write_header(stream_, *serializer_,
                             [self = shared_from_this()](error_code error, std::size_t) {
                               self->writing_ = false;
                               if (error) return self->close();
                               self->subscribe();
                             });
  }

  std::optional<std::string> message_line(node::MessageId id) {
    if (shared_->host.node().locked()) return std::nullopt;
    const auto message = shared_->host.store().people().find_message(id);
    if (!message) return std::nullopt;
    return dump(Json{{"event", "message"},
                     {"message", message_json(shared_->host.node(), *message)}}) +
           "\n";
  }

  void subscribe() {
    // The hub holds it weakly: a listener that left is only kept by its own operations.
    subscription_ = shared_->events.subscribe(
        [weak = weak_from_this()](const std::string& line, std::uint64_t message) {
          const auto self = weak.lock();
          if (!self) return;
          self->events_->offer(line, message);
          self->write_events();
        });
    watch_for_close();
    write_events();
  }

  void watch_for_close() {
    // Read beside the stream, whose timer is for writing only.
    stream_.socket().async_wait(Socket::wait_read, [self = shared_from_this()](error_code error) {
      if (error) return;
      char byte = 0;
      error_code read_error;
      self->stream_.socket().non_blocking(true, read_error);
      const std::size_t n = self->stream_.socket().read_some(asio::buffer(&byte, 1), read_error);
      if (n == 0 && read_error == asio::error::would_block) return self->watch_for_close();
      self->close();  // it left, or speaks where it should listen
    });
  }

  void write_events() {
    if (writing_ || !stream_.socket().is_open()) return;
    chunk_ = events_->take();
    if (chunk_.empty()) return;
    writing_ = true;
    stream_.expires_after(ApiServer::kWriteTimeout);
    asio::async_write(stream_, http::make_chunk(asio::buffer(chunk_)),
                      [self = shared_from_this()](error_code error, std::size_t) {
                        self->writing_ = false;
                        self->stream_.expires_never();
                        if (error || (self->events_->ended() && !self->events_->has_more())) {
                          return self->close();
                        }
                        self->write_events();
                      });
  }

  Stream stream_;
  std::shared_ptr<ApiShared> shared_;
  beast::flat_buffer buffer_{ApiServer::kHeaderSizeMax + (64u << 10)};
  std::optional<Parser> parser_;
  http::request<http::string_body> request_;
  http::response<http::string_body> response_;
  std::optional<MessageBatch> batch_;
  std::unique_ptr<FileUpload> upload_;
  std::optional<http::request_parser<http::buffer_body>> upload_parser_;
  std::shared_ptr<ByteSource> source_;
  base::Bytes piece_;

  std::optional<EventStream> events_;
  std::optional<EventHub::Id> subscription_;
  http::response<http::empty_body> header_;
  std::optional<http::response_serializer<http::empty_body>> serializer_;
  std::string chunk_;
  std::string discarded_;
  std::size_t linger_bytes_ = 0;
  bool writing_ = false;

  bool idle_ = false;
  bool keep_alive_ = true;
  bool batch_type_ = false;
  bool stopping_ = false;
  bool stop_asked_ = false;
  std::function<Json()> status_ = [this] { return status_json(shared_->host, shared_->vault); };
  std::function<void()> stop_ = [this] { stop_asked_ = true; };
};

}  // namespace

std::shared_ptr<ApiSession> make_api_session(Socket socket, std::shared_ptr<ApiShared> shared) {
  return std::make_shared<Session>(std::move(socket), std::move(shared));
}

}  // namespace chaski::daemon
