#include "qml/derivatives/overlap.h"

#include <array>
#include <utility>

#include "bindings/program.h"

namespace ketgrad {
namespace {

using Optional = std::optional<py::object>;
using Pair = std::pair<py::array_t<double>, py::array_t<double>>;

// Two programs with their parameters.
struct Sides {
  Sides(const PyProgram& first, const PyProgram& second, const Optional& a_inputs,
        const Optional& a_weights, const Optional& b_inputs, const Optional& b_weights)
      : a(first),
        b(second),
        a_batch(first.program, a_inputs, a_weights),
        b_batch(second.program, b_inputs, b_weights) {
    qsim::require(a.single == b.single, "one program has single precision, the other double");
  }

  // Calls body(T{}, side, side) without the GIL.
  template <class Body>
  [[nodiscard]] auto run(const Body& body) const {
    return ketgrad::run(a, [&]<class T>(T t) {
      return body(t, qml::Side{a.program, a_batch.view()}, qml::Side{b.program, b_batch.view()});
    });
  }
  // () or (batch,).
  [[nodiscard]] std::vector<py::ssize_t> shape() const {
    const auto own = a_batch.shape({});
    const auto other = b_batch.shape({});
    return other.empty() || (!own.empty() && own.front() > other.front()) ? own : other;
  }
  template <class Array>
  void check_shape(const Array& cotangent) const {
    const std::vector<py::ssize_t> got(cotangent.shape(), cotangent.shape() + cotangent.ndim());
    if (got == shape()) return;
    qsim::fail("the cotangent must have shape ",
               py::repr(py::tuple(py::cast(shape()))).template cast<std::string>(), ", got ",
               ShapeOf{cotangent});
  }

  const PyProgram& a;
  const PyProgram& b;
  PyBatch a_batch;
  PyBatch b_batch;
};

Pair to_pair(const PyProgram& p, const PyBatch& batch, qml::Gradients gradients) {
  const std::size_t n = p.program.weights.size();
  const auto shape = batch.weights_per_sample()
                         ? batch.shape({n})
                         : std::vector<py::ssize_t>{static_cast<py::ssize_t>(n)};
  return {to_array(std::move(gradients.inputs), batch.shape({p.program.inputs.size()})),
          to_array(std::move(gradients.weights), shape)};
}

std::pair<Pair, Pair> to_pairs(const Sides& sides, qml::SideGradients gradients) {
  return {to_pair(sides.a, sides.a_batch, std::move(gradients.a)),
          to_pair(sides.b, sides.b_batch, std::move(gradients.b))};
}

}  // namespace

void bind_overlap(py::module_& m) {
  m.def(
      "overlap",
      [](const PyProgram& a, const PyProgram& b, const Optional& a_inputs,
         const Optional& a_weights, const Optional& b_inputs, const Optional& b_weights) {
        const Sides sides(a, b, a_inputs, a_weights, b_inputs, b_weights);
        auto out = sides.run(
            []<class T>(T, const auto& x, const auto& y) { return qml::overlap<T>(x, y); });
        return to_array(std::move(out), sides.shape());
      },
      py::arg("a"), py::arg("b"), py::kw_only(), py::arg("a_inputs") = py::none(),
      py::arg("a_weights") = py::none(), py::arg("b_inputs") = py::none(),
      py::arg("b_weights") = py::none(),
      R"(Overlaps <a|b> of the final states of two programs, complex, shape () or (batch,).

Inputs and weights of each have the shapes that its own methods take; where one has no batch axis, it
stands for every sample of the other. Raises ValueError for different numbers of qubits or samples and
for different precisions.

>>> prog = compile(Circuit(1).ry(Parameter('a'), 0))
>>> overlap(prog, prog, a_weights=[0.0], b_weights=[[0.0], [1.0]]).round(6)
array([1.      +0.j, 0.877583+0.j])
)");
  m.def(
      "overlap_vjp",
      [](const py::object& cotangent, const PyProgram& a, const PyProgram& b,
         const Optional& a_inputs, const Optional& a_weights, const Optional& b_inputs,
         const Optional& b_weights) {
        const Sides sides(a, b, a_inputs, a_weights, b_inputs, b_weights);
        const auto array = complex_array<double>(cotangent, "the cotangent");
        sides.check_shape(array);
        const std::span<const std::complex<double>> g{array.data(),
                                                      static_cast<std::size_t>(array.size())};
        return to_pairs(sides, sides.run([&]<class T>(T, const auto& x, const auto& y) {
          return qml::overlap_vjp<T>(x, y, g);
        }));
      },
      py::arg("cotangent"), py::arg("a"), py::arg("b"), py::kw_only(),
      py::arg("a_inputs") = py::none(), py::arg("a_weights") = py::none(),
      py::arg("b_inputs") = py::none(), py::arg("b_weights") = py::none(),
      R"(Gradients of Re(sum(conj(cotangent) * overlap)): ((inputs, weights) of a, the same of b).

The cotangent has the shape of the overlap; gradients have the shapes that Program.vjp gives them.
Other arguments and errors as of overlap().

>>> prog = compile(Circuit(1).ry(Parameter('a'), 0))
>>> of_a, of_b = overlap_vjp(1.0, prog, prog, a_weights=[0.0], b_weights=[1.0])
>>> of_b[1].round(6)  # overlap = cos((b - a) / 2)
array([-0.239713])
)");
  m.def(
      "fidelity",
      [](const PyProgram& a, const PyProgram& b, const Optional& a_inputs,
         const Optional& a_weights, const Optional& b_inputs, const Optional& b_weights) {
        const Sides sides(a, b, a_inputs, a_weights, b_inputs, b_weights);
        auto out = sides.run(
            []<class T>(T, const auto& x, const auto& y) { return qml::fidelity<T>(x, y); });
        return to_array(std::move(out), sides.shape());
      },
      py::arg("a"), py::arg("b"), py::kw_only(), py::arg("a_inputs") = py::none(),
      py::arg("a_weights") = py::none(), py::arg("b_inputs") = py::none(),
      py::arg("b_weights") = py::none(),
      R"(Fidelities |<a|b>|**2 of the final states of two programs, shape () or (batch,).

Arguments and errors as of overlap().

>>> prog = compile(Circuit(1).ry(Parameter('a'), 0))
>>> fidelity(prog, prog, a_weights=[0.0], b_weights=[[0.0], [1.0]]).round(6)
array([1.      , 0.770151])
)");
  m.def(
      "fidelity_vjp",
      [](const py::object& cotangent, const PyProgram& a, const PyProgram& b,
         const Optional& a_inputs, const Optional& a_weights, const Optional& b_inputs,
         const Optional& b_weights) {
        const Sides sides(a, b, a_inputs, a_weights, b_inputs, b_weights);
        const RealArray array = real_array(cotangent, "the cotangent");
        sides.check_shape(array);
        const std::span<const double> g{array.data(), static_cast<std::size_t>(array.size())};
        return to_pairs(sides, sides.run([&]<class T>(T, const auto& x, const auto& y) {
          return qml::fidelity_vjp<T>(x, y, g);
        }));
      },
      py::arg("cotangent"), py::arg("a"), py::arg("b"), py::kw_only(),
      py::arg("a_inputs") = py::none(), py::arg("a_weights") = py::none(),
      py::arg("b_inputs") = py::none(), py::arg("b_weights") = py::none(),
      R"(Gradients of sum(cotangent * fidelity): ((inputs, weights) of a, the same of b).

The cotangent has the shape of the fidelity. Other arguments and errors as of overlap().

>>> prog = compile(Circuit(1).ry(Parameter('a'), 0))
>>> of_a, of_b = fidelity_vjp(1.0, prog, prog, a_weights=[0.0], b_weights=[1.0])
>>> of_b[1].round(6)  # fidelity = cos((b - a) / 2)**2
array([-0.420735])
)");
}

}  // namespace ketgrad
