#pragma once

#include <span>
#include <vector>

#include "qsim/compile/bind.h"
#include "qsim/execute/execute.h"

namespace qml {

// Adds the derivatives 2 Re⟨bra|∂ψ⟩ by all slots of a step to the adjoints of their tape entries.
template <class T>
class StepGradient {
 public:
  StepGradient(const qsim::Program& program, const qsim::Binding<T>& binding,
               std::vector<double>& adjoints)
      : program_(program), binding_(binding), adjoints_(adjoints) {}

  // `trace`: Im ⟨bra|ket⟩, which no unitary changes.
  void add(const qsim::StepSlope& slope, double trace);

 private:
  void add_run(const qsim::Step& step, Eigen::Matrix2cd m);
  double& adjoint(const qsim::Factor& factor);

  const qsim::Program& program_;
  const qsim::Binding<T>& binding_;
  std::vector<double>& adjoints_;
};

extern template class StepGradient<float>;
extern template class StepGradient<double>;

}  // namespace qml
