#include "qsim/noise/shots.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "bindings/arguments.h"
#include "bindings/circuit.h"
#include "bindings/named_values.h"
#include "bindings/pickled.h"
#include "qsim/core/count_work.h"
#include "qsim/core/long_vector.h"
#include "qsim/core/memory.h"
#include "qsim/noise/noise_model.h"
#include "qsim/noise/schedule.h"

namespace ketgrad {
namespace {

using qsim::Shots;
using OptionalName = std::optional<std::string>;

qsim::BitRange range_of(const Shots& shots, const OptionalName& bit_register) {
  return qsim::bit_range(shots.registers(), shots.n_bits(), bit_register.value_or(""));
}

// Of a value of the bits as a Python str.
double text_bytes(const qsim::BitRange& range) {
  constexpr double kOverhead = 96;
  return static_cast<double>(range.count) + kOverhead;
}

using Occurrences = std::map<qsim::BitWords, std::int64_t>;

Occurrences occurrences(const Shots& shots, const OptionalName& bit_register) {
  const WithoutGil release;
  return shots.counts(bit_register.value_or(""));
}

// Lists and dictionaries are made here: pybind11 would not hear an interrupt meanwhile.
py::typing::Dict<py::str, py::int_> counts(const Shots& shots, const OptionalName& bit_register) {
  const qsim::BitRange range = range_of(shots, bit_register);
  const Occurrences counted = occurrences(shots, bit_register);
  qsim::require_memory(text_bytes(range) * static_cast<double>(counted.size()),
                       "the counted bits as text");
  py::typing::Dict<py::str, py::int_> out;
  for (const auto& [bits, count] : counted) {
    qsim::count_work();
    out[py::str(qsim::bit_text(bits, range.count))] = py::int_(count);
  }
  return out;
}

using Probabilities = py::typing::Dict<py::str, py::float_>;

MaybeErrors<Probabilities> probabilities(const Shots& shots, const OptionalName& bit_register,
                                         bool return_std) {
  const qsim::BitRange range = range_of(shots, bit_register);
  qsim::Distribution sums;
  if (shots.exact) {
    for (const auto& [bits, p] : *shots.exact) {
      qsim::count_work();
      sums[qsim::bits_in(bits, range)] += p;
    }
  } else {
    for (const auto& [bits, count] : occurrences(shots, bit_register)) {
      qsim::count_work();
      sums[bits] = static_cast<double>(count) / static_cast<double>(shots.size());
    }
  }
  qsim::require_memory(3 * text_bytes(range) * static_cast<double>(sums.size()),
                       "the probabilities of the bits as text");
  Probabilities out;
  Probabilities errors;
  for (const auto& [bits, p] : sums) {
    qsim::count_work();
    const py::str text(qsim::bit_text(bits, range.count));
    const double variance = shots.exact ? 0 : p * (1 - p) / static_cast<double>(shots.size());
    out[text] = p;
    errors[text] = std::sqrt(variance);
  }
  if (!return_std) return out;
  return py::make_tuple(out, errors);
}

py::typing::List<py::str> bitstrings(const Shots& shots, const OptionalName& bit_register) {
  const qsim::BitRange range = range_of(shots, bit_register);
  qsim::require_memory(text_bytes(range) * static_cast<double>(shots.size()),
                       "the bits of all shots as text");
  py::typing::List<py::str> out;
  for (std::int64_t k = 0; k < shots.size(); ++k) {
    qsim::count_work();
    out.append(py::str(qsim::bit_text(qsim::bits_in(shots.bits(k), range), range.count)));
  }
  return out;
}

py::array_t<std::uint8_t> memory(const Shots& shots) {
  const auto n = static_cast<std::size_t>(shots.n_bits());
  qsim::require_memory(static_cast<double>(n) * static_cast<double>(shots.size()),
                       "the bits of all shots, a byte each");
  auto out = qsim::long_vector<std::uint8_t>(n * static_cast<std::size_t>(shots.size()));
  for (std::int64_t k = 0; k < shots.size(); ++k) {
    qsim::count_work(2 * qsim::work_of_bits(shots.n_bits()));
    for (std::size_t b = 0; b < n; ++b) {
      out[static_cast<std::size_t>(k) * n + b] = qsim::get_bit(shots.bits(k), static_cast<int>(b));
    }
  }
  return to_array(std::move(out), {shots.size(), shots.n_bits()});
}

bool equal_shots(const Shots& a, const Shots& b) {
  if (a.n_bits() != b.n_bits() || a.registers() != b.registers() || a.size() != b.size() ||
      a.n_run != b.n_run || a.n_branches != b.n_branches || a.exact != b.exact) {
    return false;
  }
  for (std::int64_t k = 0; k < a.size(); ++k) {
    qsim::count_work(qsim::work_of_bits(a.n_bits()));
    if (!std::ranges::equal(a.bits(k), b.bits(k))) return false;
  }
  return true;
}

using Exact = std::optional<std::vector<std::pair<qsim::BitWords, double>>>;

py::tuple pickled_shots(const Shots& shots) {
  std::vector<std::pair<std::string, int>> registers;
  for (const qsim::Register& r : shots.registers()) registers.emplace_back(r.name, r.size);
  const auto width = static_cast<std::int64_t>(qsim::words_of(shots.n_bits()));
  std::vector<std::uint64_t> words;
  words.reserve(static_cast<std::size_t>(width * shots.size()));
  for (std::int64_t k = 0; k < shots.size(); ++k) {
    qsim::count_work(qsim::work_of_bits(shots.n_bits()));
    words.insert(words.end(), shots.bits(k).begin(), shots.bits(k).end());
  }
  Exact exact;
  if (shots.exact) exact.emplace(shots.exact->begin(), shots.exact->end());
  return py::make_tuple(shots.n_bits(), registers, shots.n_run, shots.n_branches, exact,
                        to_array(std::move(words), {shots.size(), width}));
}

// Bits of one outcome, none beyond those there are.
void check_words(std::span<const std::uint64_t> words, int n_bits) {
  qsim::require(words.size() == qsim::words_of(n_bits), "the pickled Result has ", words.size(),
                " words an outcome for ", n_bits, " bits");
  const int last = n_bits % 64;
  qsim::require(last == 0 || words.back() >> last == 0, "the pickled Result has bits beyond its ",
                n_bits);
}

Shots unpickled_shots(const py::tuple& state) {
  const auto [n_bits, pairs, n_run, n_branches, exact, array] =
      parts_of<int, std::vector<std::pair<std::string, int>>, std::int64_t, std::int64_t, Exact,
               py::object>(state, "Result");
  std::vector<qsim::Register> registers;
  for (const auto& [name, size] : pairs) registers.push_back({name, size});
  const qsim::Circuit like(std::vector<qsim::Register>{{"q", 1}}, registers);  // checks them
  const WordArray words = word_array(array, "the pickled words");
  qsim::require(like.n_bits() == n_bits && n_bits >= 1 && words.ndim() == 2 &&
                    words.shape(0) >= 1 && n_run >= words.shape(0) && n_branches >= 0,
                "the pickled Result does not fit itself");
  const auto width = static_cast<std::size_t>(words.shape(1));
  Shots out(n_bits, std::move(registers), words.shape(0));
  for (std::int64_t k = 0; k < out.size(); ++k) {
    qsim::count_work(qsim::work_of_bits(n_bits));
    const std::span row(words.data() + static_cast<std::size_t>(k) * width, width);
    check_words(row, n_bits);
    std::ranges::copy(row, out.bits(k).begin());
  }
  out.n_run = n_run;
  out.n_branches = n_branches;
  if (!exact) return out;
  out.exact.emplace();
  for (const auto& [bits, p] : *exact) {
    check_words(bits, n_bits);
    qsim::require(p >= 0 && p <= 1 + 1e-6, "the pickled Result has a probability of ", p);
    out.exact->emplace(bits, p);
  }
  return out;
}

Shots run_shots(const qsim::Circuit& self, const ShotsArg& shots, const SeedArg& seed,
                const ValuesArg& values, const std::optional<qsim::NoiseModel>& noise,
                std::string_view method, std::string_view precision,
                const std::optional<ConditionArg>& postselect,
                const std::optional<py::function>& progress) {
  const qsim::Circuit circuit = noise ? noise->apply(qsim::measured(self)) : self;
  const qsim::Condition wanted =
      postselect ? condition_on(circuit, *postselect) : qsim::Condition{};
  const qsim::RunMethod way = qsim::run_method(method);
  const bool single = is_single(precision);
  const std::uint64_t number = seed.get();
  qsim::Progress::Report report;
  if (progress) {
    report = [&progress](std::int64_t done, std::int64_t all) {
      const WithGil gil;
      call_back(*progress, py::make_tuple(done, all));
    };
  }
  const WithoutGil release;
  return single ? qsim::run_shots<float>(circuit, values.value, shots.value, number, way, wanted,
                                         report)
                : qsim::run_shots<double>(circuit, values.value, shots.value, number, way, wanted,
                                          report);
}

}  // namespace

void bind_shots(py::module_& m) {
  py::class_<Shots> c(m, "Result",
                      R"(What the classical bits of a circuit hold after each of its shots.

Made by Circuit.run(). In text, bit 0 stands rightmost; `register` is the name of a register of
classical bits, and None stands for all bits. Methods raise ValueError for a name there is none of.

>>> Circuit(2, 2).x(0).measure_all().run(10)
<ketgrad.Result: 10 shots of 2 bits>
>>> print(Circuit(2).x(0).run(10))
10 shots of 2 bits
01  10  100.0 %
)");
  c.def_property_readonly("shots", &Shots::size, "The number of shots, after postselection.")
      .def_readonly("n_run", &Shots::n_run, "The number of shots before postselection.")
      .def_readonly("n_branches", &Shots::n_branches,
                    "How many different courses the shots took; each was run once.")
      .def_property_readonly("n_bits", &Shots::n_bits, "The number of classical bits.")
      .def_property_readonly(
          "exact", [](const Shots& self) { return self.exact.has_value(); },
          "Whether probabilities() are exact, as by the density matrix.")
      .def("counts", &counts, py::arg("register") = py::none(),
           R"(How often each value of the bits occurred, by its text.

>>> Circuit([('q', 2)], [('a', 1), ('b', 1)]).x(1).measure_all().run(10).counts('b')
{'1': 10}
)")
      .def("probabilities", &probabilities, py::arg("register") = py::none(), py::kw_only(),
           py::arg("return_std") = false,
           R"(The probability of each value: exact by the density matrix, else as it occurred.

return_std=True returns (probabilities, standard errors): sqrt(p (1 - p) / shots) of those that come
from shots, which tells little of values that occurred a few times only; 0 of exact ones.

>>> result = Circuit(1).h(0).measure_all().run(10, method='density_matrix')
>>> {bits: round(p, 12) for bits, p in result.probabilities().items()}
{'0': 0.5, '1': 0.5}
>>> p, std = Circuit(1).h(0).measure_all().run(10_000, seed=1).probabilities(return_std=True)
>>> p['1'], round(std['1'], 3)
(0.5052, 0.005)
)")
      .def("bitstrings", &bitstrings, py::arg("register") = py::none(),
           R"(The bits of every shot as text, in the order of the shots.

>>> Circuit(2).x(0).measure_all().run(3).bitstrings()
['01', '01', '01']
)")
      .def("memory", &memory, R"(The bits of every shot, shape (shots, n_bits), 0 or 1.

>>> Circuit(2).x(0).measure_all().run(2).memory()
array([[1, 0],
       [1, 0]], dtype=uint8)
)")
      .def("__eq__", &equal_shots, py::arg("other"), py::is_operator())
      .def("__repr__",
           [](const Shots& self) {
             return qsim::concat("<ketgrad.Result: ", self.size(), " shots of ", self.n_bits(),
                                 " bits>");
           })
      .def("__str__",
           [](const Shots& self) {
             const WithoutGil release;
             return printed_text(self);
           })
      .def(py::pickle(&pickled_shots, &unpickled_shots));
  c.attr("__hash__") = py::none();
  py::reinterpret_borrow<PyCircuit>(m.attr("Circuit"))
      .def("run", &run_shots, py::arg("shots") = 1024, py::kw_only(), py::arg("seed") = py::none(),
           py::arg_v("values", py::dict(), "{}"), py::arg("noise") = py::none(),
           py::arg("method") = "auto", py::arg("precision") = "double",
           py::arg("postselect") = py::none(), py::arg("progress") = py::none(),
           R"(Run it shot by shot and return a Result.

A circuit that measures nothing has all its qubits measured at its end. values are those of state().

Measurements, resets, channels and conditions act as they come; shots whose outcomes agree share
their work. Each shot's outcomes follow from the seed and its number alone; None draws a fresh seed.
noise is a NoiseModel. method is 'trajectories' (or 'statevector', the default 'auto') or
'density_matrix': exact probabilities, from which the shots are drawn, for up to some 13 qubits.
postselect is a condition as of when(): only shots that fulfil it are kept. progress(shots_done, shots)
is called some ten times a second at most, and once with all shots done; where it raises, the run ends.
Raises ValueError where no shot fulfils the condition,
MemoryError, before it starts, for more than there is.

>>> bell = Circuit(2, 2).h(0).cx(0, 1).measure_all()
>>> bell.run(1000, seed=1).counts()
{'00': 476, '11': 524}
>>> bell.run(1000, seed=1, postselect={0: 1}).shots
524
>>> result = bell.run(1000, progress=lambda done, shots: print(done, 'of', shots))
1000 of 1000
)");
}

}  // namespace ketgrad
