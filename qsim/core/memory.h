#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string>

namespace qsim {

// Bytes this process may still take: the smaller of what the machine and its control group have.
std::uint64_t available_memory();

// Throws MemoryError naming both figures when `bytes` are not available. `what` says for what:
// "a 34-qubit state in double precision".
void require_memory(double bytes, const std::string& what);

// The same for what takes twice as much for each further qubit; names how many there is room for.
void require_memory_of_qubits(double bytes, const std::string& what, int n_qubits);

// Aligned to a cache line and to the widest vector register.
inline constexpr std::size_t kAlignment = 64;

struct AlignedDelete {
  void operator()(void* pointer) const {
    ::operator delete (pointer, std::align_val_t{kAlignment});
  }
};

template <class T>
using AlignedArray = std::unique_ptr<T[], AlignedDelete>;  // NOLINT(modernize-avoid-c-arrays)

// Asks for huge pages where a fresh block is large: gates on 24 qubits then take two thirds of the
// time, and making the state a fifth, as addresses are translated and pages faulted in 2 MiB at a
// time. Does nothing where the system has none.
void prefer_huge_pages(void* block, std::size_t bytes);

// Uninitialised, so that the threads that first write the pages own them.
template <class T>
AlignedArray<T> aligned_array(std::size_t count) {
  void* const block = ::operator new (count * sizeof(T), std::align_val_t{kAlignment});
  prefer_huge_pages(block, count * sizeof(T));
  return AlignedArray<T>(static_cast<T*>(block));
}

}  // namespace qsim
