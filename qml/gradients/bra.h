#pragma once

#include <span>

#include "qml/gradients/evaluate.h"
#include "qml/gradients/workspace.h"

namespace qml {

// The bra of a state, so that 2 Re⟨bra|∂ψ⟩ is the derivative of Σ_k cotangent[k] · value_k of a
// quantity.
template <class T>
void fill_bra_state(const qsim::Program& program, Quantity quantity,
                    std::span<const double> cotangent, const qsim::State<T>& ket,
                    qsim::State<T>& bra);

// Fills the workspace's bra, after a forward run, so that the backward sweep adds the derivatives
// of Σ_k cotangent[k] · value_k of a quantity.
template <class T>
void fill_bra(Workspace<T>& workspace, Quantity quantity, std::span<const double> cotangent);

}  // namespace qml
