#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "qsim/circuit/operation.h"

namespace qsim {

struct ChannelParameter {
  std::string_view name{};
  double least = 0;
  double most = 1;
  std::optional<double> fallback = {};  // where it is left out
};

// A row of channel_table.inc.
struct ChannelRow {
  std::string_view name{};
  int qubits = 1;
  std::vector<ChannelParameter> parameters{};
  std::vector<Matrix> (*kraus)(std::span<const double> parameters);
  std::string_view help{};
};

std::span<const ChannelRow> channel_table();

// Null for a name that no row has.
const ChannelRow* find_channel(std::string_view name);

// A channel of the table. ValueError for an unknown name, another number of parameters, and values
// outside their ranges; among these t2 > 2·t1.
Channel make_channel(std::string_view name, std::span<const double> parameters);

// ρ → Σ p_P P ρ P over Pauli strings of one length, the last letter for the first qubit (as in all
// text). What is missing to 1 goes to the identity. ValueError for probabilities outside [0, 1] or
// of a sum above 1.
Channel pauli_channel(const std::map<std::string, double>& probabilities);

// Any channel. ValueError unless there are operators, of one size 2^k × 2^k, with Σ K†K = 1.
Channel kraus_channel(std::vector<Matrix> operators, std::string name = "kraus");

// Of the operators.
int n_qubits(const Channel& channel);

// Σ_k conj(K_k) ⊗ K_k: the channel on ρ as a vector, the row index of ρ in its lower bits.
Matrix superoperator(const Channel& channel);

// The table's channels by name: channels::depolarizing(0.01).
namespace channels {
#define KETGRAD_CHANNEL(name, qubits, parameters, kraus, help)      \
  template <class... Values>                                        \
  Channel name(Values... values) {                                  \
    const std::vector<double> list{static_cast<double>(values)...}; \
    return make_channel(#name, list);                               \
  }
#include "qsim/noise/channel_table.inc"
}  // namespace channels

}  // namespace qsim
