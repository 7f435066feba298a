#pragma once

#include <memory>

#include "qsim/engines/engine.h"
#include "qsim/engines/stages/workspace.h"

namespace qsim {

// Small programs one sample at a time, by the plan of blocks: for batches of which a block would be
// mostly idle lanes. The same stages and kernels, with a state's own lowest qubits in place of the
// samples (staged_state.h).
template <class T>
class StageEngine final : public Engine<T> {
 public:
  StageEngine(const Program& program, const Needs& needs) : Engine<T>(program), needs_(needs) {}

  void bind(const Batch& /*batch*/) override {}
  [[nodiscard]] Slicing slicing(const Batch& batch) const override;

 private:
  [[nodiscard]] std::unique_ptr<Worker<T>> make_worker() const override;
  [[nodiscard]] double worker_bytes() const override;

  Needs needs_;
};

extern template class StageEngine<float>;
extern template class StageEngine<double>;

}  // namespace qsim
