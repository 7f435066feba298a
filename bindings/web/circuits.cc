#include "bindings/web/circuits.h"

#include <map>
#include <string>

#include "qml/derivatives/differentiate.h"
#include "qsim/compile/program.h"
#include "qsim/core/error.h"
#include "qsim/core/pauli.h"
#include "qsim/drawing/svg_drawing.h"
#include "qsim/json/json.h"
#include "qsim/noise/shots.h"
#include "qsim/qasm/qasm.h"

namespace web {
namespace {

constexpr std::int64_t kMostOperations = 100'000;  // a page draws them all
constexpr std::int64_t kMostShots = 1'000'000;

// A circuit and what is asked of it again and again while numbers change.
struct Read {
  std::string text;
  qsim::Circuit circuit{1};
  qsim::Circuit before_measurements{1};
};

qsim::Circuit parse(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first != std::string::npos && text[first] == '{') return qsim::circuit_from_json_text(text);
  return qsim::circuit_from_qasm(text, {.name = "circuit", .max_operations = kMostOperations});
}

// The circuit of a request; the last one is kept.
const Read& circuit_of(const Json& request) {
  static Read kept;
  const auto& text = request.at("text").get_ref<const std::string&>();
  if (kept.text.empty() || kept.text != text) {
    qsim::Circuit circuit = parse(text);
    check_size(circuit, "the circuit");
    qsim::Circuit before = circuit.without_final_measurements();
    kept = {text, std::move(circuit), std::move(before)};
  }
  return kept;
}

qsim::Values values_of(const Json& request) {
  return request.at("values").get<std::map<std::string, double>>();
}

const qsim::Circuit& unitary_part(const Read& read) {
  qsim::require(read.before_measurements.is_unitary(),
                "the circuit has no one state at its end: it measures, resets or has noise before "
                "that; its counts say what comes out");
  return read.before_measurements;
}

}  // namespace

Json read_circuit(const Json& request) {
  const Read& read = circuit_of(request);
  return {{"n_qubits", read.circuit.n_qubits()},
          {"n_bits", read.circuit.n_bits()},
          {"n_operations", read.circuit.operations().size()},
          {"depth", read.circuit.depth()},
          {"parameters", read.circuit.parameters()},
          {"is_unitary", read.before_measurements.is_unitary()},
          {"svg", qsim::draw_svg(read.circuit)},
          {"json", qsim::to_json_text(read.circuit)}};
}

Json circuit_state(const Json& request) {
  return state_of(unitary_part(circuit_of(request)), values_of(request));
}

Json circuit_counts(const Json& request) {
  const auto shots = request.at("shots").get<std::int64_t>();
  qsim::require(shots <= kMostShots, shots, " shots; in a page there are at most ", kMostShots);
  const qsim::Shots run = qsim::run_shots<double>(circuit_of(request).circuit, values_of(request),
                                                  shots, request.at("seed").get<std::uint64_t>());
  Json counts = Json::object();
  for (const auto& [bits, count] : run.counts()) {
    counts[qsim::bit_text(bits, run.n_bits())] = count;
  }
  return {{"counts", counts}};
}

Json circuit_gradient(const Json& request) {
  const qsim::Program program = qsim::compile(
      unitary_part(circuit_of(request)), request.at("observable").get_ref<const std::string&>());
  const std::vector<double> weights = qsim::ordered_values(program, values_of(request));
  const qml::Gradients found = qml::jacobian<double>(program, {.weights = weights});
  return {{"value", found.values.front()}, {"gradient", found.weights}};
}

}  // namespace web
