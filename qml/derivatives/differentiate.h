#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "qml/derivatives/evaluate.h"
#include "qml/derivatives/shift/shot_plan.h"
#include "qsim/compile/program.h"

// Differentiates what is read from a program's final state, over a batch.

namespace qml {

struct Gradients {
  std::vector<double> values{};   // size × n_values
  std::vector<double> inputs{};   // vjp: size × n_inputs;  jacobian: size × n_values × n_inputs
  std::vector<double> weights{};  // vjp: n_weights, summed over the batch unless weights are per
                                  // sample; jacobian: size × n_values × n_weights
  // Of a Jacobian from shots, where asked for: standard errors, in the shapes of inputs and
  // weights, and covariances between parameters (inputs first): size × n_values × n_parameters ×
  // n_parameters.
  std::vector<double> inputs_std{};
  std::vector<double> weights_std{};
  std::vector<double> covariance{};
};

// Σ_k cotangent[sample, k] ∂value_k/∂parameter by the adjoint method: one backward sweep a sample,
// whatever the number of values. The same bits for any number of threads. fill_bra() says what a
// cotangent of kState is.
template <class T = double>
Gradients vjp(const qsim::Program& program, const Batch& batch, std::span<const double> cotangent,
              Quantity quantity = Quantity::kExpval);

// For `count` samples from the first: writes the cotangents of their values, row by row. A training
// loss does that without a second forward run.
using CotangentsOf =
    std::function<void(std::size_t first, std::size_t count, std::span<const double> values,
                       std::span<double> cotangents)>;
// How cotangents are asked for: of some samples at a time, in any order and from several threads,
// each once; or of all at once, for what depends on all values. (States that have no room beside
// each other are then run twice.)
enum class Asking : unsigned char { kSomeAtATime, kAllAtOnce };
template <class T = double>
Gradients vjp(const qsim::Program& program, const Batch& batch, const CotangentsOf& cotangents_of,
              Quantity quantity = Quantity::kExpval, Asking asking = Asking::kSomeAtATime);

// The same into buffers to be used again: in blocks of samples, calls of the same size after the
// first allocate nothing.
struct VjpBuffers {
  Gradients gradients{};
  std::vector<double> cotangents{};
  std::vector<double> sums{};
};
template <class T = double>
void vjp(const qsim::Program& program, const Batch& batch, const CotangentsOf& cotangents_of,
         VjpBuffers& buffers, Quantity quantity = Quantity::kExpval,
         Asking asking = Asking::kSomeAtATime);

enum class DiffMethod : unsigned char { kAdjoint, kParameterShift, kFiniteDifference };

// "adjoint", "parameter-shift" or "finite-diff"; ValueError listing them otherwise.
DiffMethod diff_method(std::string_view name);

struct JacobianOptions {
  DiffMethod method = DiffMethod::kAdjoint;
  std::optional<std::int64_t> shots{};  // parameter shift and finite differences only
  std::uint64_t seed = 0;
  double step = 0.0;  // of finite differences: [100 ε, π/2]; 0 chooses by precision, or shots
  Quantity quantity = Quantity::kExpval;
  // Parameter shift with shots only.
  ShotAllocation allocation = ShotAllocation::kEach;
  bool std_errors = false;
  bool covariance = false;
};

// Of a setting: a single shot says nothing about its spread.
constexpr std::int64_t least_shots(const JacobianOptions& options) {
  return options.std_errors || options.covariance ? 2 : 1;
}

// ∂value_k/∂parameter. The adjoint method sweeps once a value, parameter shift and finite
// differences run some times a parameter. Throws ValueError where the method does not fit: adjoint
// with shots; parameter shift of amplitudes, in the state or given as parameters, or with more than
// kMaxShiftFrequencies frequencies of one angle; a step of anything but finite differences, one
// out of range, and one that parameters are too large for; an allocation, errors or a covariance of
// anything but parameter shift with shots, or fewer shots than those need (shot_plan.h).
//
// Shots of parameter shift: every shifted circuit of every gate, and on it every setting of every
// observable, has shots of its own, drawn from its true distribution of outcomes. `values` are
// those of the unshifted circuit, measured as evaluate() does; a budget is spent on derivatives
// alone and leaves them empty. So gates' derivatives are independent of each other, and parameters
// correlate as far as they share gates through the chain rule; derivatives of different observables
// and of different samples are independent. The frequencies of probs, which all come from the same
// shots, are not independent of each other. Errors are estimated from the spread of the same shots:
// variances without bias.
template <class T = double>
Gradients jacobian(const qsim::Program& program, const Batch& batch,
                   const JacobianOptions& options = {});

}  // namespace qml
