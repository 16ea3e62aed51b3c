// SPDX-License-Identifier: Apache-2.0
#include "node/card_answers.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace chaski::node {

CardAnswers::Key CardAnswers::key_of(const wire::StampSubject& subject) {
  Key key{};
  std::copy_n(subject.bytes.begin(), kKeySize, key.begin());
  return key;
}

std::string CardAnswers::name_of(std::size_t chunk) const {
  return "card-answers/" + std::to_string(slot_) + "/" + std::to_string(chunk);
}

void CardAnswers::load(PeopleStore& people) {
  constexpr std::size_t kHead = wire::DeliveryTag::kSize;
  for (std::size_t chunk = 0; chunk < kMax / kChunk; ++chunk) {
    const auto bytes = people.load_value(name_of(chunk));
    if (!bytes || bytes->size() < kHead) return;
    base::ByteView rest(*bytes);
    if (!base::equal(rest.first(kHead), card_.view())) return;  // of a card of before
    for (rest = rest.subspan(kHead); rest.size() >= kKeySize; rest = rest.subspan(kKeySize)) {
      Key key{};
      std::copy_n(rest.begin(), kKeySize, key.begin());
      if (known_.insert(key).second) order_.push_back(key);
    }
  }
}

void CardAnswers::add(PeopleStore& people, const Key& key) {
  CHASKI_ASSERT(!full());
  if (!known_.insert(key).second) return;
  const std::size_t chunk = order_.size() / kChunk;
  order_.push_back(key);
  base::Bytes bytes(card_.bytes.begin(), card_.bytes.end());
  for (std::size_t i = chunk * kChunk; i < order_.size(); ++i)
    bytes.insert(bytes.end(), order_[i].begin(), order_[i].end());
  people.save_value(name_of(chunk), bytes);
}

void CardAnswers::wipe(PeopleStore& people) {
  for (std::size_t chunk = 0; chunk * kChunk < order_.size(); ++chunk)
    people.save_value(name_of(chunk), {});
  order_.clear();
  known_.clear();
}

}  // namespace chaski::node
