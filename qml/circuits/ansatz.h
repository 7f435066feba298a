#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "qsim/circuit/circuit.h"

// Trainable circuits. Their parameters are w[0], w[1], … in order of appearance, so that weights
// are one flat vector; every form exists for any n_qubits ≥ 1 and n_layers ≥ 1.

namespace qml {

using QubitPair = std::pair<qsim::Qubit, qsim::Qubit>;  // control, target

// Which qubits a layer entangles, in the order of its gates; nothing for one qubit. n = n_qubits:
//
//   none            no pairs
//   linear          (0,1) (1,2) … (n−2,n−1)
//   reverse_linear  the same pairs, last one first
//   pairwise        (0,1) (2,3) … and then (1,2) (3,4) …
//   ring            linear, then (n−1,0) where n > 2
//   circular        (n−1,0) where n > 2, then linear
//   sca             shifted circular alternating (Sim, Johnson, Aspuru-Guzik 2019,
//                   arXiv:1905.10876, circuits 13–15): circular with its last `layer` pairs moved
//                   to the front, control and target exchanged in odd layers
//   full            every (i,j) with i < j, in lexicographic order
//
// The names mean what they mean in Qiskit's n-local circuits; ring is the order of PennyLane's
// templates. (Qiskit's sca stops shifting once the layer exceeds the number of pairs; ours goes
// round.) Only sca depends on the layer. Throws ValueError for any other name.
std::vector<QubitPair> entangling_pairs(std::string_view pattern, int n_qubits, int layer = 0);
std::vector<std::string_view> entanglement_names();

// n_layers times RX RY RZ on every qubit, then CNOTs on the pairs of the pattern: 3·n·L weights,
// w[3(nl + q)] … w[3(nl + q) + 2] for qubit q in layer l (Kandala et al. 2017, arXiv:1704.05018,
// with the CNOT ring as its entangler).
qsim::Circuit hardware_efficient(int n_qubits, int n_layers, std::string_view pattern = "ring");

// n_layers times RZ RY RZ on every qubit, then CNOT(q, q + r mod n) for every q, with range
// r = (l mod (n−1)) + 1 in layer l: 3·n·L weights (Schuld, Bocharov, Svore, Wiebe 2020,
// arXiv:1804.00633). Rot(φ, θ, ω), its weights and its ranges are those of PennyLane's
// StronglyEntanglingLayers; two qubits have two CNOTs a layer, one qubit has none.
qsim::Circuit strongly_entangling(int n_qubits, int n_layers);

// n_layers times one rotation (a gate with one angle on one qubit) on every qubit, then a ring of
// CNOTs: n·L weights (PennyLane's BasicEntanglerLayers; two qubits have one CNOT a layer).
qsim::Circuit basic_entangler(int n_qubits, int n_layers, std::string_view rotation = "rx");

// n_layers times each of `rotations` on all qubits, one row of gates after the other, then the
// entangler on the pairs of the pattern; at the end, where final_rotation is set, the rotations
// once more (Qiskit's TwoLocal). Rotations are gates with one angle on one qubit, the entangler is
// any gate on two qubits with whatever angles it has: "cx", "cz", "crx", "rzz".
qsim::Circuit two_local(int n_qubits, int n_layers,
                        const std::vector<std::string>& rotations = {"ry", "rz"},
                        std::string_view entangler = "cx", std::string_view pattern = "linear",
                        bool final_rotation = true);

// One of the circuits above in its default form, by name. With entangle = false it is the same
// circuit without its entangling gates: the separable ablation of Bowles, Ahmed, Schuld 2024
// (arXiv:2403.07059). Throws ValueError for an unknown name.
qsim::Circuit make_ansatz(std::string_view name, int n_qubits, int n_layers, bool entangle = true);

// The same circuit cut into its n_layers layers, for data re-uploading. Each has its own range of
// the weights w; a final row of rotations belongs to the last.
std::vector<qsim::Circuit> ansatz_layers(std::string_view name, int n_qubits, int n_layers,
                                         bool entangle = true);
std::vector<std::string_view> ansatz_names();

}  // namespace qml
