// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <vector>

#include "e2ee/session_state.hpp"
#include "e2ee/tag_chain.hpp"

namespace chaski::e2ee::test {

/// Somebody who took a saved state, knows both identities and the protocol, and recorded
/// everything. They do not ask what the bytes are for: each 32 in a row are tried as everything.
class Thief {
 public:
  /// How far each key is followed along a chain.
  static constexpr int kReach = 48;

  Thief(base::ByteView state, std::vector<Direction> directions)
      : directions_(std::move(directions)) {
    for (std::size_t at = 0; at + 32 <= state.size(); ++at) {
      const base::ByteView window = state.subspan(at, 32);
      // As what seals a content, as the key of a message, and as that of a chain.
      keys_.emplace_back(window);
      keys_.push_back(message_secrets(MessageKey(window)).content);
      ChainKey chain(window);
      for (int i = 0; i < kReach; ++i) {
        keys_.push_back(message_secrets(next_message_key(chain)).content);
      }
      // As the key of a block, and as that of a message within one.
      TagChain block{TagBlockKey(window)};
      TagChain within{TagBlockKey{window}, TagChainKey{window}, 1};
      for (int i = 0; i < kReach; ++i) {
        tags_.insert(block.next());
        tags_.insert(within.next());
      }
    }
  }
  /// Whether any key opens it.
  bool opens(const wire::EnvelopeFields& envelope) const {
    const base::ByteView header = envelope.body.first(kHeaderSize);
    const base::ByteView sealed = envelope.body.subspan(kHeaderSize);
    base::Bytes text(sealed.size() - kAeadTagSize);
    for (const Direction& direction : directions_) {
      const auto bound = associated(direction, envelope, header);
      for (const ContentKey& key : keys_) {
        if (aead_open(key.view(), envelope.tag, bound, sealed, text)) return true;
      }
    }
    return false;
  }
  /// Whether any key gives its tag: they know whose it was.
  bool recognises(const wire::EnvelopeFields& envelope) const {
    return tags_.contains(envelope.tag);
  }

 private:
  std::vector<Direction> directions_;
  std::vector<ContentKey> keys_;
  std::set<wire::DeliveryTag> tags_;
};

}  // namespace chaski::e2ee::test
