// SPDX-License-Identifier: Apache-2.0
#include "e2ee/sealing.hpp"
#include "e2ee/session.hpp"
#include "tools/bench/e2ee_contender.hpp"

namespace chaski::bench {
namespace {

class ChaskiContender final : public Contender {
 public:
  ChaskiContender() { set_up(); }
  std::string name() const override { return "chaski"; }

  void set_up() override {
    const auto pending = e2ee::make_invite(anna_, "Anna", random_);
    auto accepted = e2ee::accept_invite(bela_, "Bela", pending.invite, random_);
    require(accepted.has_value(), "chaski", "accept_invite");
    auto answered = e2ee::open_answer(anna_, pending, accepted->answer.body);
    require(answered.has_value(), "chaski", "open_answer");
    sides_.clear();
    sides_.push_back(std::move(accepted->session));
    sides_.push_back(std::move(answered->session));
  }
  void one_way() override { pass(0); }
  void ping_pong() override {
    pass(turn_);
    turn_ = 1 - turn_;
  }
  /// What is in the body beside the content, and the tag. A content takes all that the padding
  /// leaves; write_content() needs at least 15 bytes of it for itself.
  std::size_t overhead() const override {
    return wire::DeliveryTag::kSize + e2ee::kHeaderSize + e2ee::kAeadTagSize;
  }
  std::string overhead_note() const override {
    return "tag 8, encrypted header 36, authenticator 16";
  }

 private:
  void pass(std::size_t from) {
    const auto sealed = sides_[from].seal(content_, 86'400, wire::Priority::normal, random_);
    const auto envelope = wire::decode_envelope(sealed.envelope);
    require(envelope.has_value(), "chaski", "decode_envelope");
    changes_.added.clear();
    changes_.removed.clear();
    const auto opened = sides_[1 - from].open(*envelope, {}, changes_);
    require(opened && opened->payload == content_.payload, "chaski", "open");
  }

  base::SeededRandom random_{3};
  e2ee::Identity anna_ = e2ee::Identity::generate(random_);
  e2ee::Identity bela_ = e2ee::Identity::generate(random_);
  std::vector<e2ee::Session> sides_;
  e2ee::Content content_ = bench_content();
  e2ee::TagChanges changes_;
  std::size_t turn_ = 0;
};

}  // namespace

std::unique_ptr<Contender> make_chaski_contender() {
  return std::make_unique<ChaskiContender>();
}

}  // namespace chaski::bench
