// SPDX-License-Identifier: Apache-2.0
#include "tools/bench/cpu_time.hpp"
#include "tools/bench/e2ee_look_up.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "e2ee/session.hpp"
#include "node/tag_table.hpp"
#include "tools/bench/e2ee_contender.hpp"

namespace chaski::bench {
namespace {

constexpr std::uint32_t kContacts = 1'000;
constexpr int kRounds = 15;

/// We and 1,000 contacts of ours, and the table over all of them, as a node has it.
class Crowd {
 public:
  Crowd() {
    const auto us = e2ee::Identity::generate(random_);
    for (std::uint32_t i = 0; i < kContacts; ++i) {
      const auto them = e2ee::Identity::generate(random_);
      const auto pending = e2ee::make_invite(us, "", random_);
      auto accepted = e2ee::accept_invite(them, "", pending.invite, random_);
      auto answered = e2ee::open_answer(us, pending, accepted->answer.body);
      for (const auto& tag : answered->session.expected_tags()) table_.add(tag, owner(i));
      theirs_.push_back(std::move(accepted->session));
      ours_.push_back(std::move(answered->session));
    }
  }
  /// One message of every contact, in any order.
  std::vector<std::pair<std::uint32_t, base::Bytes>> messages() {
    std::vector<std::pair<std::uint32_t, base::Bytes>> out;
    const e2ee::Content content = bench_content();
    for (std::uint32_t i = 0; i < kContacts; ++i) {
      out.emplace_back(i,
                       theirs_[i].seal(content, 86'400, wire::Priority::normal, random_).envelope);
    }
    for (std::size_t i = out.size(); i > 1; --i) std::swap(out[i - 1], out[random_.below(i)]);
    return out;
  }
  /// Opens all by looking up whose they are and keeping the table; nanoseconds a message.
  double open_by_table(const std::vector<std::pair<std::uint32_t, base::Bytes>>& messages) {
    const double start = cpu_ns();
    for (const auto& [contact, bytes] : messages) {
      const auto envelope = wire::decode_envelope(bytes);
      const auto found = table_.find(envelope->tag);
      require(found && found->contact == contact, "chaski", "a look-up");
      changes_ = {};
      require(ours_[found->contact].open(*envelope, {}, changes_).has_value(), "chaski", "open");
      for (const auto& tag : changes_.added) table_.add(tag, *found);
      for (const auto& tag : changes_.removed) table_.remove(tag, *found);
    }
    return (cpu_ns() - start) / kContacts;
  }
  /// The same when it is known whose they are: the ratchet alone. The table is kept afterwards.
  double open_knowing(const std::vector<std::pair<std::uint32_t, base::Bytes>>& messages) {
    std::vector<e2ee::TagChanges> changes(kContacts);
    const double start = cpu_ns();
    for (const auto& [contact, bytes] : messages) {
      const auto envelope = wire::decode_envelope(bytes);
      changes[contact] = {};
      require(ours_[contact].open(*envelope, {}, changes[contact]).has_value(), "chaski", "open");
    }
    const double took = (cpu_ns() - start) / kContacts;
    for (std::uint32_t i = 0; i < kContacts; ++i) {
      for (const auto& tag : changes[i].added) table_.add(tag, owner(i));
      for (const auto& tag : changes[i].removed) table_.remove(tag, owner(i));
    }
    return took;
  }
  /// Nanoseconds to see that a tag is nobody's here.
  double miss() {
    std::vector<wire::DeliveryTag> strangers(100'000);
    for (auto& tag : strangers) tag = random_.bytes<wire::DeliveryTag>();
    std::size_t found = 0;
    const double start = cpu_ns();
    for (const auto& tag : strangers) found += table_.find(tag).has_value();
    const double took = (cpu_ns() - start) / static_cast<double>(strangers.size());
    require(found == 0, "chaski", "a stranger's tag");
    return took;
  }
  std::size_t tags() const { return table_.size(); }

 private:
  static node::TagOwner owner(std::uint32_t contact) {
    return {.kind = node::TagOwner::Kind::session, .contact = contact};
  }
  base::SeededRandom random_{5};
  node::TagTable table_;
  std::vector<e2ee::Session> ours_;
  std::vector<e2ee::Session> theirs_;
  e2ee::TagChanges changes_;
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

void look_ups(Report& report) {
  Crowd crowd;
  std::vector<double> with;
  std::vector<double> without;
  std::vector<double> miss;
  for (int round = 0; round < kRounds; ++round) {
    with.push_back(crowd.open_by_table(crowd.messages()));
    without.push_back(crowd.open_knowing(crowd.messages()));
    miss.push_back(crowd.miss());
  }
  report.add(fmt::format("open, {} contacts, {} tags in one table", kContacts, crowd.tags()),
             median(with), "ns", "random order, one look-up, the table brought up to date");
  report.add("the same, known whose it is", median(without), "ns", "the ratchet alone");
  report.add("what finding out whose it is adds", median(with) - median(without), "ns");
  report.add("a tag that is nobody's here", median(miss), "ns");
}

}  // namespace chaski::bench
