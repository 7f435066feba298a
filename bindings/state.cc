#include "bindings/state.h"

#include <pybind11/stl/filesystem.h>

#include <filesystem>

#include "bindings/arguments.h"
#include "bindings/named_values.h"
#include "bindings/pickled.h"
#include "qsim/engines/execute.h"
#include "qsim/estimates/classical_shadow.h"
#include "qsim/observables/expectation.h"
#include "qsim/observables/reduced_density_matrix.h"
#include "qsim/state/kets.h"
#include "qsim/state/state_file.h"

namespace ketgrad {
namespace {

using qsim::Index;
using qsim::State;

// A vector of amplitudes from anything NumPy takes, in the state's precision.
template <class T>
ComplexArray<T> amplitude_array(const py::object& values) {
  ComplexArray<T> array = complex_array<T>(values, "amplitudes");
  qsim::require(array.ndim() == 1, "amplitudes must be a vector, got ", array.ndim(),
                " dimensions");
  return array;
}

template <class T>
std::span<const std::complex<T>> amplitudes_in(const ComplexArray<T>& array) {
  return {array.data(), static_cast<std::size_t>(array.size())};
}

// Calls body(State<T>&) without the GIL: body must not touch Python.
template <class Body>
auto visit(PyState& s, const Body& body) {
  const WithoutGil release;
  return std::visit(body, s.state);
}
template <class Body>
auto visit(const PyState& s, const Body& body) {
  const WithoutGil release;
  return std::visit(body, s.state);
}

template <class T>
void check_same(const PyState& other) {
  qsim::require(std::holds_alternative<State<T>>(other.state),
                "states of single and double precision do not mix");
}

PyState new_state(int n_qubits, std::string_view precision, const SeedArg& seed) {
  const bool single = is_single(precision);
  const WithoutGil release;
  if (single) return {State<float>(n_qubits), seed.get()};
  return {State<double>(n_qubits), seed.get()};
}

PyState from_amplitudes(const py::object& amplitudes, std::string_view precision,
                        const SeedArg& seed) {
  const auto make = [&]<class T>(T) -> PyState {
    const ComplexArray<T> array = amplitude_array<T>(amplitudes);
    const WithoutGil release;
    return {State<T>::from_amplitudes(amplitudes_in<T>(array)), seed.get()};
  };
  return is_single(precision) ? make(float{}) : make(double{});
}

PyState load(const std::filesystem::path& path) {
  const WithoutGil release;
  auto [state, notes] = qsim::load_state(path.string());
  return {std::move(state), notes[0], notes[1]};
}

double bytes_of(int n_qubits, std::string_view precision) {
  return is_single(precision) ? State<float>::bytes(n_qubits) : State<double>::bytes(n_qubits);
}

void def_files(py::class_<PyState>& c) {
  c.def(
       "save",
       [](const PyState& s, const std::filesystem::path& path) {
         visit(s, [&](const auto& state) {
           qsim::save_state(state, path.string(), {s.seed, s.measured});
         });
       },
       py::arg("path"),
       R"(Write the state to a file, whole or not at all, without a copy in memory.

The file holds the exact amplitudes, with checksums, and where the random numbers of measure() stand.
Raises OSError, leaving a file that was there as it was, where it cannot be written.

>>> import os, tempfile
>>> with tempfile.TemporaryDirectory() as folder:
...     State(3).set_basis(5).save(os.path.join(folder, "state"))
...     State.load(os.path.join(folder, "state")).sample(2)
array([5, 5], dtype=uint64)
)")
      .def_static("load", &load, py::arg("path"),
                  R"(The state that save() wrote to a file, to the bit.

Raises OSError for a file that cannot be read; ValueError for one that is not a state's, of another
version, damaged or cut short; MemoryError, before allocating, for more bytes than are available.

>>> State.load("no such file")
Traceback (most recent call last):
FileNotFoundError: [Errno 2] cannot read no such file: No such file or directory
)")
      .def_static(
          "bytes",
          [](int n_qubits, std::string_view precision) {
            return py::int_(py::float_(bytes_of(n_qubits, precision)));
          },
          py::arg("n_qubits"), py::arg("precision") = "double",
          R"(Bytes that a state of n qubits takes: 16 or 8 an amplitude, at least 128.

Circuits, expectation values and variances need a few megabytes of scratch besides; gradients three
states; copies, amplitudes() and probabilities() what they return. Raises ValueError outside 1 to 62.

>>> State.bytes(30) == 2**34
True
)");
}

py::array amplitudes_of(const PyState& s) {
  const auto copy = [](const auto& state) {
    auto amplitudes = [&state] {
      const WithoutGil release;
      return state.amplitudes();
    }();
    const auto size = static_cast<py::ssize_t>(amplitudes.size());
    return py::array(to_array(std::move(amplitudes), {size}));
  };
  return std::visit(copy, s.state);
}

std::string kets(const PyState& s, qsim::KetStyle style) {
  return visit(s, [style](const auto& state) { return qsim::ket_text(state, style); });
}

void def_change(py::class_<PyState>& c) {
  constexpr auto kSelf = py::return_value_policy::reference_internal;
  c.def(
       "apply",
       [](PyState& s, const qsim::Circuit& circuit, const ValuesArg& values) -> PyState& {
         // Another thread may change the circuit meanwhile.
         const qsim::Circuit copy = circuit;  // NOLINT(performance-unnecessary-copy-initialization)
         visit(s, [&](auto& state) { qsim::apply(copy, values.value, state); });
         return s;
       },
       py::arg("circuit"), py::arg_v("values", py::dict(), "{}"), kSelf,
       R"(Apply a circuit's gates, given a value for every parameter. Returns the state itself.

values are those of Circuit.state().

Ctrl-C in a long circuit leaves the state with part of the gates applied.

>>> State(1).apply(Circuit(1).x(0)).probabilities()
array([0., 1.])
)")
      .def(
          "set_basis",
          [](PyState& s, Index basis_state) -> PyState& {
            visit(s, [&](auto& state) { state.set_basis(basis_state); });
            return s;
          },
          py::arg("basis_state"), kSelf,
          R"(Become a basis state; bit k of it is qubit k. Returns the state itself.

Raises IndexError from 2**n up. Ctrl-C on a wide state leaves it with part of the amplitudes set.

>>> State(2).set_basis(2).probabilities()
array([0., 0., 1., 0.])
)")
      .def(
          "set_amplitudes",
          [](PyState& s, const py::object& amplitudes) -> PyState& {
            const auto set = [&]<class T>(State<T>& state) {
              const ComplexArray<T> array = amplitude_array<T>(amplitudes);
              const WithoutGil release;
              state.set_amplitudes(amplitudes_in<T>(array));
            };
            std::visit(set, s.state);
            return s;
          },
          py::arg("amplitudes"), kSelf,
          R"(Become a vector of shape (2**n,); bit k of its index is qubit k. Returns the state itself.

Raises ValueError unless it is finite and normalised. Ctrl-C on a wide state leaves part of it set.

>>> State(1).set_amplitudes([0.6, 0.8j]).probabilities().round(6)
array([0.36, 0.64])
)")
      .def(
          "measure",
          [](PyState& s, const QubitArg& qubit, const SeedArg& seed) {
            qsim::Random random(seed.value.value_or(s.seed), seed.value ? 0 : s.measured + 1);
            const int outcome =
                visit(s, [&](auto& state) { return int{state.measure(qubit.value, random)}; });
            if (!seed.value) ++s.measured;
            return outcome;
          },
          py::arg("qubit"), py::arg("seed") = py::none(),
          R"(Measure a qubit, collapse the state and return 0 or 1.

Without a seed the outcome follows from the state's own and the measurements before.

>>> State(1).apply(Circuit(1).x(0)).measure(0)
1
)")
      .def(
          "project",
          [](PyState& s, const QubitArg& qubit, bool value) {
            return visit(s, [&](auto& state) { return state.project(qubit.value, value); });
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
          R"(The square root of <psi|psi>.

>>> State(1).norm()
1.0
)")
      .def(
          "inner",
          [](const PyState& s, const PyState& other) {
            return visit(s, [&]<class T>(const State<T>& state) {
              check_same<T>(other);
              return state.inner(std::get<State<T>>(other.state));
            });
          },
          py::arg("other"), R"(The inner product <self|other>.

Raises ValueError for states of different precision or number of qubits.

>>> State(1).inner(State.from_amplitudes([0.6, 0.8j]))
(0.6+0j)
)")
      .def(
          "probabilities",
          [](const PyState& s, const QubitsArg& qubits) {
            auto p = visit(s, [&](const auto& state) { return state.probabilities(qubits.value); });
            const auto size = static_cast<py::ssize_t>(p.size());
            return to_array(std::move(p), {size});
          },
          py::arg_v("qubits", py::tuple(), "()"),
          R"(The distribution over basis states, shape (2**n,), or over k qubits, shape (2**k,).

Bit j of the index is qubits[j].

>>> State(2).apply(Circuit(2).x(1)).probabilities([1])
array([0., 1.])
)")
      .def(
          "reduced_density_matrix",
          [](const PyState& s, const QubitsArg& qubits) {
            return visit(s, [&](const auto& state) {
              return qsim::reduced_density_matrix(state, qubits.value);
            });
          },
          py::arg("qubits"),
          R"(The density matrix of k qubits, all others traced out, shape (2**k, 2**k).

Bit j of its row and column is qubits[j]. Raises ValueError unless 1 <= k <= 12.

>>> State(2).apply(Circuit(2).h(0).cx(0, 1)).reduced_density_matrix([1]).round(6)
array([[0.5+0.j, 0. +0.j],
       [0. +0.j, 0.5+0.j]])
)")
      .def(
          "shadow",
          [](const PyState& s, const ShotsArg& snapshots, const SeedArg& seed) {
            return visit(s, [&](const auto& state) {
              return qsim::classical_shadow(state, snapshots.value, seed.get());
            });
          },
          py::arg("snapshots"), py::arg("seed") = py::none(),
          R"(Measures every qubit in a random one of the bases X, Y and Z, that many times.

>>> values, std = State(2).shadow(1000, seed=1).expval('ZZ')
>>> bool(abs(values - 1) < 4 * std)
True
)")
      .def(
          "sample",
          [](const PyState& s, const ShotsArg& shots, const SeedArg& seed) {
            auto draws =
                visit(s, [&](const auto& state) { return state.sample(shots.value, seed.get()); });
            const auto size = static_cast<py::ssize_t>(draws.size());
            return to_array(std::move(draws), {size});
          },
          py::arg("shots"), py::arg("seed") = py::none(),
          R"(Basis states drawn from the distribution, shape (shots,).

Bit k of a basis state is the outcome of qubit k. The same seed gives the same draws; None draws a
fresh one.

>>> State(2).apply(Circuit(2).x(1)).sample(3)
array([2, 2, 2], dtype=uint64)
)")
      .def(
          "expval",
          [](const PyState& s, const ObservableArg& observable) {
            return visit(
                s, [&](const auto& state) { return qsim::expectation(observable.value, state); });
          },
          py::arg("observable"),
          R"(The expectation value of a PauliSum (or what it is made from) or MatrixObservable.

Raises ValueError for an observable over more qubits than the state has.

>>> State(2).expval('ZI')
1.0
)")
      .def(
          "variance",
          [](const PyState& s, const ObservableArg& observable) {
            return visit(
                s, [&](const auto& state) { return qsim::variance(observable.value, state); });
          },
          py::arg("observable"),
          R"(The variance <O**2> - <O>**2 of an observable; arguments as of expval().

>>> State(1).variance('X')
1.0
)");
}

bool equal_state(const PyState& a, const PyState& b) {
  if (a.state.index() != b.state.index()) return false;
  return visit(a, [&]<class T>(const State<T>& state) {
    const auto& other = std::get<State<T>>(b.state);
    return state.n_qubits() == other.n_qubits() && same_amplitudes(state, other);
  });
}

}  // namespace

PyState state_from(const py::object& amplitudes) {
  if (py::isinstance<PyState>(amplitudes)) return amplitudes.cast<PyState>();
  return from_amplitudes(amplitudes, "double", {});
}

void bind_state(py::module_& m) {
  py::class_<PyState> c(m, "State", R"(The 2**n amplitudes of n qubits, starting in |0…0>.

precision is 'double' or 'single'. Raises MemoryError, before allocating, for more bytes than are
available. `seed` is that of measure(), fresh unless given; copies carry it on. Bit k of an amplitude's
index is qubit k.

>>> State(3)
<ketgrad.State: 3 qubits, double precision>
>>> print(State(2).apply(Circuit(2).h(0).cx(0, 1)))
0.707|00⟩ + 0.707|11⟩
)");
  c.def(py::init(&new_state), py::arg("n_qubits"), py::arg("precision") = "double",
        py::arg("seed") = py::none())
      .def_static("from_amplitudes", &from_amplitudes, py::arg("amplitudes"),
                  py::arg("precision") = "double", py::arg("seed") = py::none(),
                  R"(The state with these amplitudes, shape (2**n,), finite and normalised.

Bit k of an amplitude's index is qubit k.

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
      .def("__eq__", &equal_state, py::arg("other"), py::is_operator(),
           "Whether qubits, precision and amplitudes agree, to the bit; not what measurements will "
           "draw.")
      .def("__repr__",
           [](const PyState& s) {
             const int n = visit(s, [](const auto& state) { return state.n_qubits(); });
             return qsim::concat("<ketgrad.State: ", n, " qubits, ",
                                 s.single() ? "single" : "double", " precision>");
           })
      .def("__str__", [](const PyState& s) { return kets(s, qsim::KetStyle::kText); })
      .def("_repr_latex_", [](const PyState& s) { return kets(s, qsim::KetStyle::kLatex); })
      .def(py::pickle(
          [](const PyState& s) {
            return py::make_tuple(amplitudes_of(s), s.single() ? "single" : "double", s.seed,
                                  s.measured);
          },
          [](const py::tuple& t) {
            const auto [amplitudes, precision, seed, measured] =
                parts_of<py::object, std::string, std::uint64_t, std::uint64_t>(t, "State");
            PyState s = from_amplitudes(amplitudes, precision, {seed});
            s.measured = measured;
            return s;
          }));
  def_change(c);
  def_read(c);
  def_files(c);
}

}  // namespace ketgrad
