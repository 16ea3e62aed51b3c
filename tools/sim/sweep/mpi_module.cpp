// SPDX-License-Identifier: Apache-2.0
// The module chaski-sim-mpi.so. MPI's own answer to errors is to end all ranks, which is ours too.
#define OMPI_SKIP_MPICXX 1
#include <mpi.h>

#include <climits>

#include "base/assert.hpp"
#include "tools/sim/sweep/mpi_line.hpp"

namespace chaski::tools {
namespace {

class OpenMpiLine final : public MpiLine {
 public:
  OpenMpiLine() {
    MPI_Init(nullptr, nullptr);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks_);
  }

  int rank() const override { return rank_; }
  int ranks() const override { return ranks_; }

  void send(int rank, MpiTag tag, const std::string& text) override {
    CHASKI_ASSERT(text.size() <= INT_MAX);
    MPI_Send(text.data(), static_cast<int>(text.size()), MPI_BYTE, rank, static_cast<int>(tag),
             MPI_COMM_WORLD);
  }

  std::optional<Message> receive() override {
    int there = 0;
    MPI_Status status;
    MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &there, &status);
    if (there == 0) return {};
    int size = 0;
    MPI_Get_count(&status, MPI_BYTE, &size);
    Message message{status.MPI_SOURCE, static_cast<MpiTag>(status.MPI_TAG), {}};
    message.text.resize(static_cast<std::size_t>(size));
    MPI_Recv(message.text.data(), size, MPI_BYTE, status.MPI_SOURCE, status.MPI_TAG, MPI_COMM_WORLD,
             MPI_STATUS_IGNORE);
    return message;
  }

  void finish() override { MPI_Finalize(); }
  void abort(int code) override { MPI_Abort(MPI_COMM_WORLD, code); }

 private:
  int rank_ = 0;
  int ranks_ = 1;
};

}  // namespace
}  // namespace chaski::tools

extern "C" __attribute__((visibility("default"))) chaski::tools::MpiLine* chaski_begin_mpi() {
  static chaski::tools::OpenMpiLine line;
  return &line;
}
