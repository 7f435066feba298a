#pragma once

#include <string>

#include "bindings/common.h"
#include "qsim/compile/program.h"
#include "qsim/engines/batch.h"

namespace ketgrad {

// A compiled program with the precision it runs in and what it was compiled from, to pickle it.
struct PyProgram {
  qsim::Program program;
  bool single = false;
  qsim::Circuit circuit;
  [[nodiscard]] const qsim::Program& angles() const { return program; }
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
template <class Bound, class Body>
auto run(const Bound& p, const Body& body) {
  const WithoutGil release;
  return p.single ? body(float{}) : body(double{});
}

// A row of weights by name, and the circuit with it.
py::dict named_weights(const qsim::Program& program, const py::object& weights);
qsim::Circuit bound_circuit(const qsim::Program& program, const qsim::Circuit& circuit,
                            const py::object& weights);

// What programs, with noise and without, tell of their circuit; `maker` makes them in Python.
template <class Bound>
void def_circuit(py::class_<Bound>& c, const std::string& maker) {
  c.def_property_readonly(
       "circuit", [](const Bound& p) { return p.circuit; },
       "The circuit it was compiled from, with its noise.")
      .def(
          "by_name",
          [](const Bound& p, const py::object& weights) {
            return named_weights(p.angles(), weights);
          },
          py::arg("weights"),
          (R"(Weights of shape (n_weights,) by name: a number a parameter, an array a vector.

>>> w = ParameterVector('w', 2)
>>> program = )" +
           maker + R"((Circuit(1).rx(w[0], 0).ry(w[1], 0).rz(Parameter('a'), 0), 'Z')
>>> program.by_name([0.1, 0.2, 0.3])
{'w': array([0.1, 0.2]), 'a': 0.3}
)")
              .c_str())
      .def(
          "bind",
          [](const Bound& p, const py::object& weights) {
            return bound_circuit(p.angles(), p.circuit, weights);
          },
          py::arg("weights"),
          (R"(The circuit with weights, as an array or by name, in the place of their parameters.

Inputs stay what they are.

>>> program = )" +
           maker + R"((Circuit(1).rx(Parameter('a'), 0), 'Z')
>>> program.bind([0.5]) == program.bind({'a': 0.5}) == Circuit(1).rx(0.5, 0)
True
)")
              .c_str());
}

void def_values(py::class_<PyProgram>& c);
void def_gradients(py::class_<PyProgram>& c);
void def_hessian(py::class_<PyProgram>& c);
void def_metric_tensor(py::class_<PyProgram>& c);

}  // namespace ketgrad
