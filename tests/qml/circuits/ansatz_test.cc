#include "qml/circuits/ansatz.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <map>
#include <numbers>

#include "qml/circuits/feature_map.h"
#include "qsim/engines/execute.h"
#include "tests/catch.h"

using Catch::Matchers::Matches;
using qsim::Circuit;
using qsim::Expression;
using qsim::Operation;
using qsim::Parameter;

namespace {

using Pairs = std::vector<qml::QubitPair>;
using Counts = std::map<std::string, int>;

std::size_t n_weights(const Circuit& circuit) { return circuit.parameters().size(); }

std::vector<std::string> numbered(const std::string& name, int first, int count) {
  std::vector<std::string> out;
  for (int k = first; k < first + count; ++k) out.push_back(name + "[" + std::to_string(k) + "]");
  return out;
}

Expression w(int k) { return Parameter(numbered("w", k, 1).front()); }
Expression x(int k) { return Parameter(numbered("x", k, 1).front()); }

bool acts_on_one_qubit(const Operation& op) { return op.targets.size() + op.controls.size() == 1; }

Pairs cnots_of(const Circuit& circuit) {
  Pairs out;
  for (const Operation& op : circuit.operations()) {
    if (!op.controls.empty()) out.emplace_back(op.controls[0].qubit, op.targets[0]);
  }
  return out;
}

// |⟨a|b⟩ − e^{i phase}|: zero where b is a times that phase.
double distance(const Circuit& a, const Circuit& b, const qsim::Values& values, double phase) {
  const auto inner = qsim::simulate<double>(a, values).inner(qsim::simulate<double>(b, values));
  return std::abs(inner - std::polar(1.0, phase));
}

}  // namespace

TEST_CASE("Entanglement patterns list their pairs in order", "[ansatz]") {
  using qml::entangling_pairs;
  CHECK(entangling_pairs("none", 4).empty());
  CHECK(entangling_pairs("linear", 4) == Pairs{{0, 1}, {1, 2}, {2, 3}});
  CHECK(entangling_pairs("reverse_linear", 4) == Pairs{{2, 3}, {1, 2}, {0, 1}});
  CHECK(entangling_pairs("pairwise", 5) == Pairs{{0, 1}, {2, 3}, {1, 2}, {3, 4}});
  CHECK(entangling_pairs("ring", 4) == Pairs{{0, 1}, {1, 2}, {2, 3}, {3, 0}});
  CHECK(entangling_pairs("circular", 4) == Pairs{{3, 0}, {0, 1}, {1, 2}, {2, 3}});
  CHECK(entangling_pairs("full", 4) == Pairs{{0, 1}, {0, 2}, {0, 3}, {1, 2}, {1, 3}, {2, 3}});
}

TEST_CASE("The sca pattern shifts with the layer and alternates its direction", "[ansatz]") {
  const auto sca = [](int layer) { return qml::entangling_pairs("sca", 4, layer); };
  CHECK(sca(0) == Pairs{{3, 0}, {0, 1}, {1, 2}, {2, 3}});
  CHECK(sca(1) == Pairs{{3, 2}, {0, 3}, {1, 0}, {2, 1}});
  CHECK(sca(2) == Pairs{{1, 2}, {2, 3}, {3, 0}, {0, 1}});
  CHECK(sca(4) == sca(0));
}

TEST_CASE("Every pattern exists on one and two qubits", "[ansatz]") {
  for (const auto name : qml::entanglement_names()) {
    CAPTURE(name);
    CHECK(qml::entangling_pairs(name, 1, 3).empty());
    CHECK(qml::entangling_pairs(name, 2, 2) == (name == "none" ? Pairs{} : Pairs{{0, 1}}));
  }
}

TEST_CASE("A wrong pattern, qubit count or layer is an error that says so", "[ansatz]") {
  CHECK_THROWS_WITH(qml::entangling_pairs("star", 3), Matches(".*star.*none, linear.*full.*"));
  CHECK_THROWS_WITH(qml::entangling_pairs("full", 63), Matches(".*63.*\\[1, 62\\].*"));
  CHECK_THROWS_AS(qml::entangling_pairs("full", 0), std::invalid_argument);
  CHECK_THROWS_WITH(qml::entangling_pairs("sca", 3, -1), Matches(".*-1.*"));
}

TEST_CASE("Hardware-efficient: RX RY RZ on every qubit and a CNOT ring", "[ansatz]") {
  const Circuit two = qml::hardware_efficient(2, 1);
  CHECK(
      two ==
      Circuit(2).rx(w(0), 0).ry(w(1), 0).rz(w(2), 0).rx(w(3), 1).ry(w(4), 1).rz(w(5), 1).cx(0, 1));
  const Circuit circuit = qml::hardware_efficient(5, 4);
  CHECK(circuit.parameters() == numbered("w", 0, 60));
  CHECK(circuit.count_gates() == Counts{{"rx", 20}, {"ry", 20}, {"rz", 20}, {"cx", 20}});
  CHECK(qml::hardware_efficient(5, 4, "full").count_gates()["cx"] == 40);
}

TEST_CASE("Strongly entangling: RZ RY RZ and rings of growing range", "[ansatz]") {
  const Circuit circuit = qml::strongly_entangling(4, 4);
  CHECK(circuit.parameters() == numbered("w", 0, 48));
  CHECK(circuit.count_gates() == Counts{{"rz", 32}, {"ry", 16}, {"cx", 16}});
  CHECK(circuit.operations()[1] == Circuit(4).ry(w(1), 0).operations()[0]);
  CHECK(cnots_of(circuit) == Pairs{{0, 1},
                                   {1, 2},
                                   {2, 3},
                                   {3, 0},
                                   {0, 2},
                                   {1, 3},
                                   {2, 0},
                                   {3, 1},
                                   {0, 3},
                                   {1, 0},
                                   {2, 1},
                                   {3, 2},
                                   {0, 1},
                                   {1, 2},
                                   {2, 3},
                                   {3, 0}});
  CHECK(cnots_of(qml::strongly_entangling(2, 2)) == Pairs{{0, 1}, {1, 0}, {0, 1}, {1, 0}});
  CHECK(cnots_of(qml::strongly_entangling(1, 2)).empty());
}

TEST_CASE("Basic entangler: one rotation a qubit and a CNOT ring", "[ansatz]") {
  CHECK(qml::basic_entangler(3, 1, "ry") ==
        Circuit(3).ry(w(0), 0).ry(w(1), 1).ry(w(2), 2).cx(0, 1).cx(1, 2).cx(2, 0));
  CHECK(qml::basic_entangler(3, 5).count_gates() == Counts{{"rx", 15}, {"cx", 15}});
  CHECK(cnots_of(qml::basic_entangler(2, 1)) == Pairs{{0, 1}});
  CHECK(cnots_of(qml::basic_entangler(1, 1)).empty());
}

TEST_CASE("Two-local: rows of rotations, any entangler, a final row", "[ansatz]") {
  CHECK(qml::two_local(2, 1) == Circuit(2)
                                    .ry(w(0), 0)
                                    .ry(w(1), 1)
                                    .rz(w(2), 0)
                                    .rz(w(3), 1)
                                    .cx(0, 1)
                                    .ry(w(4), 0)
                                    .ry(w(5), 1)
                                    .rz(w(6), 0)
                                    .rz(w(7), 1));
  CHECK(qml::two_local(2, 1, {"p"}, "crx", "linear", false) ==
        Circuit(2).p(w(0), 0).p(w(1), 1).crx(w(2), 0, 1));
  CHECK(qml::two_local(3, 2, {"rx"}, "rzz", "full", false).parameters() == numbered("w", 0, 12));
  CHECK(qml::two_local(3, 1, {}, "swap").count_gates() == Counts{{"swap", 2}});
}

TEST_CASE("Two-local refuses what is no rotation or no entangler", "[ansatz]") {
  for (const std::string gate : {"h", "u", "rzz", "crx", "pauli_rotation", "initialize"}) {
    CHECK_THROWS_WITH(qml::two_local(2, 1, {gate}), Matches(".*" + gate + ".*no rotation.*"));
  }
  for (const std::string gate : {"x", "ccx", "unitary", "pauli_rotation"}) {
    CHECK_THROWS_WITH(qml::two_local(2, 1, {"ry"}, gate), Matches(".*" + gate + ".*two qubits.*"));
  }
  CHECK_THROWS_WITH(qml::basic_entangler(2, 1, "h"), Matches(".*'h'.*"));
  CHECK_THROWS_WITH(qml::two_local(2, 1, {"rq"}), Matches(".*rq.*"));
  CHECK_THROWS_AS(qml::two_local(2, 1, {"ry"}, "cx", "star"), std::invalid_argument);
}

TEST_CASE("Every ansatz by name: layers, composition, separable ablation, small sizes",
          "[ansatz]") {
  for (const auto name : qml::ansatz_names()) {
    for (const int n : {1, 2, 3, 5}) {
      CAPTURE(name, n);
      const Circuit whole = qml::make_ansatz(name, n, 3);
      CHECK(whole.parameters() == numbered("w", 0, static_cast<int>(n_weights(whole))));

      Circuit composed(n);
      std::size_t sum = 0;
      for (const Circuit& layer : qml::ansatz_layers(name, n, 3)) {
        composed.compose(layer);
        sum += layer.used_parameters().size();
      }
      CHECK(composed == whole);
      CHECK(sum == n_weights(whole));  // no weight belongs to two layers

      const Circuit separable = qml::make_ansatz(name, n, 3, false);
      CHECK(std::ranges::all_of(separable.operations(), acts_on_one_qubit));
      CHECK(separable.parameters() == whole.parameters());
      CHECK((n == 1) == (separable == whole));
    }
  }
}

TEST_CASE("make_ansatz gives the default forms and lists its names", "[ansatz]") {
  CHECK(qml::make_ansatz("hardware_efficient", 3, 2) == qml::hardware_efficient(3, 2));
  CHECK(qml::make_ansatz("strongly_entangling", 3, 2) == qml::strongly_entangling(3, 2));
  CHECK(qml::make_ansatz("basic_entangler", 3, 2) == qml::basic_entangler(3, 2));
  CHECK(qml::make_ansatz("two_local", 3, 2) == qml::two_local(3, 2));
  CHECK_THROWS_WITH(qml::make_ansatz("qaoa", 3, 2),
                    Matches(".*qaoa.*strongly_entangling, basic_entangler.*"));
  CHECK_THROWS_WITH(qml::make_ansatz("two_local", 3, 0), Matches(".*at least 1 layer, got 0.*"));
  CHECK_THROWS_AS(qml::make_ansatz("two_local", 0, 1), std::invalid_argument);
}

TEST_CASE("The angle map puts features on qubits in turn, axes alternating", "[feature_map]") {
  CHECK(qml::angle_map(3) == Circuit(3).ry(x(0), 0).ry(x(1), 1).ry(x(2), 2));
  CHECK(qml::angle_map(5, 2) ==
        Circuit(2).ry(x(0), 0).ry(x(1), 1).rz(x(2), 0).rz(x(3), 1).ry(x(4), 0));
  CHECK(qml::angle_map(2, 1, "rx") == Circuit(1).rx(x(0), 0).rz(x(1), 0));
  CHECK(qml::angle_map(2, 1, "rz") == Circuit(1).h(0).rz(x(0), 0).ry(x(1), 0));
  CHECK(qml::angle_map(1, 3).n_qubits() == 3);
}

TEST_CASE("The amplitude map has as many qubits as its features need", "[feature_map]") {
  for (const auto& [features, qubits] :
       std::map<int, int>{{1, 1}, {2, 1}, {3, 2}, {4, 2}, {5, 3}, {8, 3}, {9, 4}}) {
    const Circuit circuit = qml::amplitude_map(features);
    CHECK(circuit.n_qubits() == qubits);
    CHECK(circuit.parameters() == numbered("x", 0, features));
  }
  const auto state =
      qsim::simulate<double>(qml::amplitude_map(3), {{"x[0]", 1.0}, {"x[1]", -2.0}, {"x[2]", 2.0}});
  CHECK(state.amplitude(1).real() == Approx(-2.0 / 3.0));
  CHECK(state.amplitude(3).real() == 0.0);
}

TEST_CASE("The IQP map is Qiskit's ZZFeatureMap up to the stated phase", "[feature_map]") {
  constexpr double kPi = std::numbers::pi;
  constexpr int kReps = 2;
  const qsim::Values values{{"x[0]", 0.3}, {"x[1]", -1.1}, {"x[2]", 2.7}};
  const std::vector<double> sample{0.3, -1.1, 2.7};
  Circuit qiskit(3);
  double phase = 0.0;
  for (int r = 0; r < kReps; ++r) {
    qiskit.h(0).h(1).h(2);
    for (int q = 0; q < 3; ++q) qiskit.p(2.0 * x(q), q);
    for (const double value : sample) phase += value;
    for (const auto& [i, j] : Pairs{{0, 1}, {0, 2}, {1, 2}}) {
      qiskit.cx(i, j).p(2.0 * (kPi - x(i)) * (kPi - x(j)), j).cx(i, j);
      phase +=
          (kPi - sample[static_cast<std::size_t>(i)]) * (kPi - sample[static_cast<std::size_t>(j)]);
    }
  }
  CHECK(distance(qiskit, qml::iqp_map(3, kReps), values, -phase) < 1e-12);
}

TEST_CASE("The IQP map follows its repetitions and entanglement", "[feature_map]") {
  CHECK(qml::iqp_map(4).count_gates() == Counts{{"h", 8}, {"rz", 8}, {"rzz", 12}});
  CHECK(qml::iqp_map(4, 3, "linear").count_gates()["rzz"] == 9);
  CHECK(qml::iqp_map(1, 1) == Circuit(1).h(0).rz(2.0 * x(0), 0));
  CHECK(qml::iqp_map(3).parameters() == numbered("x", 0, 3));
}

TEST_CASE("Feature maps by name", "[feature_map]") {
  CHECK(qml::make_feature_map("angle", 5, 2) == qml::angle_map(5, 2));
  CHECK(qml::make_feature_map("amplitude", 5) == qml::amplitude_map(5));
  CHECK(qml::make_feature_map("iqp", 3, 3, 1) == qml::iqp_map(3, 1));
  CHECK(qml::make_feature_map("zz", 3) == qml::iqp_map(3));
  for (const auto name : qml::feature_map_names()) {
    CHECK(qml::make_feature_map(name, 3).parameters() == numbered("x", 0, 3));
    CHECK_THROWS_WITH(qml::make_feature_map(name, 0), Matches(".*at least 1 feature, got 0.*"));
  }
  CHECK_THROWS_WITH(qml::make_feature_map("fourier", 3),
                    Matches(".*fourier.*angle, amplitude, iqp, zz.*"));
  CHECK_THROWS_WITH(qml::make_feature_map("amplitude", 4, 4), Matches(".*2 qubit.*4.*"));
  CHECK_THROWS_WITH(qml::make_feature_map("iqp", 3, 2), Matches(".*3 qubit.*2.*"));
  CHECK_THROWS_WITH(qml::iqp_map(2, 0), Matches(".*got 0.*"));
  CHECK_THROWS_WITH(qml::angle_map(2, 2, "p"), Matches(".*'p'.*"));
  CHECK_THROWS_WITH(qml::angle_map(2, -1), Matches(".*-1.*"));
}

TEST_CASE("Re-uploading interleaves the map and the layers", "[feature_map]") {
  const std::vector<Circuit> layers = qml::ansatz_layers("basic_entangler", 2, 2);
  CHECK(qml::reupload(qml::angle_map(2), layers) == Circuit(2)
                                                        .ry(x(0), 0)
                                                        .ry(x(1), 1)
                                                        .rx(w(0), 0)
                                                        .rx(w(1), 1)
                                                        .cx(0, 1)
                                                        .ry(x(0), 0)
                                                        .ry(x(1), 1)
                                                        .rx(w(2), 0)
                                                        .rx(w(3), 1)
                                                        .cx(0, 1));
  CHECK(qml::reupload(qml::angle_map(1), layers).n_qubits() == 2);
  CHECK(qml::reupload(qml::angle_map(3), layers).n_qubits() == 3);
}

TEST_CASE("Re-uploading with scaled inputs has its own weights in every layer", "[feature_map]") {
  const std::vector<Circuit> layers = qml::ansatz_layers("basic_entangler", 2, 2);
  const Circuit scaled = qml::reupload(qml::angle_map(2), layers, true);
  const Expression s3 = Parameter("s[3]");
  CHECK(scaled.operations()[6] == Circuit(2).ry(s3 * x(1), 1).operations()[0]);
  CHECK(n_weights(scaled) == 4 + 2 + 4);

  std::map<std::string, double> values{{"x[0]", 0.4}, {"x[1]", -0.9}};
  for (const auto& name : numbered("w", 0, 4))
    values[name] = 0.1 + 0.2 * static_cast<double>(values.size());
  std::map<std::string, double> with_ones = values;
  for (const auto& name : numbered("s", 0, 4)) with_ones[name] = 1.0;
  const auto plain = qsim::simulate<double>(qml::reupload(qml::angle_map(2), layers), values);
  const auto unit = qsim::simulate<double>(scaled, with_ones);
  CHECK(std::abs(plain.inner(unit) - 1.0) < 1e-12);
}

TEST_CASE("Re-uploading refuses no layers, and amplitudes a second time", "[feature_map]") {
  const std::vector<Circuit> layers = qml::ansatz_layers("basic_entangler", 2, 2);
  CHECK_THROWS_AS(qml::reupload(qml::angle_map(2), {}), std::invalid_argument);
  CHECK_THROWS_WITH(qml::reupload(qml::amplitude_map(4), layers), Matches(".*first operation.*"));
  CHECK_NOTHROW(qml::reupload(qml::amplitude_map(4), std::span(layers).first(1)));
}
