// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace chaski::tools {

/// What a rank says to another.
enum class MpiTag : std::uint8_t {
  hello = 1,    ///< a worker's manifest, by its hash
  point = 2,    ///< to a worker: run this
  outcome = 3,  ///< a worker's
  end = 4,      ///< to a worker: nothing is left
};

/// MPI as far as a sweep needs it: messages of text between ranks.
///
/// Behind it stands the module chaski-sim-mpi.so, which alone is linked with MPI and loaded under
/// mpirun only; see load_mpi().
class MpiLine {
 public:
  struct Message {
    int rank = 0;
    MpiTag tag = MpiTag::end;
    std::string text;
  };
  virtual ~MpiLine() = default;
  virtual int rank() const = 0;
  virtual int ranks() const = 0;
  virtual void send(int rank, MpiTag tag, const std::string& text) = 0;
  /// What has come, or nothing yet.
  virtual std::optional<Message> receive() = 0;
  /// Ends MPI, with all ranks; nothing may be sent after.
  virtual void finish() = 0;
  /// Ends all ranks at once.
  virtual void abort(int code) = 0;
};

/// How the module hands it out, once; MPI begins with it.
using BeginMpi = MpiLine*();
inline constexpr const char* kBeginMpi = "chaski_begin_mpi";

}  // namespace chaski::tools
