#include "tests/mpi/counted_bytes.h"

#include <algorithm>

#include "qsim/engines/mpi/mpi_communicator.h"

namespace reference {

CountedBytes& counted_bytes() {
  static CountedBytes bytes;
  return bytes;
}

}  // namespace reference

// The linker takes this one before MPI's own.
extern "C" int MPI_Isend(const void* data, int count, MPI_Datatype type, int to, int tag,
                         MPI_Comm comm, MPI_Request* request) {
  int size = 0;
  MPI_Type_size(type, &size);
  const auto bytes = static_cast<std::uint64_t>(count) * static_cast<std::uint64_t>(size);
  auto& counted = reference::counted_bytes();
  const bool amplitudes = tag == qsim::MpiCommunicator::kAmplitudeTag;
  (amplitudes ? counted.amplitudes : counted.agreements) += bytes;
  counted.largest = std::max(counted.largest, bytes);
  return PMPI_Isend(data, count, type, to, tag, comm, request);
}
