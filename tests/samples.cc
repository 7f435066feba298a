#include "tests/samples.h"

#include <array>
#include <cmath>
#include <numbers>
#include <numeric>
#include <vector>

namespace samples {
namespace {

std::vector<qsim::Qubit> first_qubits(int n) {
  std::vector<qsim::Qubit> out(static_cast<std::size_t>(n));
  std::iota(out.begin(), out.end(), 0);
  return out;
}

}  // namespace

qsim::Matrix reflection(Eigen::Index size) {
  Eigen::VectorXcd v(size);
  for (Eigen::Index k = 0; k < size; ++k) {
    v(k) = {1.0 / (3.0 + static_cast<double>(k)), std::sqrt(static_cast<double>(k))};
  }
  v.normalize();
  return qsim::Matrix::Identity(size, size) - 2.0 * v * v.adjoint();
}

qsim::Operation operation(const qsim::GateRow& row) {
  const qsim::Expression w = qsim::Parameter("w[0]");
  const std::array<qsim::Expression, 3> angles{sin(w * 0.1) / 3.0 - std::numbers::pi, w,
                                               -1.0 / 3.0};
  qsim::Operation op;
  op.row = &row;
  op.targets = row.targets == 0 ? std::vector<qsim::Qubit>{3, 0} : first_qubits(row.targets);
  op.controls = {{4, true}, {5, false}};
  op.angles.assign(angles.begin(), angles.begin() + row.angles);
  if (row.kind == qsim::GateKind::kPauli) op.pauli = "ZY";
  if (row.kind == qsim::GateKind::kUnitary || row.kind == qsim::GateKind::kEvolution) {
    op.matrix = std::make_shared<const qsim::Matrix>(reflection(4));
    op.label = "V";
  }
  if (row.kind == qsim::GateKind::kInitialize) {
    op.angles = {0.1, w, -0.0};
    op.targets = first_qubits(6);
  }
  if (!qsim::is_gate(row)) op.controls.clear();
  if (row.kind == qsim::GateKind::kMeasure) {
    op.bit = 2;
    op.readout_error = std::make_shared<const qsim::ReadoutError>(qsim::ReadoutError{0.1, 1.0 / 3});
  }
  if (row.kind == qsim::GateKind::kMeasure || row.kind == qsim::GateKind::kReset) op.targets = {4};
  if (row.kind == qsim::GateKind::kChannel) {
    const qsim::Matrix one = qsim::Matrix::Identity(4, 4);
    op.channel = std::make_shared<const qsim::Channel>(qsim::Channel{
        .name = "flip", .parameters = {0.36}, .kraus = {0.8 * one, 0.6 * reflection(4)}});
  }
  return op;
}

std::shared_ptr<const qsim::Condition> condition() {
  return std::make_shared<const qsim::Condition>(
      qsim::Condition{{{1}, {false}, true}, {{2, 3}, {true, true}, false}});
}

qsim::Circuit wires() { return qsim::Circuit({{"q", 6}}, {{"c", 2}, {"d", 2}}); }

qsim::Circuit every_gate() {
  qsim::Circuit circuit = wires();
  for (const qsim::GateRow& row : qsim::gate_table()) {
    if (row.kind == qsim::GateKind::kInitialize) circuit.add(operation(row));
  }
  for (const qsim::GateRow& row : qsim::gate_table()) {
    if (row.kind != qsim::GateKind::kInitialize) circuit.add(operation(row));
  }
  return circuit;
}

}  // namespace samples
