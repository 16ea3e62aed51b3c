// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "daemon/api_types.hpp"
#include "daemon/byte_source.hpp"
#include "daemon/node_host.hpp"
#include "node/carry_out.hpp"

namespace chaski::daemon {

/// POST /v1/carry/in: one block of a bundle that somebody carried here; answered once what it
/// brought is durable.
ApiResult carry_in(ApiContext& context, const ApiRequest& request);

/// POST /v1/carry/out: a bundle for a stick, and behind it a JSON object of what became of it.
class CarryStream final : public ByteSource {
 public:
  static base::Expected<std::shared_ptr<ByteSource>, ApiError> begin(NodeHost& host,
                                                                     ApiContext& context,
                                                                     const ApiRequest& request);
  CarryStream(NodeHost& host, std::unique_ptr<node::CarryOut> out)
      : host_(host), out_(std::move(out)) {}

  base::Bytes next() override;
  bool goes_on() const override { return !ended_; }
  bool is_whole() const override { return ended_; }

 private:
  NodeHost& host_;
  std::unique_ptr<node::CarryOut> out_;
  bool ended_ = false;
};

}  // namespace chaski::daemon
