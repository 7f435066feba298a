#include "qml/circuits/ansatz.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <span>

#include "qsim/circuit/room.h"
#include "qsim/core/error.h"

namespace qml {

using qsim::Circuit;
using qsim::concat;
using qsim::Expression;
using qsim::fail;
using qsim::kMaxQubits;
using qsim::Qubit;
using qsim::require;

namespace {

using Pairs = std::vector<QubitPair>;
using Layers = std::vector<Circuit>;
using Names = std::vector<std::string>;

Pairs none(int /*n*/, int /*layer*/) { return {}; }

Pairs linear(int n, int /*layer*/) {
  Pairs out;
  for (Qubit q = 0; q + 1 < n; ++q) out.emplace_back(q, q + 1);
  return out;
}

Pairs reverse_linear(int n, int layer) {
  Pairs out = linear(n, layer);
  std::ranges::reverse(out);
  return out;
}

Pairs pairwise(int n, int /*layer*/) {
  Pairs out;
  for (const Qubit first : {0, 1}) {
    for (Qubit q = first; q + 1 < n; q += 2) out.emplace_back(q, q + 1);
  }
  return out;
}

Pairs ring(int n, int layer) {
  Pairs out = linear(n, layer);
  if (n > 2) out.emplace_back(n - 1, 0);  // of two qubits, the chain is already closed
  return out;
}

Pairs circular(int n, int layer) {
  Pairs out = ring(n, layer);
  if (n > 2) std::rotate(out.begin(), out.end() - 1, out.end());
  return out;
}

Pairs shifted_circular_alternating(int n, int layer) {
  Pairs out = circular(n, layer);
  if (out.empty()) return out;
  const int shift = layer % static_cast<int>(out.size());
  std::rotate(out.begin(), out.end() - shift, out.end());
  if (layer % 2 == 1) {
    for (auto& [control, target] : out) std::swap(control, target);
  }
  return out;
}

Pairs full(int n, int /*layer*/) {
  Pairs out;
  for (Qubit i = 0; i < n; ++i) {
    for (Qubit j = i + 1; j < n; ++j) out.emplace_back(i, j);
  }
  return out;
}

struct PatternRow {
  std::string_view name;
  Pairs (*pairs)(int n_qubits, int layer);
};
constexpr std::array kPatterns{
    PatternRow{"none", none},
    PatternRow{"linear", linear},
    PatternRow{"reverse_linear", reverse_linear},
    PatternRow{"pairwise", pairwise},
    PatternRow{"ring", ring},
    PatternRow{"circular", circular},
    PatternRow{"sca", shifted_circular_alternating},
    PatternRow{"full", full},
};

// The row of that name; an unknown name is an error that lists the known ones.
template <class Table>
const auto& row_named(const Table& table, std::string_view name, std::string_view what) {
  std::string known;
  for (const auto& row : table) {
    if (row.name == name) return row;
    known += concat(known.empty() ? "" : ", ", row.name);
  }
  fail("there is no ", what, " named '", name, "'; the names are ", known);
}

template <class Table>
std::vector<std::string_view> names_of(const Table& table) {
  std::vector<std::string_view> names;
  for (const auto& row : table) names.push_back(row.name);
  return names;
}

// Hands out w[0], w[1], … of a vector of so many, in order of appearance.
class Weights {
 public:
  explicit Weights(std::int64_t total) : total_(static_cast<int>(total)) {
    require(total <= qsim::kMostElements, "an ansatz of ", total, " weights is above the limit of ",
            qsim::kMostElements);
  }
  Expression next() { return qsim::Parameter("w", next_++, total_); }

 private:
  int total_;
  int next_ = 0;
};

void check_rotation(std::string_view name) {
  const auto [row, n_controls] = qsim::resolve_gate(name);
  require(row->angles == 1 && row->targets + n_controls == 1, "gate '", name,
          "' is no rotation: a rotation has one angle and acts on one qubit");
}

// All rotations on qubit 0, then all on qubit 1, …
void rotate(Circuit& circuit, Weights& weights, const Names& rotations) {
  for (Qubit q = 0; q < circuit.n_qubits(); ++q) {
    for (const std::string& rotation : rotations) circuit.gate(rotation, {weights.next()}, {q});
  }
}

// The first rotation on all qubits, then the second on all qubits, …
void rotate_by_rows(Circuit& circuit, Weights& weights, const Names& rotations) {
  for (const std::string& rotation : rotations) rotate(circuit, weights, {rotation});
}

void entangle_pairs(Circuit& circuit, Weights& weights, std::string_view gate,
                    std::span<const QubitPair> pairs) {
  const int n_angles = qsim::resolve_gate(gate).row->angles;
  for (const auto& [control, target] : pairs) {
    std::vector<Expression> angles;
    for (int k = 0; k < n_angles; ++k) angles.push_back(weights.next());
    circuit.gate(gate, std::move(angles), {control, target});
  }
}

// Asks for the memory first, twice, as the layers are joined by copying them.
Layers empty_layers(int n_qubits, int n_layers, std::size_t gates_a_layer) {
  require(n_layers >= 1, "an ansatz has at least 1 layer, got ", n_layers);
  const Circuit checked(n_qubits);
  qsim::require_operations(2.0 * n_layers * static_cast<double>(gates_a_layer + 1), "an ansatz");
  return {static_cast<std::size_t>(n_layers), Circuit(n_qubits)};
}

// In every layer, all rotations on each qubit in turn and CNOTs on the pairs of a pattern.
Layers rotations_and_cnots(int n_qubits, int n_layers, const Names& rotations,
                           std::string_view pattern) {
  const auto n = static_cast<std::size_t>(std::max(n_qubits, 1));
  Layers layers = empty_layers(n_qubits, n_layers,
                               n * rotations.size() + entangling_pairs(pattern, n_qubits).size());
  Weights weights(std::int64_t{n_layers} * n_qubits * std::ssize(rotations));
  for (int l = 0; l < n_layers; ++l) {
    Circuit& layer = layers[static_cast<std::size_t>(l)];
    rotate(layer, weights, rotations);
    entangle_pairs(layer, weights, "cx", entangling_pairs(pattern, n_qubits, l));
  }
  return layers;
}

Layers hardware_efficient_layers(int n_qubits, int n_layers, std::string_view pattern) {
  return rotations_and_cnots(n_qubits, n_layers, {"rx", "ry", "rz"}, pattern);
}

Layers basic_entangler_layers(int n_qubits, int n_layers, std::string_view rotation,
                              std::string_view pattern) {
  check_rotation(rotation);
  return rotations_and_cnots(n_qubits, n_layers, {std::string(rotation)}, pattern);
}

Pairs ring_of_range(int n_qubits, int range) {
  Pairs out;
  for (Qubit q = 0; q < n_qubits; ++q) out.emplace_back(q, (q + range) % n_qubits);
  return out;
}

Layers strongly_entangling_layers(int n_qubits, int n_layers, bool entangle) {
  constexpr std::size_t kGatesAQubit = 4;
  Layers layers = empty_layers(n_qubits, n_layers,
                               kGatesAQubit * static_cast<std::size_t>(std::max(n_qubits, 1)));
  constexpr std::int64_t kAngles = 3;
  Weights weights(n_layers * kAngles * n_qubits);
  for (int l = 0; l < n_layers; ++l) {
    Circuit& layer = layers[static_cast<std::size_t>(l)];
    rotate(layer, weights, {"rz", "ry", "rz"});
    if (!entangle || n_qubits == 1) continue;
    entangle_pairs(layer, weights, "cx", ring_of_range(n_qubits, l % (n_qubits - 1) + 1));
  }
  return layers;
}

void check_two_local(const Names& rotations, std::string_view entangler) {
  std::ranges::for_each(rotations, check_rotation);
  const auto [row, n_controls] = qsim::resolve_gate(entangler);
  require(row->targets > 0 && row->targets + n_controls == 2, "gate '", entangler,
          "' is no entangler: an entangler acts on two qubits");
}

Layers two_local_layers(int n_qubits, int n_layers, const Names& rotations,
                        std::string_view entangler, std::string_view pattern, bool final_rotation) {
  check_two_local(rotations, entangler);
  const auto n = static_cast<std::size_t>(std::max(n_qubits, 1));
  Layers layers = empty_layers(n_qubits, n_layers,
                               n * rotations.size() + entangling_pairs(pattern, n_qubits).size());
  std::int64_t n_entangling = 0;
  for (int l = 0; l < n_layers; ++l) {
    n_entangling += std::ssize(entangling_pairs(pattern, n_qubits, l));
  }
  const std::int64_t n_rotating = n_layers + (final_rotation ? 1 : 0);
  Weights weights(n_rotating * n_qubits * std::ssize(rotations) +
                  n_entangling * qsim::resolve_gate(entangler).row->angles);
  for (int l = 0; l < n_layers; ++l) {
    Circuit& layer = layers[static_cast<std::size_t>(l)];
    rotate_by_rows(layer, weights, rotations);
    entangle_pairs(layer, weights, entangler, entangling_pairs(pattern, n_qubits, l));
  }
  if (final_rotation) rotate_by_rows(layers.back(), weights, rotations);
  return layers;
}

Circuit joined(const Layers& layers) {
  Circuit out(layers.front().n_qubits());
  for (const Circuit& layer : layers) out.compose(layer);
  return out;
}

struct AnsatzRow {
  std::string_view name;
  Layers (*layers)(int n_qubits, int n_layers, bool entangle);
};
constexpr std::array kAnsatzes{
    AnsatzRow{"hardware_efficient",
              [](int n, int l, bool entangle) {
                return hardware_efficient_layers(n, l, entangle ? "ring" : "none");
              }},
    AnsatzRow{"strongly_entangling", strongly_entangling_layers},
    AnsatzRow{"basic_entangler",
              [](int n, int l, bool entangle) {
                return basic_entangler_layers(n, l, "rx", entangle ? "ring" : "none");
              }},
    AnsatzRow{
        "two_local",
        [](int n, int l, bool entangle) {
          return two_local_layers(n, l, {"ry", "rz"}, "cx", entangle ? "linear" : "none", true);
        }},
};

}  // namespace

std::vector<QubitPair> entangling_pairs(std::string_view pattern, int n_qubits, int layer) {
  const PatternRow& row = row_named(kPatterns, pattern, "entanglement pattern");
  require(n_qubits >= 1 && n_qubits <= kMaxQubits, "number of qubits ", n_qubits,
          " is outside [1, ", kMaxQubits, "]");
  require(layer >= 0, "layer ", layer, " is below 0");
  return row.pairs(n_qubits, layer);
}

std::vector<std::string_view> entanglement_names() { return names_of(kPatterns); }

Circuit hardware_efficient(int n_qubits, int n_layers, std::string_view pattern) {
  return joined(hardware_efficient_layers(n_qubits, n_layers, pattern));
}

Circuit strongly_entangling(int n_qubits, int n_layers) {
  return joined(strongly_entangling_layers(n_qubits, n_layers, true));
}

Circuit basic_entangler(int n_qubits, int n_layers, std::string_view rotation) {
  return joined(basic_entangler_layers(n_qubits, n_layers, rotation, "ring"));
}

Circuit two_local(int n_qubits, int n_layers, const std::vector<std::string>& rotations,
                  std::string_view entangler, std::string_view pattern, bool final_rotation) {
  return joined(
      two_local_layers(n_qubits, n_layers, rotations, entangler, pattern, final_rotation));
}

Circuit make_ansatz(std::string_view name, int n_qubits, int n_layers, bool entangle) {
  return joined(ansatz_layers(name, n_qubits, n_layers, entangle));
}

std::vector<Circuit> ansatz_layers(std::string_view name, int n_qubits, int n_layers,
                                   bool entangle) {
  return row_named(kAnsatzes, name, "ansatz").layers(n_qubits, n_layers, entangle);
}

std::vector<std::string_view> ansatz_names() { return names_of(kAnsatzes); }

}  // namespace qml
