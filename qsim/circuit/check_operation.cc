#include "qsim/circuit/check_operation.h"

#include <cmath>
#include <numeric>
#include <set>

#include "qsim/circuit/room.h"
#include "qsim/core/error.h"
#include "qsim/core/matrix.h"

namespace qsim {
namespace {

void check_carried(const Operation& op) {
  const auto k = op.targets.size();
  const bool carries_matrix =
      op.row->kind == GateKind::kUnitary || op.row->kind == GateKind::kEvolution;
  require(carries_matrix || op.matrix == nullptr, "gate '", op.row->name, "' takes no matrix");
  require(op.row->kind == GateKind::kPauli || op.pauli.empty(), "gate '", op.row->name,
          "' takes no Pauli string");
  if (op.row->kind == GateKind::kPauli) {
    std::vector<Qubit> local(k);
    std::iota(local.begin(), local.end(), 0);
    (void)PauliString::on(op.pauli, local);  // throws for wrong letters or lengths
  } else if (op.row->kind == GateKind::kUnitary) {
    require(op.matrix != nullptr, "a unitary operation has no matrix");
    require_square(*op.matrix, k, "the unitary matrix");
    require_unitary(*op.matrix, "the unitary matrix");
  } else if (op.row->kind == GateKind::kEvolution) {
    require(op.matrix != nullptr, "an evolution has no generator");
    require_square(*op.matrix, k, "the generator");
    require_hermitian(*op.matrix, "the generator");
  }
}

void check_channel(const Channel& channel, std::size_t k) {
  require(k <= kMaxChannelQubits, "the channel '", channel.name, "' acts on ", k,
          " qubits; the limit is ", kMaxChannelQubits);
  for (std::size_t i = 0; i < channel.kraus.size(); ++i) {
    require_square(channel.kraus[i], k, concat("Kraus operator ", i));
  }
  require_complete(channel.kraus, concat("the channel '", channel.name, "'"));
}

// What only some operations carry beside a matrix or letters.
void check_classical(const Operation& op, int n_bits) {
  const bool measures = op.row->kind == GateKind::kMeasure;
  require(measures == (op.bit >= 0), op.row->name, measures ? " needs" : " takes no",
          measures ? " a classical bit, got " : " classical bit, got ", op.bit);
  for (const int b : bits_of(op)) {
    require<IndexError>(b >= 0 && b < n_bits, "bit ", b, " is out of range for ", n_bits,
                        " classical bit(s)");
  }
  require(measures || !op.readout_error, op.row->name, " takes no readout error");
  if (op.readout_error) check_readout_error(*op.readout_error);
  if (!op.condition) return;
  require(!op.condition->empty(), "a condition without comparisons");
  for (const Comparison& comparison : *op.condition) {
    require(!comparison.bits.empty(), "a condition without bits");
    require(comparison.bits.size() == comparison.values.size(), "a condition compares ",
            comparison.bits.size(), " bit(s) with ", comparison.values.size(), " value(s)");
    require_distinct_bits(comparison.bits, "a condition");
  }
}

// Measurements, resets, barriers and channels.
void check_no_gate(const Operation& op) {
  const auto name = op.row->name;
  const bool on_one = op.row->kind == GateKind::kMeasure || op.row->kind == GateKind::kReset;
  require(op.controls.empty(), name, " cannot be controlled");
  require(!op.targets.empty(), name, " needs at least one qubit");
  require(!on_one || op.targets.size() == 1, name, " acts on 1 qubit, got ", op.targets.size());
  require(op.angles.empty() && !op.matrix && op.pauli.empty(), name,
          " takes no angles, matrix or Pauli string");
  const bool is_channel = op.row->kind == GateKind::kChannel;
  require(is_channel == (op.channel != nullptr), name,
          is_channel ? " needs Kraus operators" : " takes no Kraus operators");
  if (is_channel) check_channel(*op.channel, op.targets.size());
}

void check_initialize(const Operation& op, bool first) {
  require(first, "initialize must be the first operation of a circuit");
  require(op.controls.empty(), "initialize cannot be controlled");
  require(!op.targets.empty(), "initialize needs at least one qubit");
  require(!op.condition, "initialize cannot depend on classical bits");
  const std::size_t n_complex = op.matrix ? static_cast<std::size_t>(op.matrix->size()) : 0;
  require_amplitudes(op.angles.size() + n_complex, op.targets.size());
  if (!op.matrix) return;
  require(op.angles.empty() && op.matrix->cols() == 1,
          "initialize takes either complex amplitudes in one column, or expressions");
  for (Eigen::Index k = 0; k < op.matrix->rows(); ++k) {
    const Complex value = (*op.matrix)(k, 0);
    require(std::isfinite(value.real()) && std::isfinite(value.imag()), "amplitude ", k, " is ",
            value, "; it must be finite");
  }
}

}  // namespace

std::vector<Qubit> all_qubits(const Operation& op) {
  std::vector<Qubit> out = op.targets;
  for (const Control& control : op.controls) out.push_back(control.qubit);
  return out;
}

void require_distinct_bits(std::span<const int> bits, std::string_view where) {
  std::set<int> named;
  for (const int b : bits) {
    require(named.insert(b).second, "bit ", b, " is named twice in ", where);
  }
}

void check_operation(const Operation& op, int n_qubits, int n_bits, bool first) {
  require(op.row != nullptr, "an operation needs a gate");
  require_distinct(all_qubits(op), n_qubits);
  check_classical(op, n_bits);
  if (op.row->kind == GateKind::kInitialize) {
    check_initialize(op, first);
    return;
  }
  if (!is_gate(*op.row)) {
    check_no_gate(op);
    return;
  }
  require(!op.channel, "gate '", op.row->name, "' takes no Kraus operators");
  require(op.angles.size() == static_cast<std::size_t>(op.row->angles), "gate '", op.row->name,
          "' takes ", op.row->angles, " angle(s), got ", op.angles.size());
  require(op.row->targets == 0 || op.targets.size() == static_cast<std::size_t>(op.row->targets),
          "gate '", op.row->name, "' acts on ", op.row->targets, " qubit(s), got ",
          op.targets.size());
  require(!op.targets.empty(), "gate '", op.row->name, "' needs at least one qubit");
  check_carried(op);
}

}  // namespace qsim
