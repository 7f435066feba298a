#include "tests/noise_reference.h"

#include <Eigen/QR>
#include <utility>

namespace reference {
namespace {

bool holds(const qsim::Condition& condition, const Bits& bits) {
  bool out = true;
  for (const qsim::Comparison& comparison : condition) {
    bool equal = true;
    for (std::size_t k = 0; k < comparison.bits.size(); ++k) {
      equal &= bits[static_cast<std::size_t>(comparison.bits[k])] == comparison.values[k];
    }
    out &= equal == comparison.equal;
  }
  return out;
}

Matrix sandwich(const Matrix& k, const std::vector<int>& targets, const Matrix& rho, int n) {
  const Matrix wide = embed(k, targets, {}, n);
  return wide * rho * wide.adjoint();
}

Matrix ket_bra(int row, int column) {
  Matrix out = Matrix::Zero(2, 2);
  out(row, column) = 1;
  return out;
}

void add(Ensemble& ensemble, const Bits& bits, const Matrix& rho) {
  const auto [found, is_new] = ensemble.emplace(bits, rho);
  if (!is_new) found->second += rho;
}

void act(const qsim::Operation& op, const Values& values, int n, const Bits& bits,
         const Matrix& rho, Ensemble& out) {
  switch (op.row->kind) {
    case qsim::GateKind::kBarrier:
      return add(out, bits, rho);
    case qsim::GateKind::kMeasure: {
      const qsim::ReadoutError error = op.readout_error ? *op.readout_error : qsim::ReadoutError{};
      for (int outcome = 0; outcome < 2; ++outcome) {
        const Matrix part = sandwich(ket_bra(outcome, outcome), op.targets, rho, n);
        const double wrong = outcome == 0 ? error.one_for_zero : error.zero_for_one;
        for (int read = 0; read < 2; ++read) {
          Bits now = bits;
          now[static_cast<std::size_t>(op.bit)] = read == 1;
          add(out, now, (read == outcome ? 1 - wrong : wrong) * part);
        }
      }
      return;
    }
    case qsim::GateKind::kReset:
      return add(out, bits,
                 sandwich(ket_bra(0, 0), op.targets, rho, n) +
                     sandwich(ket_bra(0, 1), op.targets, rho, n));
    case qsim::GateKind::kChannel: {
      Matrix sum = Matrix::Zero(rho.rows(), rho.cols());
      for (const qsim::Matrix& k : op.channel->kraus) sum += sandwich(k, op.targets, rho, n);
      return add(out, bits, sum);
    }
    default: {
      const Matrix u = embed(gate_matrix(op, values), op.targets, op.controls, n);
      return add(out, bits, u * rho * u.adjoint());
    }
  }
}

// Two channels on a qubit each; one behind the other.
qsim::Channel beside(const qsim::Channel& first, const qsim::Channel& second) {
  qsim::Channel out{"pair", {}, {}};
  for (const qsim::Matrix& a : first.kraus) {
    for (const qsim::Matrix& b : second.kraus) out.kraus.push_back(kronecker(Matrix(b), Matrix(a)));
  }
  return out;
}

qsim::Channel behind(const qsim::Channel& first, const qsim::Channel& second) {
  qsim::Channel out{"both", {}, {}};
  for (const qsim::Matrix& a : first.kraus) {
    for (const qsim::Matrix& b : second.kraus) out.kraus.push_back(b * a);
  }
  return out;
}

}  // namespace

Ensemble run_ensemble(const qsim::Circuit& circuit, const Values& values) {
  const int n = circuit.n_qubits();
  const Eigen::Index size = Eigen::Index{1} << n;
  Matrix start = Matrix::Zero(size, size);
  start(0, 0) = 1;
  Ensemble ensemble;
  ensemble.emplace(Bits(static_cast<std::size_t>(circuit.n_bits())), start);
  for (const qsim::Operation& op : circuit.operations()) {
    Ensemble next;
    for (const auto& [bits, rho] : ensemble) {
      if (op.condition && !holds(*op.condition, bits)) {
        add(next, bits, rho);
      } else {
        act(op, values, n, bits, rho, next);
      }
    }
    ensemble = std::move(next);
  }
  return ensemble;
}

Matrix density_matrix(const Ensemble& ensemble) {
  Matrix out = Matrix::Zero(ensemble.begin()->second.rows(), ensemble.begin()->second.cols());
  for (const auto& [unused, rho] : ensemble) out += rho;
  return out;
}

std::map<Bits, double> distribution(const Ensemble& ensemble) {
  std::map<Bits, double> out;
  for (const auto& [bits, rho] : ensemble) out[bits] = rho.trace().real();
  return out;
}

Bits to_bits(std::span<const std::uint64_t> words, int n_bits) {
  Bits out;
  for (int k = 0; k < n_bits; ++k) {
    out.push_back(((words[static_cast<std::size_t>(k / 64)] >> (k % 64)) & 1U) != 0);
  }
  return out;
}

qsim::Channel random_kraus(int n_qubits, int n_operators, Dice& dice) {
  // Columns of an isometry, cut into blocks.
  const Eigen::Index size = Eigen::Index{1} << n_qubits;
  Matrix tall(size * n_operators, size);
  for (Eigen::Index k = 0; k < tall.size(); ++k) {
    tall.data()[k] = Complex(dice.normal(), dice.normal());
  }
  const Matrix q = Eigen::HouseholderQR<Matrix>(tall).householderQ() *
                   Matrix::Identity(tall.rows(), tall.cols());
  std::vector<qsim::Matrix> kraus;
  for (int k = 0; k < n_operators; ++k) kraus.emplace_back(q.middleRows(k * size, size));
  return qsim::kraus_channel(kraus, "random");
}

std::vector<qsim::Channel> some_channels(Dice& dice) {
  std::vector<qsim::Channel> out;
  for (const qsim::ChannelRow& row : qsim::channel_table()) {
    std::vector<double> p;
    for (const qsim::ChannelParameter& parameter : row.parameters) {
      p.push_back(parameter.most <= 1 ? dice.uniform() : dice.uniform(0.5, 1));
    }
    out.push_back(qsim::make_channel(row.name, p));
  }
  out.push_back(qsim::pauli_channel({{"X", 0.1}, {"Y", 0.2}, {"Z", 0.05}}));
  out.push_back(qsim::pauli_channel({{"XI", 0.1}, {"YZ", 0.2}, {"ZZ", 0.3}}));
  out.push_back(random_kraus(1, 3, dice));
  out.push_back(random_kraus(2, 3, dice));
  const qsim::Channel pair = beside(qsim::channels::amplitude_damping(dice.uniform()),
                                    qsim::channels::generalized_amplitude_damping(0.3, 0.2));
  out.push_back(pair);
  out.push_back(behind(pair, qsim::channels::depolarizing2(dice.uniform())));
  return out;
}

qsim::Circuit random_noisy_circuit(const NoisyCircuit& options, Dice& dice) {
  const int n = options.n_qubits;
  qsim::Circuit out(n, options.n_bits);
  const std::vector<qsim::Channel> channels = some_channels(dice);
  for (int k = 0; k < options.n_operations; ++k) {
    qsim::Circuit step(n, options.n_bits);
    switch (dice.below(options.n_bits > 0 ? 8 : 5)) {
      case 0:
      case 1:
      case 2:
        step.compose(random_circuit(
            {.n_qubits = n, .n_gates = 2, .max_controls = n - 1, .named = options.named}, dice));
        break;
      case 3:
      case 4: {
        const qsim::Channel& channel =
            channels[static_cast<std::size_t>(dice.below(static_cast<int>(channels.size())))];
        if (qsim::n_qubits(channel) <= n) {
          step.channel(channel, dice.qubits(qsim::n_qubits(channel), n));
        }
        break;
      }
      case 5:
        step.reset(dice.below(n));
        break;
      default: {
        qsim::Operation measure{.row = &qsim::gate_row("measure"),
                                .targets = {dice.below(n)},
                                .bit = dice.below(options.n_bits)};
        if (dice.coin()) {
          measure.readout_error = std::make_shared<const qsim::ReadoutError>(
              qsim::ReadoutError{dice.uniform(), dice.uniform()});
        }
        step.add(measure);
      }
    }
    if (options.n_bits > 1 && dice.below(3) == 0) {
      const int bit = dice.below(options.n_bits);
      const bool writes = step.size() > 0 && step.operations()[0].bit == bit;
      if (!writes) {
        out.when({{{bit}, {dice.coin()}, dice.coin()}}, step);
        continue;
      }
    }
    out.compose(step);
  }
  return out;
}

}  // namespace reference
