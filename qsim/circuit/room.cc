#include "qsim/circuit/room.h"

#include <algorithm>

#include "qsim/circuit/operation.h"
#include "qsim/core/bits.h"
#include "qsim/core/error.h"
#include "qsim/core/memory.h"

namespace qsim {
namespace {

// Of an allocation beside what was asked for.
constexpr double kOverhead = 16;

}  // namespace

void require_operations(double count, std::string_view what) {
  // An angle with its expression, and a target.
  constexpr double kBytes = sizeof(Operation) + sizeof(Expression) + sizeof(Expression::Node) +
                            sizeof(Qubit) + 3 * kOverhead;
  require_memory(count * kBytes, concat(what, " of ", in_full(count), " operations"));
}

void require_expressions(double count, std::string_view what) {
  require_memory(count * (sizeof(Expression) + sizeof(Expression::Node) + 2 * kOverhead),
                 concat(in_full(count), " ", what));
}

void require_names(double count, std::string_view what) {
  require_memory(count * (sizeof(Parameter) + kOverhead),
                 concat("a list of ", in_full(count), " names of ", what));
}

void require_amplitudes(std::size_t count, std::size_t n_qubits) {
  const int most = static_cast<int>(std::min<std::size_t>(n_qubits, kMaxQubits));
  require(count >= 1 && count <= bit(most), "initialize takes 1 to 2^", n_qubits,
          " amplitudes, got ", count);
}

}  // namespace qsim
