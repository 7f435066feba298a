#pragma once

#include <optional>
#include <span>
#include <vector>

#include "qml/derivatives/coordinates.h"
#include "qml/derivatives/evaluate.h"

// Exact second derivatives: shift rules applied to gradients of the adjoint method, angle by angle,
// as one batch (Mari, Bromley, Killoran 2021, arXiv:2008.06517, and Wierichs et al. 2022,
// arXiv:2107.12390, for the rules), and the chain rule to second order through the tape.

namespace qml {

struct HessianOptions {
  Wrt wrt = Wrt::kWeights;
  Quantity quantity = Quantity::kExpval;  // or kProbs; ValueError for the others
  // None: the second derivatives of every value. Otherwise those of Σ_k cotangent[k] · value_k, the
  // same cotangent for every sample.
  std::optional<std::vector<double>> cotangent{};
};

// ∂²value/∂p_i∂p_j: size × n_values × P × P, or size × P × P with a cotangent. Throws ValueError,
// naming the parameters, where an expression has no finite derivative of first or second order.
template <class T = double>
std::vector<double> hessian(const qsim::Program& program, const Batch& batch,
                            const HessianOptions& options = {});

// The Hessian times a direction (P values, the same for every sample): size × n_values × P, or
// size × P with a cotangent. Needs no memory for the Hessian, and shifts those angles only that the
// direction moves.
template <class T = double>
std::vector<double> hvp(const qsim::Program& program, const Batch& batch,
                        std::span<const double> direction, const HessianOptions& options = {});

}  // namespace qml
