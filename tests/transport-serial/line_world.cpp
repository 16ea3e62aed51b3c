// SPDX-License-Identifier: Apache-2.0
#include "line_world.hpp"

#include <algorithm>

namespace chaski::transport_serial {
namespace {

constexpr base::Time kNever = base::Time::max();

/// Whether `got` is the beginning of `sent`.
bool begins(const std::vector<base::Bytes>& got, const std::vector<base::Bytes>& sent) {
  return got.size() <= sent.size() && std::equal(got.begin(), got.end(), sent.begin());
}

}  // namespace

LineWorld::LineWorld(Cable between, std::uint64_t seed) : cable(between), random(seed) {
  restart(0);
  restart(1);
}

void LineWorld::restart(std::size_t end) {
  auto& buffers = ends[end].buffers;
  if (auto* session = current(end)) session->ended = EndReason::closed_here;
  ends[end].line.emplace(buffers.memory(), 2048, cable.bytes_per_s, random, now_);
}

LineWorld::Session* LineWorld::current(std::size_t end) {
  auto& sessions = ends[end].sessions;
  return sessions.empty() || sessions.back().ended ? nullptr : &sessions.back();
}

void LineWorld::put(End& end, std::uint8_t byte, base::Time at) {
  if (chance(cable.losses)) return;
  for (int bit = 0; bit < 8; ++bit) {
    if (chance(cable.bit_errors)) byte = static_cast<std::uint8_t>(byte ^ (1 << bit));
  }
  if (plugged_) end.on_cable.emplace_back(at, byte);
  if (chance(cable.doublings)) end.on_cable.emplace_back(at, byte);
  if (chance(cable.breaks)) end.on_cable.emplace_back(at, 0);
}

void LineWorld::transmit(End& end, base::ByteView bytes) {
  const base::Duration byte_time(1'000'000 / cable.bytes_per_s);
  end.free_at = std::max(end.free_at, now_);
  for (const std::uint8_t byte : bytes) {
    end.free_at += byte_time;
    put(end, byte, end.free_at + cable.delay);
  }
}

void LineWorld::follow(End& end) {
  while (const auto event = end.line->next_event()) {
    if (event->opened) {
      end.sessions.emplace_back();
      end.sessions.back().role = event->role;
    } else {
      end.sessions.back().ended = event->why;
    }
  }
  while (const auto frame = end.line->next_frame()) {
    end.sessions.back().got.emplace_back(frame->begin(), frame->end());
  }
}

void LineWorld::turn(std::size_t index) {
  auto& end = ends[index];
  end.line->wake(now_);
  follow(end);
  // As much as a port would take: two packets ahead of what is on the cable.
  std::uint8_t out[kLineSizeMax];
  const base::Duration ahead(std::int64_t{2'000'000} * std::int64_t{kLineSizeMax} /
                             cable.bytes_per_s);
  while (end.free_at <= now_ + ahead) {
    if (end.line->room() && end.next) {
      if (base::Bytes frame = end.next(); !frame.empty()) {
        end.line->send(frame);
        end.sessions.back().sent.push_back(std::move(frame));
      }
    }
    const std::size_t size = end.line->next_bytes(out, now_);
    follow(end);
    if (size == 0) break;
    transmit(end, {out, size});
  }
}

/// Gives what has come by now; when the next byte comes.
base::Time LineWorld::arrive(std::size_t to) {
  auto& end = ends[to];
  auto& coming = ends[1 - to].on_cable;
  base::Bytes bytes;
  while (!coming.empty() && coming.front().first <= now_) {
    bytes.push_back(coming.front().second);
    coming.pop_front();
  }
  base::ByteView rest = bytes;
  while (!rest.empty()) {
    rest = rest.subspan(end.line->receive(rest, now_));
    follow(end);
  }
  return coming.empty() ? kNever : coming.front().first;
}

void LineWorld::run(base::Duration time, const std::function<bool()>& done) {
  const base::Time until = now_ + time;
  while (now_ < until && !(done && done())) {
    base::Time next = std::min(arrive(0), arrive(1));
    for (std::size_t i : {0u, 1u}) turn(i);
    for (const auto& end : ends) {
      if (end.next) next = std::min(next, now_ + std::chrono::milliseconds(10));
      if (const auto wakeup = end.line->next_wakeup()) next = std::min(next, *wakeup);
      if (!end.on_cable.empty()) next = std::min(next, end.on_cable.front().first);
    }
    // Bytes in groups, as the buffers of ports make them; time that stands still is found here.
    const base::Duration least = std::chrono::microseconds(500);
    now_ = std::max(std::min(next, until), now_ + least);
  }
}

std::string LineWorld::compare() const {
  for (std::size_t i : {0u, 1u}) {
    const auto& mine = ends[i].sessions;
    const auto& theirs = ends[1 - i].sessions;
    for (std::size_t s = 0; s < mine.size(); ++s) {
      if (mine[s].got.empty()) continue;
      const auto fits = [&](const Session& session) {
        return session.role != mine[s].role && begins(mine[s].got, session.sent);
      };
      if (std::none_of(theirs.begin(), theirs.end(), fits)) {
        return "session " + std::to_string(s) + " of end " + std::to_string(i) +
               " got what no session of the other sent so";
      }
    }
  }
  return {};
}

std::string LineWorld::describe() const {
  std::string text;
  for (const auto& end : ends) {
    const auto& counters = end.line->counters();
    text += "an end with " + std::to_string(end.sessions.size()) + " sessions, " +
            std::to_string(counters.bytes_received) + " bytes received, " +
            std::to_string(counters.damaged) + " packets damaged, " +
            std::to_string(counters.no_session) + " without a session, " +
            std::to_string(counters.beyond) + " beyond; ";
    if (end.sessions.empty()) continue;
    const Session& last = end.sessions.back();
    text += std::to_string(last.sent.size()) + " sent and " + std::to_string(last.got.size()) +
            " got in the last, " + (last.ended ? to_string(*last.ended) : "open") + "; ";
  }
  return text;
}

}  // namespace chaski::transport_serial
