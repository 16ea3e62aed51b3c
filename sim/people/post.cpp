// SPDX-License-Identifier: Apache-2.0
#include "sim/people/post.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <string>

#include "node/file_transfer.hpp"
#include "sim/people/parcel.hpp"
#include "sim/world/frame_hash.hpp"
#include "wire/limits.hpp"

namespace chaski::sim {
namespace {

constexpr std::uint32_t kTextSizeMin = 24;

/// Messages are told apart by their text.
std::string text_of(std::size_t message, std::uint32_t size_bytes) {
  std::string text = std::to_string(message) + " ";
  text.resize(std::max(size_bytes, kTextSizeMin), '.');
  return text;
}

std::size_t message_in(const std::string& text) {
  std::size_t message = SIZE_MAX;
  std::from_chars(text.data(), text.data() + text.size(), message);
  return message;
}

std::uint32_t lifetime_s(base::Duration lifetime) {
  // As long as a node keeps anything, where the plan says for ever.
  constexpr base::Duration kLongest = std::chrono::seconds(wire::kLifetimeMax_s);
  const auto s = std::chrono::duration_cast<std::chrono::seconds>(std::min(lifetime, kLongest));
  return static_cast<std::uint32_t>(std::max<std::int64_t>(1, s.count()));
}

}  // namespace

Post::Post(World& world, const MessagePlan& plan, std::uint32_t watched, WhoHas who_has,
           PeopleResult& result)
    : world_(world),
      plan_(plan),
      watched_max_(watched),
      who_has_(std::move(who_has)),
      result_(result),
      ways_(plan.size(), 0) {
  result_.run.outcomes.resize(plan.size());
}

std::vector<std::pair<NodeIndex, NodeIndex>> Post::partners() const {
  std::set<std::pair<NodeIndex, NodeIndex>> met;
  std::vector<std::pair<NodeIndex, NodeIndex>> partners;
  for (const PlannedMessage& message : plan_) {
    const std::pair<NodeIndex, NodeIndex> pair = std::minmax(message.from, message.to);
    if (met.insert(pair).second) partners.push_back(pair);
  }
  return partners;
}

void Post::begin(base::Time end) {
  end_ = end;
  ways_ = Ways(plan_.size(), world_.size());
  plan_next();
}

/// One planned at a time: a plan may be long.
void Post::plan_next() {
  if (next_message_ == plan_.size() || plan_[next_message_].at > end_) return;
  world_.at(plan_[next_message_].at, [this] {
    write(next_message_++);
    plan_next();
  });
}

void Post::write(std::size_t message) {
  const PlannedMessage& planned = plan_[message];
  const bool powered = world_.powered(planned.from);
  const auto id = powered ? send(message) : base::unexpected(node::PersonError::store_full);
  if (!id) {
    ++result_.not_written;
    result_.run.not_written.push_back(message);
    if (auto* follower = follower_of(message)) {
      follower->not_written(powered ? to_string(id.error()) : "its author was off");
    }
    return;
  }
  ++result_.run.totals.messages_written;
  if (const auto record = world_.store(planned.from).people().find_message(*id)) {
    envelopes_.emplace_back(message, record->envelope);
    // The parts of a file come by many ways.
    if (!goes_as_file(planned)) ways_.written(message, planned.from, record->envelope);
  }
  watch(message, *id);
  if (auto* follower = follower_of(message)) {
    const auto record = world_.store(planned.from).people().find_message(*id);
    if (record) follower->written(planned.from, planned.to, record->envelope);
  }
}

std::vector<WrittenMessage> Post::written() const {
  std::vector<WrittenMessage> out;
  for (const auto& [message, envelope] : envelopes_) {
    WrittenMessage one;
    one.envelope = envelope;
    one.author = plan_[message].from;
    one.reader = plan_[message].to;
    one.read = result_.run.outcomes[message].delivered.has_value();
    out.push_back(one);
  }
  return out;
}

base::Expected<node::MessageId, node::PersonError> Post::send(std::size_t message) {
  const PlannedMessage& planned = plan_[message];
  node::SendOptions options;
  options.lifetime_s = lifetime_s(planned.lifetime);
  if (!goes_as_file(planned)) {
    return world_.try_send(planned.from, planned.to, text_of(message, planned.size_bytes), options);
  }
  Parcel parcel(message);
  const node::FileOffer offer{parcel.name(), "application/octet-stream", planned.size_bytes};
  return world_.try_send_file(
      planned.from, planned.to, offer, [&](base::MutableByteView piece) { parcel.fill(piece); },
      options);
}

void Post::watch(std::size_t message, node::MessageId id) {
  const std::size_t every = watched_every(plan_.size(), watched_max_);
  if (every == 0 || message % every != 0 || watched_.size() == watched_max_) return;
  Watched watched;
  watched.id = id;
  watched.place = result_.run.spread.size();
  watched.held.resize(world_.size());
  watched_.push_back(std::move(watched));
  result_.run.spread.push_back({message, {{plan_[message].from, world_.now()}}});
}

void Post::look() {
  for (Watched& watched : watched_) look_for(watched);
}

void Post::look_for(Watched& watched) {
  MessageSpread& spread = result_.run.spread[watched.place];
  const PlannedMessage& planned = plan_[spread.message];
  const auto record = world_.store(planned.from).people().find_message(watched.id);
  if (!record) return;
  for (NodeIndex node = 0; node < world_.size(); ++node) {
    if (watched.held[node] || node == planned.from) continue;
    if (!world_.powered(node) || !world_.is_node(node)) continue;
    const bool read = node == planned.to && result_.run.outcomes[spread.message].delivered;
    if (!read && !world_.look_at(node).router().holds(record->envelope)) continue;
    watched.held[node] = true;
    spread.seen.emplace_back(node, world_.now());
  }
}

void Post::heard(NodeIndex node, const node::NodeEvent& event) {
  if (const auto* text = std::get_if<node::MessageChanged>(&event)) read_text(node, text->message);
  if (const auto* file = std::get_if<node::FileChanged>(&event)) look_at_file(node, file->message);
  if (const auto* taken = std::get_if<node::EnvelopeTaken>(&event)) {
    ways_.taken(node, who_has_(taken->giver), taken->id);
  }
}

void Post::tell_ways() {
  for (std::size_t message = 0; message < plan_.size(); ++message) {
    Outcome& outcome = result_.run.outcomes[message];
    outcome.carriers = ways_.carriers(message, plan_[message].to);
    if (outcome.delivered) outcome.hops = ways_.hops(message, plan_[message].to);
  }
}

void Post::read_text(NodeIndex node, node::MessageId id) {
  const auto record = world_.store(node).people().find_message(id);
  if (!record || record->direction != node::Direction::incoming) return;
  const std::size_t message = message_in(record->text);
  const bool planned_so =
      message < plan_.size() && plan_[message].to == node && !goes_as_file(plan_[message]);
  if (!planned_so || record->text != text_of(message, plan_[message].size_bytes)) {
    ++result_.never_written;
    return;
  }
  arrived(message, node, id);
}

void Post::look_at_file(NodeIndex node, node::MessageId id) {
  const node::Node& there = world_.look_at(node);
  const auto file = there.find_file(id);
  if (!file || file->direction != node::Direction::incoming) return;
  const auto message = Parcel::message_in(file->name);
  if (!message || *message >= plan_.size() || plan_[*message].to != node) return;
  if (file->state == node::FileState::whole) {
    const auto reader = there.open_file(id);
    if (reader && Parcel(*message).same_as(**reader, plan_[*message].size_bytes)) {
      return arrived(*message, node, id);
    }
  }
  if (file->state != node::FileState::under_way && file->state != node::FileState::expired) {
    ++result_.files_wrong;
  }
}

void Post::arrived(std::size_t message, NodeIndex node, node::MessageId id) {
  // Nodes carry on to the next class of lifetimes; what comes after the plan's is late.
  const PlannedMessage& planned = plan_[message];
  const bool late =
      planned.lifetime != base::Duration::max() && world_.now() >= planned.at + planned.lifetime;
  Outcome& outcome = result_.run.outcomes[message];
  if (late && !outcome.delivered) return;
  if (outcome.delivered) {
    if (read_as_[message] != id) ++result_.seen_twice;
    return;
  }
  outcome.delivered = world_.now();
  outcome.carriers_then = ways_.carriers(message, node);
  read_as_[message] = id;
  ++delivered_;
  if (auto* follower = follower_of(message)) follower->read(node);
  result_.run.totals.message_bytes += plan_[message].size_bytes;
  std::uint64_t& hash = result_.run.event_hash;
  hash = mix(hash, (std::uint64_t{message} << 32) | node);
  hash = mix(hash, static_cast<std::uint64_t>(base::to_us(world_.now())));
}

}  // namespace chaski::sim
