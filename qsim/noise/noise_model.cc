#include "qsim/noise/noise_model.h"

#include <algorithm>
#include <memory>
#include <ostream>
#include <set>
#include <utility>

#include "qsim/core/count_work.h"
#include "qsim/core/error.h"
#include "qsim/core/matrix.h"
#include "qsim/noise/channel.h"

namespace qsim {
namespace {

// The qubits of a gate, controls first; 0 where it may have any number.
int qubits_of_gate(std::string_view name) {
  const auto [row, controls] = resolve_gate(name);
  require(is_gate(*row) || row->kind == GateKind::kReset, "noise behind '", name,
          "' is not defined; it may come behind gates and reset");
  if (row->kind == GateKind::kReset) return 1;
  return row->targets == 0 ? 0 : row->targets + controls;
}

void check_qubits(const std::optional<std::vector<Qubit>>& qubits) {
  if (!qubits) return;
  require(!qubits->empty(), "a list of qubits for noise is empty; leave it out for all");
  require_distinct(*qubits, kMaxCircuitQubits);
}

std::vector<Qubit> qubits_of(const Operation& op) {
  std::vector<Qubit> out;
  for (const Control& control : op.controls) out.push_back(control.qubit);
  out.insert(out.end(), op.targets.begin(), op.targets.end());
  return out;
}

// How well a rule fits: 3 names the qubits, 2 the gate, 1 any gate, 0 not at all.
int rank(const NoiseModel::Rule& rule, std::string_view name, const std::vector<Qubit>& qubits) {
  const bool named = std::ranges::find(rule.gates, name) != rule.gates.end();
  if (!rule.gates.empty() && !named) return 0;
  if (rule.gates.empty() && name == "reset") return 0;
  if (rule.qubits) return *rule.qubits == qubits ? 3 : 0;
  const auto k = static_cast<std::size_t>(n_qubits(rule.channel));
  if (k > 1 && qubits.size() != k) return 0;
  return named ? 2 : 1;
}

void add_noise(const std::shared_ptr<const Channel>& channel, const Operation& op,
               const std::vector<Qubit>& qubits, Circuit& out) {
  const auto add = [&](std::vector<Qubit> targets) {
    out.add({.row = &gate_row("channel"),
             .targets = std::move(targets),
             .channel = channel,
             .condition = op.condition});
  };
  if (n_qubits(*channel) > 1) {
    add(qubits);
  } else {
    for (const Qubit q : qubits) add({q});
  }
}

// "h, rx"
template <class Items>
std::string joined(const Items& items) {
  std::string out;
  for (const auto& item : items) out += concat(out.empty() ? "" : ", ", item);
  return out;
}

}  // namespace

NoiseModel& NoiseModel::add(Channel channel, std::vector<std::string> gates,
                            std::optional<std::vector<Qubit>> qubits) {
  require(!channel.kraus.empty(), "a channel without Kraus operators");
  const int k = n_qubits(channel);
  check_qubits(qubits);
  for (std::string& gate : gates) {
    gate = without_synonym(gate);
    const int n = qubits_of_gate(gate);
    require(n == 0 || k == 1 || k == n, "channel '", channel.name, "' on ", k,
            " qubits does not fit gate '", gate, "' on ", n);
    require(n == 0 || !qubits || static_cast<int>(qubits->size()) == n, "gate '", gate,
            "' acts on ", n, " qubit(s), got ", qubits ? qubits->size() : 0);
  }
  require(k == 1 || !qubits || static_cast<int>(qubits->size()) == k, "channel '", channel.name,
          "' acts on ", k, " qubits, got ", qubits ? qubits->size() : 0);
  rules_.push_back({std::move(channel), std::move(gates), std::move(qubits)});
  return *this;
}

NoiseModel& NoiseModel::add_readout_error(ReadoutError error,
                                          std::optional<std::vector<Qubit>> qubits) {
  check_readout_error(error);
  check_qubits(qubits);
  misreadings_.push_back({error, std::move(qubits)});
  return *this;
}

Circuit NoiseModel::apply(const Circuit& circuit) const {
  Circuit out(circuit.qubit_registers(), circuit.bit_registers());
  std::vector<std::shared_ptr<const Channel>> channels;  // one for all gates that have it
  for (const Rule& rule : rules_) channels.push_back(std::make_shared<const Channel>(rule.channel));
  for (const Operation& op : circuit.operations()) {
    count_work(10);
    const bool has_noise = is_gate(*op.row) || op.row->kind == GateKind::kReset;
    if (op.row->kind == GateKind::kMeasure && !op.readout_error) {
      Operation measure = op;
      bool named = false;
      for (const Misreading& misreading : misreadings_) {
        const auto& qubits = misreading.qubits;
        const bool names = qubits && std::ranges::find(*qubits, op.targets[0]) != qubits->end();
        if (!names && (qubits || named)) continue;
        measure.readout_error = std::make_shared<const ReadoutError>(misreading.error);
        named = names;
      }
      out.add(std::move(measure));
      continue;
    }
    out.add(op);
    if (!has_noise) continue;
    const std::vector<Qubit> qubits = qubits_of(op);
    const std::string_view name = common_name(op);
    int best = 1;
    for (const Rule& rule : rules_) best = std::max(best, rank(rule, name, qubits));
    for (std::size_t k = 0; k < rules_.size(); ++k) {
      if (rank(rules_[k], name, qubits) == best) add_noise(channels[k], op, qubits, out);
    }
  }
  return out;
}

std::ostream& operator<<(std::ostream& out, const NoiseModel& model) {
  const auto on = [](const std::optional<std::vector<Qubit>>& qubits) {
    return qubits ? concat(" on qubits ", joined(*qubits)) : std::string();
  };
  if (model.rules().empty() && model.misreadings().empty()) return out << "no noise";
  const char* gap = "";
  for (const NoiseModel::Rule& rule : model.rules()) {
    out << gap << rule.channel.name;
    if (!rule.channel.parameters.empty()) out << "(" << joined(rule.channel.parameters) << ")";
    out << " after " << (rule.gates.empty() ? "every gate" : joined(rule.gates)) << on(rule.qubits);
    gap = "\n";
  }
  for (const auto& [error, qubits] : model.misreadings()) {
    out << gap << "readout: " << error.one_for_zero << " of 0 read as 1, " << error.zero_for_one
        << " of 1 read as 0" << on(qubits);
    gap = "\n";
  }
  return out;
}

}  // namespace qsim
