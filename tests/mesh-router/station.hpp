// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "mesh-router/memory_envelope_store.hpp"
#include "mesh-router/router.hpp"
#include "wire/records.hpp"

namespace chaski::mesh_router::test {

using namespace std::chrono_literals;

inline base::Time at(base::Duration since_start) { return base::Time{} + since_start; }

/// An envelope as a person would seal it, with the token in the open for the test's sake.
struct Message {
  base::Bytes bytes;
  wire::EnvelopeId id;
  wire::DeliveryTag tag;
  wire::ReceiptToken token;
  std::uint32_t lifetime_s = 0;
};

struct MessageShape {
  std::size_t body_size = 160;
  std::uint32_t lifetime_s = 3'600;
  wire::Priority priority = wire::Priority::normal;
};

Message make_message_for(base::Random& random, const wire::DeliveryTag& tag,
                         const MessageShape& shape = {});
Message make_message(base::Random& random, const MessageShape& shape = {});
/// Two messages to one tag whose short ids are the same under the salt of zeros: found by a
/// search among 2^25, as somebody who had guessed the salt would.
std::pair<Message, Message> ground_pair();
/// The receipt envelope for a token, true or not.
base::Bytes make_receipt(const wire::EnvelopeId& id, const wire::ReceiptToken& token,
                         std::uint32_t lifetime_s = 3'600);

/// A person for whom all envelopes with certain tags are.
class Person final : public Recipient {
 public:
  Claim on_envelope(const wire::EnvelopeId& id, const wire::EnvelopeFields& envelope,
                    const wire::CarryState& state, base::Time now) override;

  struct Unanswered {
    wire::ReceiptBody receipt;
    std::uint32_t lifetime_s;
    std::uint64_t age_ms;
  };
  std::set<wire::DeliveryTag> tags;
  std::map<wire::EnvelopeId, int> inbox;  ///< how often each was read
  std::vector<Unanswered> unanswered;
  int asked = 0;
};

/// A record of a frame that may be tampered with.
struct Said {
  wire::RecordType type;
  base::Bytes payload;
};

/// One router with a disk, a person and the owner's loop; what is not committed dies in a crash.
class Station {
 public:
  explicit Station(std::uint64_t seed, const RouterLimits& limits = {},
                   std::uint64_t store_bytes = 64u << 20);

  Router& router() { return *router_; }
  /// The owner's loop after an input: receipts, events, commit.
  void settle(base::Time now);
  /// Receipts and events only; what came stays uncommitted.
  void drain(base::Time now);
  void commit(base::Time now);
  void crash(base::Time now);
  wire::EnvelopeId send(const Message& message, base::Time now, std::uint8_t hops = 16);

  template <class Event>
  std::vector<Event> events() const {
    std::vector<Event> found;
    for (const RouterEvent& event : log) {
      if (const auto* wanted = std::get_if<Event>(&event)) found.push_back(*wanted);
    }
    return found;
  }
  bool delivered(const wire::EnvelopeId& id) const;
  std::uint64_t dropped(DropReason reason) const {
    return router_->counters().dropped[static_cast<std::size_t>(reason)];
  }
  bool holds(const wire::EnvelopeId& id) const { return router_->holds(id); }

  MemoryEnvelopeStore store;
  Person person;
  /// Copying the disk at every commit takes its time; tests that crash nobody do without.
  bool keeps_disk = true;
  /// Of a liar: what changes the records of its frames, those that it sends and those that it gets.
  std::function<void(std::vector<Said>&)> says, hears;
  std::vector<RouterEvent> log;

 private:
  base::SeededRandom random_;
  RouterLimits limits_;
  MemoryEnvelopeStore durable_store_;
  Person durable_person_;
  std::unique_ptr<Router> router_;
};

/// Stations and links between them in virtual time; frames arrive at once and in order.
class Net {
 public:
  explicit Net(std::uint64_t seed = 1) : random(seed) {}
  Station& add(const RouterLimits& limits = {}, std::uint64_t store_bytes = 64u << 20);
  Station& operator[](std::size_t index) { return *stations_[index]; }
  std::size_t size() const { return stations_.size(); }

  void connect(std::size_t a, std::size_t b, std::size_t frame_size = wire::kFrameSizeMax);
  void disconnect(std::size_t a, std::size_t b);
  void disconnect_all(std::size_t a);
  /// The next link made by connect() is salted so, as if somebody had guessed it.
  void guess_next_salt(const ShortIdSalt& salt) { guessed_salt_ = salt; }
  bool connected(std::size_t a, std::size_t b) const;
  /// The station sleeps: its neighbours lose it, and it learns of that in resume(). Nobody may call
  /// it in between.
  void suspend(std::size_t a);
  void resume(std::size_t a);
  bool asleep(std::size_t a) const { return asleep_.contains(a); }
  /// Loses what was not committed; all its links break.
  void crash(std::size_t a);
  /// Moves frames until nobody has anything to say, waking whoever asks to be woken now.
  void pump();
  /// One frame over one random link that has one; false when none has.
  bool step();
  void run(base::Duration duration);
  base::LinkId link(std::size_t a, std::size_t b) const;

  base::Time now = at(1h);
  base::SeededRandom random;
  std::uint64_t frames = 0;
  bool link_broken = false;  ///< a router called a link broken
  bool commit_at_once = true;

 private:
  struct Link {
    std::size_t a, b;
    std::size_t frame_size;
    base::LinkId id;
  };
  bool move_one(const Link& link, bool from_a);
  std::optional<Link> find(std::size_t a, std::size_t b) const;

  std::vector<std::unique_ptr<Station>> stations_;
  std::vector<Link> links_;
  std::map<std::size_t, std::vector<base::LinkId>> asleep_;  // with the links that died meanwhile
  std::uint64_t next_link_ = 1;
  std::optional<ShortIdSalt> guessed_salt_;
};

NeighbourId name_of(std::size_t station);

}  // namespace chaski::mesh_router::test
