#include <set>

#include "qsim/circuit/circuit.h"
#include "qsim/circuit/gate_table.h"
#include "qsim/core/error.h"
#include "qsim/engines/execute.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"

namespace {

using qsim::GateKind;
using qsim::GateRow;
using qsim::Operation;
using reference::Dice;
using reference::difference;
using reference::Matrix;

constexpr double kExact = 1e-12;

std::vector<const GateRow*> rows() {
  std::vector<const GateRow*> out;
  for (const GateRow& row : qsim::gate_table()) {
    if (qsim::is_gate(row)) out.push_back(&row);
  }
  return out;
}

// An operation of the row without controls on qubits 0, 1, …, so that its matrix is the gate's.
Operation plain(const GateRow& row, Dice& dice) {
  Operation op = qsim::Operation{};
  do {
    op = reference::random_operation(row, 3, 0, dice);
  } while (op.row->targets == 0 && op.targets.size() != 2);
  for (std::size_t k = 0; k < op.targets.size(); ++k) op.targets[k] = static_cast<int>(k);
  return op;
}

Matrix library_matrix(const Operation& op) {
  qsim::Circuit circuit(static_cast<int>(op.targets.size()));
  return qsim::unitary(circuit.add(op));
}

// The product of the primitives, each expanded by definition.
Matrix product(const std::vector<qsim::Primitive>& primitives, int n_qubits) {
  const Eigen::Index size = Eigen::Index{1} << n_qubits;
  Matrix out = Matrix::Identity(size, size);
  for (const qsim::Primitive& primitive : primitives) {
    using Kind = qsim::Primitive::Kind;
    const double angle = primitive.kind == Kind::kMatrix ? 0.0 : primitive.angle.evaluate({});
    if (primitive.kind == Kind::kRotation) {
      std::vector<int> all;
      for (int q = 0; q < n_qubits; ++q) all.push_back(q);
      const Matrix p = reference::pauli(primitive.pauli, n_qubits);
      // Π commutes with P: the controls are not in its support, except for a phase, where P = 1.
      const Matrix factor =
          reference::exponential(-reference::kI * primitive.scale * angle / 2.0 * p);
      const Matrix identity = Matrix::Identity(size, size);
      Matrix projector = identity;
      for (const qsim::Control& control : primitive.controls) {
        const Matrix z = reference::embed(reference::pauli("Z"), {control.qubit}, {}, n_qubits);
        projector *= (identity + (control.value ? -z : z)) / 2.0;
      }
      out = (identity + projector * (factor - identity)) * out;
    } else {
      const Matrix m =
          primitive.kind == Kind::kMatrix
              ? Matrix(*primitive.matrix)
              : reference::exponential(-reference::kI * angle * Matrix(*primitive.matrix));
      out = reference::embed(m, primitive.targets, primitive.controls, n_qubits) * out;
    }
  }
  return out;
}

Matrix powered(const Operation& op, double exponent) {
  return library_matrix(qsim::power(op, exponent));
}

}  // namespace

TEST_CASE("the reference knows every row of the gate table", "[gates]") {
  for (const GateRow* row : rows()) {
    INFO(row->name);
    CHECK(reference::knows(row->name));
  }
  CHECK_FALSE(reference::knows("no such gate"));
}

TEST_CASE("every row says what drawings and help texts need", "[gates]") {
  std::set<std::string_view> names;
  for (const GateRow& row : qsim::gate_table()) {
    INFO(row.name);
    CHECK_FALSE(row.name.empty());
    CHECK_FALSE(row.symbol.empty());
    CHECK_FALSE(row.help.empty());
    CHECK(names.insert(row.name).second);
    CHECK(row.angles >= 0);
  }
  for (const qsim::GateAlias& alias : qsim::gate_aliases()) CHECK(names.insert(alias.name).second);
}

TEST_CASE("every row has what its kind needs", "[gates]") {
  for (const GateRow& row : qsim::gate_table()) {
    INFO(row.name);
    CHECK((row.kind == GateKind::kFixed) == (row.matrix.size() > 0));
    CHECK((row.kind == GateKind::kFixed) == !row.inverse.empty());
    CHECK((row.kind == GateKind::kRotation) == !row.factors.empty());
    std::set<int> used;
    for (const qsim::FactorRow& factor : row.factors) {
      CHECK(factor.pauli.size() == static_cast<std::size_t>(row.targets));
      CHECK(factor.angle >= 0);
      CHECK(factor.angle < row.angles);
      used.insert(factor.angle);
    }
    if (row.kind == GateKind::kRotation) CHECK(used.size() == static_cast<std::size_t>(row.angles));
    if (row.kind == GateKind::kFixed) CHECK(row.matrix.rows() == Eigen::Index{1} << row.targets);
  }
}

TEST_CASE("every gate has its textbook matrix, which is unitary", "[gates]") {
  Dice dice(1);
  for (const GateRow* row : rows()) {
    INFO(row->name);
    for (int repeat = 0; repeat < 5; ++repeat) {
      const Operation op = plain(*row, dice);
      const Matrix matrix = library_matrix(op);
      CHECK(difference(matrix, reference::gate_matrix(op)) < kExact);
      const Matrix identity = Matrix::Identity(matrix.rows(), matrix.cols());
      CHECK(difference(matrix.adjoint() * matrix, identity) < kExact);
    }
  }
}

TEST_CASE("the inverse of every gate undoes it", "[gates]") {
  Dice dice(2);
  for (const GateRow* row : rows()) {
    INFO(row->name);
    const Operation op = plain(*row, dice);
    const Matrix matrix = library_matrix(op);
    CHECK(difference(library_matrix(qsim::inverse(op)), matrix.adjoint()) < kExact);
    CHECK(difference(library_matrix(qsim::inverse(qsim::inverse(op))), matrix) < kExact);
  }
}

TEST_CASE("inverses keep symbolic angles", "[gates]") {
  qsim::Circuit circuit(1);
  const qsim::Parameter a("a");
  circuit.u(a, qsim::Parameter("b"), 2.0 * a, 0);
  const reference::Values values{{"a", 0.3}, {"b", -1.2}};
  CHECK(difference(qsim::unitary(circuit.inverse(), values),
                   reference::unitary(circuit, values).adjoint()) < kExact);
}

TEST_CASE("lower gives primitives whose product is the gate", "[gates]") {
  Dice dice(3);
  for (const GateRow* row : rows()) {
    INFO(row->name);
    for (int repeat = 0; repeat < 5; ++repeat) {
      const Operation op = reference::random_operation(*row, 4, 2, dice);
      const Matrix expected =
          reference::embed(reference::gate_matrix(op), op.targets, op.controls, 4);
      CHECK(difference(product(qsim::lower(op), 4), expected) < kExact);
    }
  }
}

TEST_CASE("powers of every gate add up", "[gates]") {
  Dice dice(4);
  for (const GateRow* row : rows()) {
    const Operation op = plain(*row, dice);
    if (op.angles.size() > 1) continue;
    INFO(row->name);
    CHECK(difference(powered(op, 0.3) * powered(op, 0.7), library_matrix(op)) < kExact);
    CHECK(difference(powered(op, 0.5) * powered(op, -0.5), powered(op, 0)) < kExact);
    CHECK(difference(powered(op, 2), library_matrix(op) * library_matrix(op)) < kExact);
    CHECK(difference(powered(op, -1), library_matrix(op).adjoint()) < kExact);
  }
}

TEST_CASE("half powers are the principal square roots", "[gates]") {
  const auto half = [](std::string_view name) {
    const GateRow& row = qsim::gate_row(name);
    return powered(
        {.row = &row, .targets = row.targets == 1 ? std::vector<int>{0} : std::vector<int>{0, 1}},
        0.5);
  };
  const auto matrix = [](std::string_view name) { return Matrix(qsim::gate_row(name).matrix); };
  CHECK(difference(half("x"), matrix("sx")) < kExact);
  CHECK(difference(half("z"), matrix("s")) < kExact);
  CHECK(difference(half("s"), matrix("t")) < kExact);
  CHECK(difference(half("sdg"), matrix("tdg")) < kExact);
  CHECK(difference(half("swap") * half("swap"), matrix("swap")) < kExact);
}

TEST_CASE("the power of a controlled gate is controlled", "[gates]") {
  Dice dice(5);
  for (const GateRow* row : rows()) {
    Operation op = plain(*row, dice);
    if (op.angles.size() > 1) continue;
    INFO(row->name);
    op.controls = {{2, false}};
    qsim::Circuit circuit(3);
    circuit.add(qsim::power(op, 0.5)).add(qsim::power(op, 0.5));
    const Matrix expected =
        reference::embed(reference::gate_matrix(op), op.targets, op.controls, 3);
    CHECK(difference(qsim::unitary(circuit), expected) < kExact);
  }
}

TEST_CASE("the power of a gate refuses what it cannot be", "[gates]") {
  const Operation u{.row = &qsim::gate_row("u"), .angles = {0.1, 0.2, 0.3}, .targets = {0}};
  CHECK_THROWS_AS(qsim::power(u, 0.5), qsim::ValueError);
  CHECK(qsim::power(u, 1) == u);
  CHECK(qsim::power(u, -1) == qsim::inverse(u));
  const Operation x{.row = &qsim::gate_row("x"), .targets = {0}};
  CHECK_THROWS_AS(qsim::power(x, NAN), qsim::ValueError);
  CHECK_THROWS_AS(qsim::power(x, INFINITY), qsim::ValueError);
}

TEST_CASE("initialize is neither lowered nor inverted", "[gates]") {
  const Operation op{.row = &qsim::gate_row("initialize"), .angles = {1.0}, .targets = {0}};
  CHECK_THROWS_AS(qsim::lower(op), qsim::ValueError);
  CHECK_THROWS_AS(qsim::inverse(op), qsim::ValueError);
  CHECK_THROWS_AS(qsim::power(op, 2), qsim::ValueError);
}

TEST_CASE("synonyms are aliases wherever gates are named", "[gates]") {
  for (const qsim::GateSynonym& synonym : qsim::gate_synonyms()) {
    CHECK(qsim::without_synonym(synonym.name) == synonym.alias);
    CHECK(qsim::resolve_gate(synonym.name).row == qsim::resolve_gate(synonym.alias).row);
  }
  CHECK(qsim::without_synonym("cx") == "cx");
  CHECK(qsim::Circuit(2).gate("cnot", {}, {0, 1}) == qsim::Circuit(2).cx(0, 1));
  CHECK(qsim::Circuit(3).toffoli(0, 1, 2) == qsim::Circuit(3).ccx(0, 1, 2));
}

TEST_CASE("aliases are rows with controls on one", "[gates]") {
  Dice dice(6);
  for (const qsim::GateAlias& alias : qsim::gate_aliases()) {
    INFO(alias.name);
    const auto [row, controls] = qsim::resolve_gate(alias.name);
    CHECK(row->name == alias.base);
    CHECK(controls == alias.controls);
    std::vector<qsim::Expression> angles;
    for (int k = 0; k < row->angles; ++k) angles.emplace_back(dice.uniform(-3, 3));
    const int n = controls + row->targets;
    std::vector<int> qubits;
    for (int q = 0; q < n; ++q) qubits.push_back(n - 1 - q);  // controls first, highest first
    qsim::Circuit circuit(n);
    circuit.gate(alias.name, angles, qubits);
    Operation op{.row = row, .angles = angles};
    op.targets.assign(qubits.begin() + controls, qubits.end());
    for (int k = 0; k < controls; ++k) op.controls.push_back({qubits[static_cast<std::size_t>(k)]});
    CHECK(circuit.operations().front() == op);
    CHECK(difference(qsim::unitary(circuit), reference::unitary(circuit)) < kExact);
    CHECK(qsim::common_name(op) == alias.name);
  }
}

TEST_CASE("the controlled gates have their textbook matrices", "[gates]") {
  using qsim::Circuit;
  Matrix cx = Matrix::Zero(4, 4);  // qubit 0 is the control, the least significant bit
  cx(0, 0) = cx(2, 2) = cx(3, 1) = cx(1, 3) = 1;
  CHECK(difference(qsim::unitary(Circuit(2).cx(0, 1)), cx) == 0);
  Matrix ccx = Matrix::Identity(8, 8);
  ccx(3, 3) = ccx(7, 7) = 0;
  ccx(3, 7) = ccx(7, 3) = 1;
  CHECK(difference(qsim::unitary(Circuit(3).ccx(0, 1, 2)), ccx) == 0);
  Matrix cswap = Matrix::Identity(8, 8);
  cswap(3, 3) = cswap(5, 5) = 0;
  cswap(3, 5) = cswap(5, 3) = 1;
  CHECK(difference(qsim::unitary(Circuit(3).cswap(0, 1, 2)), cswap) == 0);
  Matrix cp = Matrix::Identity(4, 4);
  cp(3, 3) = std::polar(1.0, 0.7);
  CHECK(difference(qsim::unitary(Circuit(2).cp(0.7, 0, 1)), cp) < kExact);
}

TEST_CASE("unknown gate names are refused", "[gates]") {
  using reference::error_of;
  CHECK(reference::contains(error_of<qsim::ValueError>([] { (void)qsim::resolve_gate("cnot3"); }),
                            "cnot3"));
  CHECK_THROWS_AS(qsim::gate_row("cx"), qsim::ValueError);
  CHECK_THROWS_AS(qsim::gate_row(""), qsim::ValueError);
}
