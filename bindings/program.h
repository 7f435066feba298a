#pragma once

#include "bindings/common.h"
#include "qsim/compile/program.h"
#include "qsim/engines/batch.h"

namespace ketgrad {

// A compiled program with the precision it runs in and what it was compiled from, to pickle it.
struct PyProgram {
  qsim::Program program;
  bool single = false;
  qsim::Circuit circuit;
};

// Inputs, weights and initial states from Python as a batch. There is a batch axis in the results
// if and only if one of them had one.
class PyBatch {
 public:
  // None stands for no values. Throws ValueError naming the shape that was expected.
  PyBatch(const qsim::Program& program, const std::optional<py::object>& inputs,
          const std::optional<py::object>& weights,
          const std::optional<py::object>& initial_state = {});

  [[nodiscard]] const qsim::Batch& view() const { return batch_; }
  // (batch, …) or (…).
  [[nodiscard]] std::vector<py::ssize_t> shape(const std::vector<std::size_t>& rest) const;
  [[nodiscard]] bool weights_per_sample() const { return batch_.weights_per_sample; }

 private:
  void take_initial_state(const qsim::Program& program, const py::object& values);

  RealArray inputs_;
  RealArray weights_;
  ComplexArray<double> initial_state_;
  bool has_axis_ = false;
  qsim::Batch batch_;
};

// Calls body(T{}) in the program's precision, without the GIL.
template <class Body>
auto run(const PyProgram& p, const Body& body) {
  const WithoutGil release;
  return p.single ? body(float{}) : body(double{});
}

void def_values(py::class_<PyProgram>& c);
void def_gradients(py::class_<PyProgram>& c);
void def_hessian(py::class_<PyProgram>& c);
void def_metric_tensor(py::class_<PyProgram>& c);

}  // namespace ketgrad
