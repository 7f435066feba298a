#include "qsim/noise/schedule.h"

#include <algorithm>
#include <set>
#include <utility>

#include "qsim/circuit/condition.h"
#include "qsim/circuit/final_measurements.h"
#include "qsim/compile/primitives.h"
#include "qsim/core/count_work.h"
#include "qsim/core/error.h"
#include "qsim/core/made_once.h"
#include "qsim/noise/channel.h"

namespace qsim {
namespace {

std::shared_ptr<const Channel> measurement() {
  return made_once([] {
    Matrix zero = Matrix::Zero(2, 2);
    Matrix one = Matrix::Zero(2, 2);
    zero(0, 0) = 1;
    one(1, 1) = 1;
    return std::make_shared<const Channel>(Channel{"measure", {}, {zero, one}});
  });
}

std::shared_ptr<const Channel> reset() {
  return made_once([] { return std::make_shared<const Channel>(channels::reset()); });
}

// The final measurements, of each qubit and into each bit the last one only: the others, which are
// not made at the end, would otherwise be overtaken by what they overwrite.
std::vector<bool> last_measurements(const Circuit& circuit) {
  std::vector<bool> out = final_operations(circuit);
  std::set<Qubit> measured;
  std::set<int> written;
  for (std::size_t k = out.size(); k-- > 0;) {
    const Operation& op = circuit.operations()[k];
    if (op.row->kind != GateKind::kMeasure) continue;
    const bool qubit_is_last = measured.insert(op.targets.front()).second;
    const bool bit_is_last = written.insert(op.bit).second;
    out[k] = out[k] && qubit_is_last && bit_is_last;
  }
  return out;
}

}  // namespace

std::string angle_name(std::size_t k) { return concat("angle", k); }

Schedule::Schedule(const Circuit& circuit, Goal wanted, const std::vector<std::string>& inputs,
                   const AskedNames& weights)
    : goal(wanted),
      n_qubits(circuit.n_qubits()),
      n_bits(circuit.n_bits()),
      bit_registers(circuit.bit_registers()) {
  require(n_qubits <= kMaxQubits, "a circuit of ", n_qubits, " qubits cannot run; the limit is ",
          kMaxQubits);
  angles.n_qubits = n_qubits;
  set_parameters(circuit, inputs, weights, angles);
  const std::vector<bool> is_final =
      goal == Goal::kBits ? last_measurements(circuit) : std::vector<bool>(circuit.size(), false);
  const auto add_gates = [this](const Operation& op) {
    if (pieces.empty() || pieces.back().channel ||
        !same_condition(pieces.back().condition, op.condition)) {
      pieces.push_back({.condition = op.condition, .first_coordinate = angles.slots.size()});
    }
    Operation gate = op;
    gate.condition = nullptr;
    for (Primitive& primitive : lower(gate)) {
      if (primitive.kind != Primitive::Kind::kMatrix) {
        angles.slots.push_back({angles.tape.add(primitive.angle), {}});
        primitive.angle = Parameter(angle_name(pieces.back().n_coordinates++));
      }
      pieces.back().gates.push_back(std::move(primitive));
    }
  };
  for (std::size_t k = 0; k < circuit.size(); ++k) {
    count_work(10);
    const Operation& op = circuit.operations()[k];
    switch (op.row->kind) {
      case GateKind::kBarrier:
        break;
      case GateKind::kInitialize:
        angles.initial = amplitudes_of(op, angles.tape);
        break;
      case GateKind::kMeasure:
        if (is_final[k]) {
          final_measurements.push_back({op.targets[0], op.bit, op.readout_error});
          break;
        }
        [[fallthrough]];
      case GateKind::kReset:
      case GateKind::kChannel:
        pieces.push_back({.channel = op.channel                           ? op.channel
                                     : op.row->kind == GateKind::kMeasure ? measurement()
                                                                          : reset(),
                          .qubits = op.targets,
                          .bit = op.bit,
                          .misread = op.readout_error,
                          .condition = op.condition,
                          .first_coordinate = angles.slots.size()});
        break;
      default:
        add_gates(op);
    }
  }
}

std::vector<double> coordinates(const Schedule& schedule, const Binding<double>& binding) {
  std::vector<double> out;
  for (std::size_t k = 0; k < schedule.angles.slots.size(); ++k) {
    out.push_back(binding.angle(schedule.angles, static_cast<int>(k)));
  }
  return out;
}

std::vector<std::vector<double>> spectra(const Schedule& schedule) {
  std::vector<std::vector<double>> out;
  for (const SchedulePiece& piece : schedule.pieces) {
    count_work();
    for (const Primitive& gate : piece.gates) {
      if (gate.kind == Primitive::Kind::kMatrix) continue;
      const Program alone = compile(schedule.n_qubits, {&gate, 1}, gate.angle.parameters());
      out.push_back(alone.slots.front().eigenvalues);
    }
  }
  return out;
}

Program compile_gates(int n_qubits, std::span<const Primitive> gates, std::size_t n_coordinates) {
  std::vector<std::string> names;
  names.reserve(n_coordinates);
  for (std::size_t k = 0; k < n_coordinates; ++k) names.push_back(angle_name(k));
  return compile(n_qubits, gates, std::move(names));
}

bool get_bit(std::span<const std::uint64_t> bits, int position) {
  return has_bit(bits[static_cast<std::size_t>(position / kWordBits)], position % kWordBits);
}

void set_bit(std::span<std::uint64_t> bits, int position, bool value) {
  std::uint64_t& word = bits[static_cast<std::size_t>(position / kWordBits)];
  const std::uint64_t mask = bit(position % kWordBits);
  word = value ? word | mask : word & ~mask;
}

bool holds(const Condition& condition, std::span<const std::uint64_t> bits) {
  return std::ranges::all_of(condition, [bits](const Comparison& comparison) {
    bool equal = true;
    for (std::size_t k = 0; k < comparison.bits.size(); ++k) {
      equal = equal && get_bit(bits, comparison.bits[k]) == comparison.values[k];
    }
    return equal == comparison.equal;
  });
}

}  // namespace qsim
