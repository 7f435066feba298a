#pragma once

#include <string_view>
#include <vector>

#include "qml/derivatives/coordinates.h"

namespace qml {

// Which entries of a metric tensor are wanted; all others are zero.
//   kFull       all
//   kBlockDiag  between parameters of one layer. A parameter's layer is the number of gates with
//               parameters (of those differentiated by) that come before its first gate, counted
//               along the longest chain of gates that share qubits; parameters of the first
//               amplitudes are a layer of their own. (As in Stokes et al. 2020, sec. 3.)
//   kDiag       of each parameter with itself
enum class MetricApprox : unsigned char { kFull, kBlockDiag, kDiag };

// "full", "block-diag" or "diag"; ValueError listing them otherwise.
MetricApprox metric_approx(std::string_view name);
std::string_view name_of(MetricApprox approx);

// The Fubini–Study metric g_ij = Re(⟨∂_iψ|∂_jψ⟩ − ⟨∂_iψ|ψ⟩⟨ψ|∂_jψ⟩) of every sample's final state:
// size × P × P for P parameters (Stokes, Izaac, Killoran, Carleo 2020, arXiv:1909.02108). Exact for
// any circuit: the derivatives of the state come from shifts of single angles, run as one batch.
// They take P states of memory, which is checked first.
template <class T = double>
std::vector<double> metric_tensor(const qsim::Program& program, const Batch& batch,
                                  Wrt wrt = Wrt::kWeights,
                                  MetricApprox approx = MetricApprox::kFull);

}  // namespace qml
