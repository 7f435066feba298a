#pragma once

#include <span>
#include <vector>

#include "qsim/compile/bind.h"
#include "qsim/engines/execute.h"

namespace qsim {

// Adds the derivatives 2 Re⟨bra|∂ψ⟩ by all slots of a step to the adjoints of their tape entries.
template <class T>
class StepGradient {
 public:
  StepGradient(const Program& program, const Binding<T>& binding, std::vector<double>& adjoints)
      : program_(program), binding_(binding), adjoints_(adjoints) {}

  // `trace`: Im ⟨bra|ket⟩, which no unitary changes.
  void add(const StepSlope& slope, double trace);

 private:
  void add_run(const Step& step, Eigen::Matrix2cd m);
  double& adjoint(const Factor& factor);

  const Program& program_;
  const Binding<T>& binding_;
  std::vector<double>& adjoints_;
};

extern template class StepGradient<float>;
extern template class StepGradient<double>;

}  // namespace qsim
