#include "qsim/circuit/operation.h"

#include <cmath>

#include "qsim/core/error.h"
#include "qsim/core/matrix.h"
#include "qsim/core/unitary_decompositions.h"

namespace qsim {
namespace {

Primitive matrix_primitive(const Operation& op, std::shared_ptr<const Matrix> matrix) {
  return {.kind = Primitive::Kind::kMatrix,
          .targets = op.targets,
          .controls = op.controls,
          .matrix = std::move(matrix)};
}

Primitive rotation_primitive(const Operation& op, const FactorRow& factor) {
  Primitive out{.kind = Primitive::Kind::kRotation, .controls = op.controls};
  out.pauli = PauliString::on(factor.pauli, op.targets);
  out.scale = factor.scale;
  out.angle = op.angles[static_cast<std::size_t>(factor.angle)];
  if (factor.on_one) out.controls.push_back({op.targets.front(), true});
  return out;
}

std::shared_ptr<const Matrix> row_matrix(const GateRow& row) {
  return {std::shared_ptr<const Matrix>{}, &row.matrix};  // the table outlives every operation
}

// (F_m … F_1)⁻¹ = F_1(−θ) … F_m(−θ): the row's factors read backwards with their angles negated,
// which is the same row again because its factors are a palindrome up to their angles.
std::vector<Expression> inverse_angles(const Operation& op) {
  std::vector<Expression> angles = op.angles;
  const auto& factors = op.row->factors;
  for (std::size_t k = 0; k < factors.size(); ++k) {
    const auto from = static_cast<std::size_t>(factors[factors.size() - 1 - k].angle);
    angles[static_cast<std::size_t>(factors[k].angle)] = -op.angles[from];
  }
  return angles;
}

Operation as_unitary(const Operation& op, Matrix matrix, std::string label) {
  Operation out{.row = &gate_row("unitary"), .targets = op.targets, .controls = op.controls};
  out.matrix = std::make_shared<const Matrix>(std::move(matrix));
  out.label = std::move(label);
  return out;
}

}  // namespace

void check_readout_error(const ReadoutError& error) {
  const auto check = [](double p, const char* what) {
    require(p >= 0 && p <= 1, "the readout error ", what, " is ", p, "; it must be in [0, 1]");
  };
  check(error.one_for_zero, "one_for_zero");
  check(error.zero_for_one, "zero_for_one");
}

bool Operation::operator==(const Operation& other) const {
  const auto same = [](const auto& a, const auto& b) { return a == b || (a && b && *a == *b); };
  return row == other.row && angles == other.angles && targets == other.targets &&
         controls == other.controls && pauli == other.pauli && label == other.label &&
         bit == other.bit && same(matrix, other.matrix) &&
         same(readout_error, other.readout_error) && same(channel, other.channel) &&
         same(condition, other.condition);
}

std::vector<int> bits_read(const Operation& op) {
  std::vector<int> out;
  if (!op.condition) return out;
  for (const Comparison& comparison : *op.condition) {
    out.insert(out.end(), comparison.bits.begin(), comparison.bits.end());
  }
  return out;
}

std::vector<int> bits_of(const Operation& op) {
  std::vector<int> out = bits_read(op);
  if (op.bit >= 0) out.push_back(op.bit);
  return out;
}

std::vector<Primitive> lower(const Operation& op) {
  require(!op.condition, "gate '", op.row->name,
          "' depends on classical bits; such circuits run by their shots");
  switch (op.row->kind) {
    case GateKind::kFixed:
      return {matrix_primitive(op, row_matrix(*op.row))};
    case GateKind::kUnitary:
      return {matrix_primitive(op, op.matrix)};
    case GateKind::kPauli:
      return {rotation_primitive(op, {.pauli = op.pauli})};
    case GateKind::kRotation: {
      std::vector<Primitive> out;
      for (const FactorRow& factor : op.row->factors) out.push_back(rotation_primitive(op, factor));
      return out;
    }
    case GateKind::kEvolution: {
      Primitive out = matrix_primitive(op, op.matrix);
      out.kind = Primitive::Kind::kEvolution;
      out.angle = op.angles.front();
      return {out};
    }
    case GateKind::kBarrier:
      return {};
    case GateKind::kInitialize:
      fail("initialize sets a state; it is not a gate that acts on one");
    case GateKind::kMeasure:
    case GateKind::kReset:
    case GateKind::kChannel:
      break;
  }
  fail("'", op.row->name, "' is no gate; circuits that have it run by their shots");
}

Operation inverse(const Operation& op) {
  Operation out = op;
  switch (op.row->kind) {
    case GateKind::kFixed:
      out.row = &gate_row(op.row->inverse);
      return out;
    case GateKind::kUnitary:
      out.matrix = std::make_shared<const Matrix>(op.matrix->adjoint());
      out.label = op.symbol() + "†";
      return out;
    case GateKind::kRotation:
      out.angles = inverse_angles(op);
      return out;
    case GateKind::kPauli:
    case GateKind::kEvolution:
      out.angles.front() = -op.angles.front();
      return out;
    case GateKind::kBarrier:
      return out;
    case GateKind::kInitialize:
    case GateKind::kMeasure:
    case GateKind::kReset:
    case GateKind::kChannel:
      break;
  }
  fail(op.row->name, " has no inverse");
}

Operation power(const Operation& op, double exponent) {
  require(std::isfinite(exponent), "the exponent of a gate is ", exponent, "; it must be finite");
  if (exponent == 1.0) return op;
  if (exponent == -1.0) return inverse(op);
  switch (op.row->kind) {
    case GateKind::kFixed:
    case GateKind::kUnitary: {
      const Matrix& base = op.row->kind == GateKind::kFixed ? op.row->matrix : *op.matrix;
      return as_unitary(op, unitary_power(base, exponent), concat(op.symbol(), "^", exponent));
    }
    case GateKind::kRotation:
    case GateKind::kPauli:
    case GateKind::kEvolution: {
      require(op.angles.size() == 1, "the power of gate '", op.row->name, "' with ",
              op.angles.size(), " angles is not a gate of its kind; take the power of a circuit");
      Operation out = op;
      out.angles.front() = op.angles.front() * exponent;
      return out;
    }
    case GateKind::kBarrier:
      return op;
    case GateKind::kInitialize:
    case GateKind::kMeasure:
    case GateKind::kReset:
    case GateKind::kChannel:
      break;
  }
  fail(op.row->name, " has no power");
}

Matrix rotation_matrix(const PauliString& pauli, int n_qubits, double scaled_angle) {
  const auto size = static_cast<Eigen::Index>(bit(n_qubits));
  return std::cos(scaled_angle / 2) * Matrix::Identity(size, size) -
         Complex(0, std::sin(scaled_angle / 2)) * pauli_matrix(pauli, n_qubits);
}

}  // namespace qsim
