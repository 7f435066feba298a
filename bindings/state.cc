#include "qsim/state/state.h"

#include "bindings/common.h"
#include "qsim/execute/execute.h"
#include "qsim/observables/expectation.h"

namespace ketgrad {
namespace {

using qsim::Index;
using qsim::Observable;
using qsim::Qubit;
using qsim::State;

// One Python class over both precisions.
struct PyState {
  std::variant<State<float>, State<double>> state;
  std::uint64_t seed = 0;      // of measurements
  std::uint64_t measured = 0;  // how many there were: each draws from a stream of its own

  [[nodiscard]] bool single() const { return state.index() == 0; }
};

template <class T>
using Amplitudes = py::array_t<std::complex<T>, py::array::c_style | py::array::forcecast>;

// Complex amplitudes from anything NumPy takes, in the state's precision.
template <class T>
Amplitudes<T> amplitude_array(const py::object& values) {
  const py::array array = py::module_::import("numpy").attr("asarray")(values);
  if (std::string_view("fiubc").find(array.dtype().kind()) == std::string_view::npos) {
    throw py::type_error("amplitudes must be numbers, got an array of " +
                         py::str(array.dtype()).cast<std::string>());
  }
  qsim::require(array.ndim() == 1, "amplitudes must be a vector, got ", array.ndim(),
                " dimensions");
  return Amplitudes<T>::ensure(array);
}

template <class T>
std::span<const std::complex<T>> view(const Amplitudes<T>& array) {
  return {array.data(), static_cast<std::size_t>(array.size())};
}

// Calls body(State<T>&).
template <class Body>
auto visit(PyState& s, const Body& body) {
  return std::visit(body, s.state);
}
template <class Body>
auto visit(const PyState& s, const Body& body) {
  return std::visit(body, s.state);
}

template <class T>
void check_same(const PyState& other) {
  qsim::require(std::holds_alternative<State<T>>(other.state),
                "states of single and double precision do not mix");
}

PyState from_amplitudes(const py::object& amplitudes, std::string_view precision) {
  if (is_single(precision)) {
    return {State<float>::from_amplitudes(view<float>(amplitude_array<float>(amplitudes)))};
  }
  return {State<double>::from_amplitudes(view<double>(amplitude_array<double>(amplitudes)))};
}

py::array amplitudes_of(const PyState& s) {
  return visit(s, []<class T>(const State<T>& state) -> py::array {
    auto amplitudes = state.amplitudes();
    const auto size = static_cast<py::ssize_t>(amplitudes.size());
    return to_array(std::move(amplitudes), {size});
  });
}

void def_change(py::class_<PyState>& c) {
  constexpr auto kSelf = py::return_value_policy::reference_internal;
  c.def(
       "apply",
       [](PyState& s, const qsim::Circuit& circuit, const qsim::Values& values) -> PyState& {
         // Another thread may change the circuit meanwhile.
         const qsim::Circuit copy = circuit;  // NOLINT(performance-unnecessary-copy-initialization)
         const py::gil_scoped_release release;
         visit(s, [&](auto& state) { qsim::apply(copy, values, state); });
         return s;
       },
       py::arg("circuit"), py::arg_v("values", qsim::Values{}, "{}"), kSelf,
       R"(Apply a circuit's gates, given every parameter's value by name. Returns the state itself.

>>> State(1).apply(Circuit(1).x(0)).probabilities()
array([0., 1.])
)")
      .def(
          "set_basis",
          [](PyState& s, Index basis_state) -> PyState& {
            visit(s, [&](auto& state) { state.set_basis(basis_state); });
            return s;
          },
          py::arg("basis_state"), kSelf, "Become a basis state. IndexError from 2**n up.")
      .def(
          "set_amplitudes",
          [](PyState& s, const py::object& amplitudes) -> PyState& {
            visit(s, [&]<class T>(State<T>& state) {
              state.set_amplitudes(view<T>(amplitude_array<T>(amplitudes)));
            });
            return s;
          },
          py::arg("amplitudes"), kSelf,
          "Become a vector of shape (2**n,); ValueError unless it is finite and normalised.")
      .def(
          "measure",
          [](PyState& s, Qubit qubit, std::optional<std::uint64_t> seed) {
            qsim::Random random(seed.value_or(s.seed), seed ? 0 : s.measured + 1);
            const int outcome =
                visit(s, [&](auto& state) { return int{state.measure(qubit, random)}; });
            if (!seed) ++s.measured;
            return outcome;
          },
          py::arg("qubit"), py::arg("seed") = py::none(),
          R"(Measure a qubit, collapse the state and return 0 or 1.

>>> State(1).apply(Circuit(1).x(0)).measure(0)
1
)")
      .def(
          "project",
          [](PyState& s, Qubit qubit, bool value) {
            return visit(s, [&](auto& state) { return state.project(qubit, value); });
          },
          py::arg("qubit"), py::arg("value"),
          R"(Project a qubit on 0 or 1, normalise, and return the probability it had.

Raises ValueError, leaving the state as it was, where that is zero.

>>> round(State(1).apply(Circuit(1).h(0)).project(0, 1), 6)
0.5
)");
}

void def_read(py::class_<PyState>& c) {
  c.def("amplitudes", &amplitudes_of, R"(A copy of the amplitudes, shape (2**n,).

>>> State(1).amplitudes()
array([1.+0.j, 0.+0.j])
)")
      .def(
          "__array__",
          [](const PyState& s, const py::object& dtype, const py::object& copy) -> py::object {
            qsim::require(copy.is_none() || copy.cast<bool>(),
                          "the amplitudes cannot be seen without a copy");
            py::object out = amplitudes_of(s);
            return dtype.is_none() ? out : out.attr("astype")(dtype);
          },
          py::arg("dtype") = py::none(), py::arg("copy") = py::none())
      .def(
          "norm",
          [](const PyState& s) { return visit(s, [](const auto& state) { return state.norm(); }); },
          "The square root of <psi|psi>.")
      .def(
          "inner",
          [](const PyState& s, const PyState& other) {
            return visit(s, [&]<class T>(const State<T>& state) {
              check_same<T>(other);
              return state.inner(std::get<State<T>>(other.state));
            });
          },
          py::arg("other"), "The inner product <self|other>.")
      .def(
          "probabilities",
          [](const PyState& s, const std::vector<Qubit>& qubits) {
            auto p = visit(s, [&](const auto& state) { return state.probabilities(qubits); });
            const auto size = static_cast<py::ssize_t>(p.size());
            return to_array(std::move(p), {size});
          },
          py::arg_v("qubits", std::vector<Qubit>{}, "()"),
          R"(The distribution over basis states, shape (2**n,), or over k qubits, shape (2**k,).

Bit j of the index is qubits[j].

>>> State(2).apply(Circuit(2).x(1)).probabilities([1])
array([0., 1.])
)")
      .def(
          "sample",
          [](const PyState& s, std::int64_t shots, std::uint64_t seed) {
            auto draws = visit(s, [&](const auto& state) {
              const py::gil_scoped_release release;
              return state.sample(shots, seed);
            });
            const auto size = static_cast<py::ssize_t>(draws.size());
            return to_array(std::move(draws), {size});
          },
          py::arg("shots"), py::arg("seed") = 0,
          R"(Basis states drawn from the distribution, shape (shots,); the same for the same seed.

>>> State(2).apply(Circuit(2).x(1)).sample(3)
array([2, 2, 2], dtype=uint64)
)")
      .def(
          "expval",
          [](const PyState& s, const Observable& observable) {
            return visit(s,
                         [&](const auto& state) { return qsim::expectation(observable, state); });
          },
          py::arg("observable"), R"(The expectation value of a PauliSum or MatrixObservable.

>>> State(2).expval(PauliSum('ZI'))
1.0
)")
      .def(
          "variance",
          [](const PyState& s, const Observable& observable) {
            return visit(s, [&](const auto& state) { return qsim::variance(observable, state); });
          },
          py::arg("observable"), "The variance <O**2> - <O>**2 of an observable.");
}

}  // namespace

void bind_state(py::module_& m) {
  py::class_<PyState> c(m, "State", R"(The 2**n amplitudes of n qubits, starting in |0…0>.

precision is 'double' or 'single'. Raises MemoryError, before allocating, for more bytes than are
available. `seed` is that of measure().

>>> State(3)
<ketgrad.State: 3 qubits, double precision>
)");
  c.def(py::init([](int n_qubits, std::string_view precision, std::uint64_t seed) {
          if (is_single(precision)) return PyState{State<float>(n_qubits), seed};
          return PyState{State<double>(n_qubits), seed};
        }),
        py::arg("n_qubits"), py::arg("precision") = "double", py::arg("seed") = 0)
      .def_static("from_amplitudes", &from_amplitudes, py::arg("amplitudes"),
                  py::arg("precision") = "double",
                  R"(The state with these amplitudes, shape (2**n,), finite and normalised.

>>> State.from_amplitudes([0.6, 0.8j]).amplitudes()
array([0.6+0.j , 0. +0.8j])
)")
      .def_property_readonly(
          "n_qubits",
          [](const PyState& s) {
            return visit(s, [](const auto& state) { return state.n_qubits(); });
          },
          "The number of qubits.")
      .def_property_readonly(
          "precision", [](const PyState& s) { return s.single() ? "single" : "double"; },
          "'single' or 'double'.")
      .def(
          "copy", [](const PyState& s) { return PyState(s); }, "An independent copy.")
      .def("__copy__", [](const PyState& s) { return PyState(s); })
      .def(
          "__deepcopy__", [](const PyState& s, const py::dict&) { return PyState(s); },
          py::arg("memo"))
      .def(
          "__len__",
          [](const PyState& s) { return visit(s, [](const auto& state) { return state.size(); }); })
      .def("__repr__",
           [](const PyState& s) {
             const int n = visit(s, [](const auto& state) { return state.n_qubits(); });
             return qsim::concat("<ketgrad.State: ", n, " qubits, ",
                                 s.single() ? "single" : "double", " precision>");
           })
      .def(py::pickle(
          [](const PyState& s) {
            return py::make_tuple(amplitudes_of(s), s.single() ? "single" : "double", s.seed,
                                  s.measured);
          },
          [](const py::tuple& t) {
            PyState s = from_amplitudes(t[0], t[1].cast<std::string>());
            s.seed = t[2].cast<std::uint64_t>();
            s.measured = t[3].cast<std::uint64_t>();
            return s;
          }));
  def_change(c);
  def_read(c);
}

}  // namespace ketgrad
