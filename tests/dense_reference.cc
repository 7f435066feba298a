#include "tests/dense_reference.h"

#include <Eigen/QR>
#include <algorithm>
#include <numeric>
#include <utility>

#include "qsim/core/parallel.h"
#include "qsim/kernels/kernels.h"
#include "tests/catch.h"

namespace reference {
namespace {

using Angles = std::vector<double>;

Matrix matrix2(Complex a, Complex b, Complex c, Complex d) {
  Matrix out(2, 2);
  out << a, b, c, d;
  return out;
}

Matrix diagonal(std::initializer_list<Complex> entries) {
  Vector out(static_cast<Eigen::Index>(entries.size()));
  std::copy(entries.begin(), entries.end(), out.begin());
  return out.asDiagonal();
}

// Exchanges |01⟩ and |10⟩ with a factor.
Matrix exchange(Complex factor) {
  Matrix out = diagonal({1, 0, 0, 1});
  out(1, 2) = out(2, 1) = factor;
  return out;
}

Complex phase(double angle) { return {std::cos(angle), std::sin(angle)}; }

Matrix rx(double t) {
  return matrix2(std::cos(t / 2), -kI * std::sin(t / 2), -kI * std::sin(t / 2), std::cos(t / 2));
}

Matrix ry(double t) {
  return matrix2(std::cos(t / 2), -std::sin(t / 2), std::sin(t / 2), std::cos(t / 2));
}

Matrix u(double theta, double phi, double lambda) {
  const double c = std::cos(theta / 2);
  const double s = std::sin(theta / 2);
  return matrix2(c, -phase(lambda) * s, phase(phi) * s, phase(phi + lambda) * c);
}

// cos(θ/2) on the diagonal, −i sin(θ/2) times the given entries on the anti-diagonal.
Matrix anti_diagonal_rotation(double t, double outer, double inner) {
  Matrix out = Matrix::Identity(4, 4) * std::cos(t / 2);
  out(0, 3) = out(3, 0) = -kI * std::sin(t / 2) * outer;
  out(1, 2) = out(2, 1) = -kI * std::sin(t / 2) * inner;
  return out;
}

Matrix rzz(double t) {
  return diagonal({phase(-t / 2), phase(t / 2), phase(t / 2), phase(-t / 2)});
}

using Formula = std::function<Matrix(const Angles&)>;

const std::map<std::string_view, Formula>& formulas() {
  const double r = std::sqrt(0.5);
  const Complex p = 0.5 * (1.0 + kI);
  const Complex m = 0.5 * (1.0 - kI);
  const auto constant = [](Matrix matrix) { return [matrix](const Angles&) { return matrix; }; };
  static const std::map<std::string_view, Formula> table{
      {"id", constant(matrix2(1, 0, 0, 1))},
      {"x", constant(matrix2(0, 1, 1, 0))},
      {"y", constant(matrix2(0, -kI, kI, 0))},
      {"z", constant(matrix2(1, 0, 0, -1))},
      {"h", constant(matrix2(r, r, r, -r))},
      {"s", constant(matrix2(1, 0, 0, kI))},
      {"sdg", constant(matrix2(1, 0, 0, -kI))},
      {"t", constant(matrix2(1, 0, 0, phase(kPi / 4)))},
      {"tdg", constant(matrix2(1, 0, 0, phase(-kPi / 4)))},
      {"sx", constant(matrix2(p, m, m, p))},
      {"sxdg", constant(matrix2(m, p, p, m))},
      {"swap", constant(exchange(1))},
      {"iswap", constant(exchange(kI))},
      {"iswapdg", constant(exchange(-kI))},
      {"rx", [](const Angles& a) { return rx(a[0]); }},
      {"ry", [](const Angles& a) { return ry(a[0]); }},
      {"rz",
       [](const Angles& a) {
         return diagonal({phase(-a[0] / 2), phase(a[0] / 2)});
       }},
      {"p",
       [](const Angles& a) {
         return diagonal({1, phase(a[0])});
       }},
      {"u", [](const Angles& a) { return u(a[0], a[1], a[2]); }},
      {"rxx", [](const Angles& a) { return anti_diagonal_rotation(a[0], 1, 1); }},
      {"ryy", [](const Angles& a) { return anti_diagonal_rotation(a[0], -1, 1); }},
      {"rzz", [](const Angles& a) { return rzz(a[0]); }},
  };
  return table;
}

bool is_carried(std::string_view name) {
  return name == "pauli_rotation" || name == "unitary" || name == "evolution";
}

Matrix letter(char name) {
  switch (name) {
    case 'X':
      return matrix2(0, 1, 1, 0);
    case 'Y':
      return matrix2(0, -kI, kI, 0);
    case 'Z':
      return matrix2(1, 0, 0, -1);
    default:
      return Matrix::Identity(2, 2);
  }
}

Matrix carried_matrix(const qsim::Operation& op, const Angles& angles) {
  if (op.row->name == "unitary") return *op.matrix;
  if (op.row->name == "evolution") return exponential(-kI * angles[0] * Matrix(*op.matrix));
  // letters[k] acts on targets[k], so the last letter is the most significant.
  const Matrix p = pauli(std::string(op.pauli.rbegin(), op.pauli.rend()));
  const Matrix identity = Matrix::Identity(p.rows(), p.cols());
  return std::cos(angles[0] / 2) * identity - kI * std::sin(angles[0] / 2) * p;
}

int bit_of(Eigen::Index index, int position) { return static_cast<int>((index >> position) & 1); }

bool hold(const std::vector<qsim::Control>& controls, Eigen::Index basis_state) {
  return std::all_of(controls.begin(), controls.end(), [&](const qsim::Control& control) {
    return bit_of(basis_state, control.qubit) == int{control.value};
  });
}

// The bits of a basis state at the targets, and a basis state with other bits there.
Eigen::Index read(Eigen::Index basis_state, const std::vector<int>& targets) {
  Eigen::Index out = 0;
  for (std::size_t k = 0; k < targets.size(); ++k) {
    if (bit_of(basis_state, targets[k]) == 1) out += Eigen::Index{1} << k;
  }
  return out;
}

Eigen::Index write(Eigen::Index basis_state, const std::vector<int>& targets, Eigen::Index bits) {
  for (std::size_t k = 0; k < targets.size(); ++k) {
    const Eigen::Index weight = Eigen::Index{1} << targets[k];
    basis_state -= bit_of(basis_state, targets[k]) * weight;
    basis_state += bit_of(bits, static_cast<int>(k)) * weight;
  }
  return basis_state;
}

Vector initial_state(const qsim::Operation& op, const Values& values, Eigen::Index size) {
  Vector out = Vector::Zero(size);
  for (std::size_t k = 0; k < op.angles.size(); ++k) {
    out(static_cast<Eigen::Index>(k)) = op.angles[k].evaluate(values);
  }
  return out / out.norm();
}

Vector basis_vector(Eigen::Index size, Eigen::Index k) {
  Vector out = Vector::Zero(size);
  out(k) = 1;
  return out;
}

struct RestoreDefaults {
  ~RestoreDefaults() {
    qsim::set_simd_target("");
    qsim::set_num_threads(0);
  }
};

void configure(int most_threads, const std::function<void()>& body) {
  static const std::vector<std::string> targets = qsim::simd_targets();
  const RestoreDefaults restore;
  for (const std::string& target : targets) {
    for (int threads = 1; threads <= most_threads; ++threads) {
      qsim::set_simd_target(target);
      qsim::set_num_threads(threads);
      INFO("SIMD target " << target << ", " << threads << " thread(s)");
      body();
    }
  }
}

}  // namespace

bool knows(std::string_view name) { return formulas().contains(name) || is_carried(name); }

Matrix gate_matrix(const qsim::Operation& op, const Values& values) {
  Angles angles;
  for (const qsim::Expression& angle : op.angles) angles.push_back(angle.evaluate(values));
  if (is_carried(op.row->name)) return carried_matrix(op, angles);
  return formulas().at(op.row->name)(angles);
}

Vector apply(const Matrix& matrix, const std::vector<int>& targets,
             const std::vector<qsim::Control>& controls, const Vector& in) {
  Vector out = Vector::Zero(in.size());
  for (Eigen::Index j = 0; j < in.size(); ++j) {
    if (!hold(controls, j)) {
      out(j) += in(j);
      continue;
    }
    const Eigen::Index column = read(j, targets);
    for (Eigen::Index row = 0; row < matrix.rows(); ++row) {
      out(write(j, targets, row)) += matrix(row, column) * in(j);
    }
  }
  return out;
}

Vector apply(const qsim::Operation& op, const Values& values, const Vector& in) {
  if (op.row->name == "initialize") return initial_state(op, values, in.size());
  return apply(gate_matrix(op, values), op.targets, op.controls, in);
}

Vector apply(const qsim::Circuit& circuit, const Values& values, Vector state) {
  for (const qsim::Operation& op : circuit.operations()) state = apply(op, values, state);
  return state;
}

Vector simulate(const qsim::Circuit& circuit, const Values& values) {
  return apply(circuit, values, basis_vector(Eigen::Index{1} << circuit.n_qubits(), 0));
}

Matrix embed(const Matrix& matrix, const std::vector<int>& targets,
             const std::vector<qsim::Control>& controls, int n_qubits) {
  const Eigen::Index size = Eigen::Index{1} << n_qubits;
  Matrix out(size, size);
  for (Eigen::Index j = 0; j < size; ++j) {
    out.col(j) = apply(matrix, targets, controls, basis_vector(size, j));
  }
  return out;
}

Matrix unitary(const qsim::Circuit& circuit, const Values& values) {
  const Eigen::Index size = Eigen::Index{1} << circuit.n_qubits();
  Matrix out(size, size);
  for (Eigen::Index j = 0; j < size; ++j) {
    out.col(j) = apply(circuit, values, basis_vector(size, j));
  }
  return out;
}

Matrix exponential(const Matrix& matrix) {
  constexpr int kTerms = 20;
  const int halvings = std::max(0, static_cast<int>(std::ceil(std::log2(matrix.norm() + 1)))) + 2;
  const Matrix small = matrix / std::ldexp(1.0, halvings);
  Matrix term = Matrix::Identity(matrix.rows(), matrix.cols());
  Matrix sum = term;
  for (int k = 1; k <= kTerms; ++k) {
    term = (term * small / static_cast<double>(k)).eval();
    sum += term;
  }
  for (int k = 0; k < halvings; ++k) sum = (sum * sum).eval();
  return sum;
}

Matrix kronecker(const Matrix& a, const Matrix& b) {
  Matrix out(a.rows() * b.rows(), a.cols() * b.cols());
  for (Eigen::Index r = 0; r < a.rows(); ++r) {
    for (Eigen::Index c = 0; c < a.cols(); ++c) {
      out.block(r * b.rows(), c * b.cols(), b.rows(), b.cols()) = a(r, c) * b;
    }
  }
  return out;
}

Matrix pauli(std::string_view letters) {
  Matrix out = Matrix::Identity(1, 1);
  for (const char name : letters) out = kronecker(out, letter(name));
  return out;
}

Matrix pauli(const qsim::PauliString& string, int n_qubits) {
  std::string letters;
  for (int q = n_qubits - 1; q >= 0; --q) {
    const bool x = ((string.x >> q) & 1U) != 0;
    const bool z = ((string.z >> q) & 1U) != 0;
    letters += x && z ? 'Y' : x ? 'X' : z ? 'Z' : 'I';
  }
  return pauli(letters);
}

Matrix observable(const qsim::Observable& observable, int n_qubits) {
  if (const auto* matrix = std::get_if<qsim::MatrixObservable>(&observable)) {
    return embed(matrix->matrix, matrix->qubits, {}, n_qubits);
  }
  const Eigen::Index size = Eigen::Index{1} << n_qubits;
  Matrix out = Matrix::Zero(size, size);
  for (const auto& [coefficient, string] : std::get<qsim::PauliSum>(observable).terms()) {
    out += coefficient * pauli(string, n_qubits);
  }
  return out;
}

Matrix transition(const Vector& ket, const Vector& bra, const std::vector<int>& targets,
                  const std::vector<qsim::Control>& controls) {
  const Eigen::Index size = Eigen::Index{1} << targets.size();
  Matrix out = Matrix::Zero(size, size);
  for (Eigen::Index i = 0; i < ket.size(); ++i) {
    if (!hold(controls, i)) continue;
    for (Eigen::Index b = 0; b < size; ++b) {
      out(read(i, targets), b) += ket(i) * std::conj(bra(write(i, targets, b)));
    }
  }
  return out;
}

double Dice::uniform(double low, double high) {
  return low + (high - low) * std::ldexp(static_cast<double>(engine_() >> 11), -53);
}

double Dice::normal() {
  return std::sqrt(-2 * std::log(1 - uniform())) * std::cos(uniform(0, 2 * kPi));
}

int Dice::below(int bound) {
  return static_cast<int>(engine_() % static_cast<std::uint64_t>(bound));
}

std::vector<int> Dice::qubits(int count, int n_qubits) {
  std::vector<int> all(static_cast<std::size_t>(n_qubits));
  std::iota(all.begin(), all.end(), 0);
  for (int k = 0; k < count; ++k) {
    const auto at = static_cast<std::size_t>(k);
    std::swap(all[at], all[at + static_cast<std::size_t>(below(n_qubits - k))]);
  }
  all.resize(static_cast<std::size_t>(count));
  return all;
}

Vector Dice::state(int n_qubits) {
  Vector out(Eigen::Index{1} << n_qubits);
  for (Complex& a : out) {
    const double re = normal();
    a = {re, normal()};
  }
  return out / out.norm();
}

Matrix Dice::unitary(int n_qubits) {
  const Eigen::Index size = Eigen::Index{1} << n_qubits;
  Matrix gauss(size, size);
  for (Eigen::Index k = 0; k < size; ++k) gauss.col(k) = state(n_qubits);
  const Eigen::HouseholderQR<Matrix> qr(gauss);
  return qr.householderQ();
}

Matrix Dice::hermitian(int n_qubits) {
  const Matrix u = unitary(n_qubits);
  return u + u.adjoint();
}

namespace {

// A named angle: a new parameter, one used before, or an expression of both.
qsim::Expression named_angle(std::vector<qsim::Parameter>& known, Dice& dice) {
  if (known.empty() || dice.below(3) > 0) {
    known.emplace_back("p" + std::to_string(known.size()));
    return known.back();
  }
  const auto pick = [&] { return known[static_cast<std::size_t>(dice.below(int(known.size())))]; };
  const qsim::Expression old = pick();
  return dice.coin() ? old : dice.uniform(-2, 2) * old + sin(pick()) - 0.5;
}

}  // namespace

qsim::Operation operation_on(const qsim::GateRow& row, std::vector<int> targets,
                             std::vector<qsim::Control> controls, Dice& dice) {
  qsim::Operation op{.row = &row, .targets = std::move(targets), .controls = std::move(controls)};
  const int n_targets = static_cast<int>(op.targets.size());
  for (int k = 0; k < row.angles; ++k) op.angles.emplace_back(dice.uniform(-2 * kPi, 2 * kPi));
  if (row.name == "unitary") {
    op.matrix = std::make_shared<const qsim::Matrix>(dice.unitary(n_targets));
  } else if (row.name == "evolution") {
    op.matrix = std::make_shared<const qsim::Matrix>(dice.hermitian(n_targets));
  } else if (row.name == "pauli_rotation") {
    for (int k = 0; k < n_targets; ++k) op.pauli += "IXYZ"[dice.below(4)];
  }
  return op;
}

qsim::Operation random_operation(const qsim::GateRow& row, int n_qubits, int max_controls,
                                 Dice& dice) {
  const int n_targets = row.targets > 0 ? row.targets : 1 + dice.below(std::min(3, n_qubits));
  const int n_controls = dice.below(std::min(max_controls, n_qubits - n_targets) + 1);
  std::vector<int> targets = dice.qubits(n_targets + n_controls, n_qubits);
  std::vector<qsim::Control> controls;
  for (int k = 0; k < n_controls; ++k) {
    controls.push_back({targets.back(), dice.coin()});
    targets.pop_back();
  }
  return operation_on(row, std::move(targets), std::move(controls), dice);
}

qsim::Circuit random_circuit(const RandomCircuit& options, Dice& dice) {
  std::vector<const qsim::GateRow*> rows;
  for (const qsim::GateRow& row : qsim::gate_table()) {
    if (qsim::is_gate(row) && row.targets <= options.n_qubits) {
      rows.push_back(&row);
    }
  }
  qsim::Circuit circuit(options.n_qubits);
  std::vector<qsim::Parameter> known;
  for (int k = 0; k < options.n_gates; ++k) {
    const qsim::GateRow& row = *rows[static_cast<std::size_t>(dice.below(int(rows.size())))];
    qsim::Operation op = random_operation(row, options.n_qubits, options.max_controls, dice);
    if (options.named) {
      for (qsim::Expression& angle : op.angles) angle = named_angle(known, dice);
    }
    circuit.add(std::move(op));
  }
  return circuit;
}

Values random_values(const qsim::Circuit& circuit, Dice& dice) {
  Values out;
  for (const std::string& name : circuit.parameters()) out[name] = dice.uniform(-kPi, kPi);
  return out;
}

std::vector<std::vector<int>> arrangements(int count, int n_qubits) {
  if (count == 0) return {{}};
  std::vector<std::vector<int>> out;
  for (const std::vector<int>& shorter : arrangements(count - 1, n_qubits)) {
    for (int q = 0; q < n_qubits; ++q) {
      if (std::find(shorter.begin(), shorter.end(), q) != shorter.end()) continue;
      out.push_back(shorter);
      out.back().push_back(q);
    }
  }
  return out;
}

std::vector<std::vector<qsim::Control>> control_sets(const std::vector<int>& targets,
                                                     int n_qubits) {
  std::vector<std::vector<qsim::Control>> out{{}};
  for (int q = 0; q < n_qubits; ++q) {
    if (std::find(targets.begin(), targets.end(), q) != targets.end()) continue;
    const std::size_t count = out.size();
    for (const bool value : {false, true}) {
      for (std::size_t k = 0; k < count; ++k) {
        out.push_back(out[k]);
        out.back().push_back({q, value});
      }
    }
  }
  return out;
}

void for_each_configuration(const std::function<void()>& body) { configure(2, body); }

void for_each_target(const std::function<void()>& body) { configure(1, body); }

}  // namespace reference
