#pragma once

#include "qsim/engines/sample_engine.h"
#include "qsim/engines/stages/workspace.h"

namespace qsim {

// Small programs one sample at a time, by the plan of blocks: for batches of which a block would be
// mostly idle lanes. The same stages and kernels, with a state's own lowest qubits in place of the
// samples (staged_state.h).
template <class T>
class StageEngine final : public SampleEngine<T, StageWorkspace<T>> {
 public:
  using SampleEngine<T, StageWorkspace<T>>::SampleEngine;
  [[nodiscard]] Slicing slicing(const Batch& batch) const override;
};

extern template class StageEngine<float>;
extern template class StageEngine<double>;

}  // namespace qsim
