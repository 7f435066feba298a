#pragma once

#include <map>
#include <vector>

#include "qsim/noise/channel.h"
#include "qsim/noise/shots.h"
#include "tests/dense_reference.h"

// Circuits with measurements, resets, channels and conditions by definition: a dense density matrix
// for every value of all classical bits.

namespace reference {

using Bits = std::vector<bool>;
using Ensemble = std::map<Bits, Matrix>;

// Σ K ρ K† for one operation, or the two parts of a measurement.
Ensemble run_ensemble(const qsim::Circuit& circuit, const Values& values = {});
Matrix density_matrix(const Ensemble& ensemble);
std::map<Bits, double> distribution(const Ensemble& ensemble);
Bits to_bits(std::span<const std::uint64_t> words, int n_bits);

// A channel of every row of the table with random parameters, and others.
std::vector<qsim::Channel> some_channels(Dice& dice);
qsim::Channel random_kraus(int n_qubits, int n_operators, Dice& dice);

struct NoisyCircuit {
  int n_qubits = 3;
  int n_operations = 20;
  int n_bits = 3;
  bool named = false;
};
// Gates, channels, measurements, resets and conditions.
qsim::Circuit random_noisy_circuit(const NoisyCircuit& options, Dice& dice);

}  // namespace reference
