// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace chaski::bench {

/// One kept-alive connection to the local API of a chaskid.
class ApiConnection {
 public:
  /// Connects at the first request.
  explicit ApiConnection(std::string socket) : socket_(std::move(socket)) {}
  ~ApiConnection();
  ApiConnection(const ApiConnection&) = delete;
  ApiConnection& operator=(const ApiConnection&) = delete;

  /// The body of the answer; throws std::runtime_error when it is not 200.
  std::string request(const std::string& method, const std::string& target, const std::string& body,
                      const std::string& content_type);

 private:
  void connect();
  void send_all(const std::string& bytes);
  std::string receive();

  std::string socket_;
  int fd_ = -1;
};

}  // namespace chaski::bench
