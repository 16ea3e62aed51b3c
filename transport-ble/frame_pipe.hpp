// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>

#include "base/bytes.hpp"

namespace chaski::transport_ble {

/// What carries frames to one device and back, whole and in order: an L2CAP channel or a lane.
///
/// Events are called from the loop, never from within a call to the pipe, and not any more after
/// end() or destruction. Set them before the loop runs again.
class FramePipe {
 public:
  struct Events {
    /// One frame, of 1 to frame_size_max() bytes.
    std::function<void(base::MutableByteView frame)> received;
    /// room() became true.
    std::function<void()> room;
    /// Called once, by whomever it was ended but end().
    std::function<void(const char* why)> ended;
  };

  virtual ~FramePipe() = default;
  virtual void start(Events events) = 0;
  /// Both ways.
  virtual std::size_t frame_size_max() const = 0;
  /// Whether send() takes a frame now. It is false as long as what was sent would keep a frame
  /// that is more urgent waiting for long: frames are pulled at the last moment.
  virtual bool room() const = 0;
  /// Takes one frame of 1 to frame_size_max() bytes; only with room().
  virtual void send(base::ByteView frame) = 0;
  /// Ends as soon as what was sent has left; `ended` follows.
  virtual void finish() = 0;
  /// Ends at once, without a word.
  virtual void end() = 0;
};

}  // namespace chaski::transport_ble
