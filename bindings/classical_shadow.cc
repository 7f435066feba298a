#include "qsim/estimates/classical_shadow.h"

#include <cmath>
#include <utility>

#include "bindings/arguments.h"
#include "bindings/pickled.h"
#include "qsim/core/bits.h"
#include "qsim/core/count_work.h"

namespace ketgrad {
namespace {

using qsim::ClassicalShadow;

std::pair<py::array_t<double>, py::array_t<double>> expval(const ClassicalShadow& shadow,
                                                           const PauliSumsArg& observables,
                                                           std::int64_t groups) {
  std::vector<double> values;
  std::vector<double> errors;
  {
    const WithoutGil release;
    for (const qsim::PauliSum& observable : observables.value) {
      const auto [mean, variance] = qsim::shadow_expectation(shadow, observable, groups);
      values.push_back(mean);
      errors.push_back(std::sqrt(variance));
    }
  }
  const auto size = static_cast<py::ssize_t>(values.size());
  return {to_array(std::move(values), {size}), to_array(std::move(errors), {size})};
}

bool equal_shadow(const ClassicalShadow& a, const ClassicalShadow& b) {
  return a.n_qubits == b.n_qubits && a.bases == b.bases && a.outcomes == b.outcomes;
}

py::tuple pickled_shadow(const ClassicalShadow& shadow) {
  const auto n = static_cast<py::ssize_t>(shadow.size());
  std::vector<qsim::Index> x;
  std::vector<qsim::Index> z;
  for (const qsim::PauliString& basis : shadow.bases) {
    x.push_back(basis.x);
    z.push_back(basis.z);
  }
  return py::make_tuple(shadow.n_qubits, to_array(std::move(x), {n}), to_array(std::move(z), {n}),
                        to_array(std::vector<qsim::Index>(shadow.outcomes), {n}));
}

ClassicalShadow unpickled_shadow(const py::tuple& state) {
  const auto [n_qubits, x_values, z_values, outcome_values] =
      parts_of<int, py::object, py::object, py::object>(state, "ClassicalShadow");
  const WordArray x = word_array(x_values, "the pickled X masks");
  const WordArray z = word_array(z_values, "the pickled Z masks");
  const WordArray outcomes = word_array(outcome_values, "the pickled outcomes");
  qsim::require(n_qubits >= 1 && n_qubits <= qsim::kMaxQubits && x.ndim() == 1 && x.size() >= 1 &&
                    z.ndim() == 1 && z.size() == x.size() && outcomes.ndim() == 1 &&
                    outcomes.size() == x.size(),
                "the pickled ClassicalShadow does not fit itself");
  ClassicalShadow out{.n_qubits = n_qubits, .bases = {}, .outcomes = {}};
  const qsim::Index all = qsim::bit(n_qubits) - 1;
  for (py::ssize_t k = 0; k < x.size(); ++k) {
    qsim::require((x.at(k) | z.at(k)) == all && outcomes.at(k) <= all,
                  "the pickled ClassicalShadow has a snapshot ", k, " that is none of ", n_qubits,
                  " qubits");
    out.bases.push_back({x.at(k), z.at(k)});
    out.outcomes.push_back(outcomes.at(k));
  }
  return out;
}

}  // namespace

void bind_classical_shadow(py::module_& m) {
  py::class_<ClassicalShadow> c(
      m, "ClassicalShadow",
      R"(Snapshots of a state in random bases, as State.shadow() takes them.

Any number of observables can be estimated from them afterwards (Huang, Kueng and Preskill 2020,
doi:10.1038/s41567-020-0932-7); the error grows as 3**k with the number k of qubits of a Pauli string.
)");
  c.def_readonly("n_qubits", &ClassicalShadow::n_qubits, "The number of qubits.")
      .def_property_readonly(
          "bases",
          [](const ClassicalShadow& s) {
            py::typing::List<py::str> out;
            for (const auto& basis : s.bases) {
              qsim::count_work();
              out.append(py::str(basis.text(s.n_qubits)));
            }
            return out;
          },
          "The letters each snapshot was measured in, qubit 0 rightmost.")
      .def_property_readonly(
          "outcomes",
          [](const ClassicalShadow& s) {
            return to_array(std::vector<qsim::Index>(s.outcomes),
                            {static_cast<py::ssize_t>(s.size())});
          },
          "What came out, shape (n_snapshots,): bit q is 1 where qubit q was found at -1.")
      .def("__len__", &ClassicalShadow::size)
      .def("expval", &expval, py::arg("observables"), py::arg("groups") = 1,
           R"(Estimates of Pauli sums: (values, standard errors), each of shape (n_observables,).

Unbiased means over all snapshots; with several groups the median of the groups' means, which rare
large values disturb less (its error is stated for many groups). Raises ValueError unless
1 <= groups <= the number of snapshots.

>>> shadow = State(1).shadow(2000, seed=3)
>>> values, std = shadow.expval(['Z', 'X'])
>>> bool((abs(values - [1, 0]) < 4 * std).all())
True
)")
      .def("__eq__", &equal_shadow, py::arg("other"), py::is_operator())
      .def("__repr__",
           [](const ClassicalShadow& s) {
             return qsim::concat("<ketgrad.ClassicalShadow: ", s.size(), " snapshots of ",
                                 s.n_qubits, " qubits>");
           })
      .def(py::pickle(&pickled_shadow, &unpickled_shadow));
  c.attr("__hash__") = py::none();
}

}  // namespace ketgrad
