#include "bindings/arguments.h"

#include <limits>
#include <random>
#include <utility>

#include "bindings/arrays.h"
#include "bindings/pauli_arguments.h"
#include "qsim/core/count_work.h"
#include "qsim/core/memory.h"
#include "qsim/core/random.h"

namespace ketgrad {
namespace {

// A value as messages write it where its type does not matter.
std::string written(py::handle value) {
  return py::module_::import("ketgrad._words").attr("written")(value).cast<std::string>();
}

template <class... Parts>
[[noreturn]] void fail_type(const Parts&... parts) {
  throw py::type_error(qsim::concat(parts...));
}

bool is_text(py::handle h) { return py::isinstance<py::str>(h); }

// What pybind11 takes for the type, without its complaints.
template <class Value>
std::optional<Value> load(py::handle h) {
  py::detail::make_caster<Value> caster;
  if (h.is_none() || !caster.load(h, true)) return {};
  return py::detail::cast_op<Value>(caster);
}

// Python writes no more than some thousand digits.
std::string digits(const py::object& number) {
  return call_back(py::module_::import("ketgrad._errors").attr("_digits"), py::make_tuple(number))
      .cast<std::string>();
}

template <class Value>
std::string range_of() {
  return qsim::concat("from ", std::numeric_limits<Value>::min(), " to ",
                      std::numeric_limits<Value>::max());
}

std::string limits_of_circuits() {
  return qsim::concat("a circuit has at most ", qsim::kMaxCircuitQubits, " qubits and ",
                      qsim::kMaxBits, " classical bits");
}

std::string limits_of_shots() { return qsim::concat("from 0 to ", qsim::kMostTrials); }

// An integer of the type; TypeError for what is none, E, with the limits, for what is out of its
// range.
template <class Value, class E>
Value integer(py::handle h, std::string_view what, std::string_view hint = "",
              std::string (*limits)() = &range_of<Value>) {
  if (const auto value = load<Value>(h)) return *value;
  if (const py::object number = read_integer(h)) {
    throw E(qsim::concat(what, " ", digits(number), " is out of range: ", limits()));
  }
  fail_type(what, " must be an integer, not ", shown(h), hint);
}

constexpr std::size_t kUnlimited = std::numeric_limits<std::size_t>::max();

// Calls visit(item); TypeError, saying what is wanted, for what cannot be iterated over, ValueError
// for more items than `most`. Lists may be without end: Ctrl-C ends them, and memory is asked for.
template <class Visit>
void for_items(py::handle h, std::string_view wanted, const Visit& visit,
               std::size_t most = kUnlimited) {
  constexpr std::size_t kPolled = 4096;
  constexpr double kBytes = 256;  // of an item of any kind that is kept, at least
  if (is_text(h) || !py::isinstance<py::iterable>(h)) fail_type(wanted, ", not ", shown(h));
  std::size_t count = 0;
  for (const py::handle item : py::reinterpret_borrow<py::iterable>(h)) {
    if (count >= most) qsim::fail(wanted, "; there are more than ", most, " in ", shown(h));
    if (++count % kPolled == 0) {
      if (PyErr_CheckSignals() != 0) throw py::error_already_set();
      py::module_::import("time").attr("sleep")(0);  // other threads' turn
      if (most == kUnlimited) {
        qsim::require_memory(kBytes * static_cast<double>(count), qsim::concat(count, " items"));
      }
    }
    visit(item);
  }
}

// TypeError for an array of booleans where places are listed: True and False would be 1 and 0.
void refuse_mask(py::handle h, std::string_view wanted) {
  if (is_mask(h)) fail_type(wanted, ", not a mask; np.flatnonzero(mask) lists where it is True");
}

// One of Arg's kind or several.
template <class Arg>
auto one_or_more(py::handle h, std::string_view wanted, std::size_t most) {
  std::vector<decltype(Arg::value)> out;
  const auto add = [&out](py::handle item) { out.push_back(Arg::from(item).value); };
  refuse_mask(h, wanted);
  if (read_integer(h)) {
    add(h);
  } else {
    for_items(h, wanted, add, most);
  }
  return out;
}

// Calls visit(key, value) for {key: 0 or 1}, or with true for a list of keys.
template <class Key, class Visit>
void for_values(py::handle h, std::string_view wanted, std::string_view key_name, std::size_t most,
                const Visit& visit) {
  refuse_mask(h, wanted);
  if (!py::isinstance<py::dict>(h)) {
    for_items(
        h, wanted, [&](py::handle item) { visit(Key::from(item).value, true); }, most);
    return;
  }
  for (const auto& [key, item] : py::reinterpret_borrow<py::dict>(h)) {
    const int number = Key::from(key).value;
    const int value = load<int>(item).value_or(-1);
    if (value != 0 && value != 1) {
      qsim::fail("the value of ", key_name, " ", number, " is ", written(item),
                 "; it must be 0 or 1");
    }
    visit(number, value == 1);
  }
}

std::optional<qsim::Observable> observable(py::handle h) {
  if (py::isinstance<qsim::PauliSum>(h)) return h.cast<qsim::PauliSum>();
  if (py::isinstance<qsim::MatrixObservable>(h)) return h.cast<qsim::MatrixObservable>();
  if (is_text(h) || py::isinstance<py::dict>(h) || PauliTermsArg::is_list_of_terms(h) ||
      PauliOperator::is_one(h.ptr())) {
    return py::type::of<qsim::PauliSum>()(h).cast<qsim::PauliSum>();
  }
  return {};
}

constexpr std::string_view kObservable =
    "an observable is a PauliSum, what it is made from such as 'ZI' or {'ZI': 0.5}, or "
    "MatrixObservable(matrix, qubits)";

Read<qsim::Expression> read_angle(py::handle h) {
  if (py::isinstance<qsim::Expression>(h)) return {h.cast<qsim::Expression>(), {}};
  if (py::isinstance<qsim::Parameter>(h)) return {h.cast<qsim::Parameter>(), {}};
  const auto number = read_real(h);
  if (!number.value) return {{}, number.why};
  return {*number.value, {}};
}

[[noreturn]] void fail_angle(py::handle h, std::string_view what, std::string_view why) {
  const std::string hint = is_text(h) ? "; write Parameter(" + written(h) + ")" : std::string(why);
  fail_type(what, " must be a number, Parameter or Expression, not ", shown(h), hint);
}

// What is called within itself, by lists in lists; Python's own error where that is too deep.
class Recursion {
 public:
  Recursion() {
    if (Py_EnterRecursiveCall(" in a list of names") != 0) throw py::error_already_set();
  }
  ~Recursion() { Py_LeaveRecursiveCall(); }
  Recursion(const Recursion&) = delete;
  Recursion& operator=(const Recursion&) = delete;
};

void add_names(py::handle h, std::vector<std::string>& out) {
  const Recursion deeper;
  if (py::isinstance<qsim::Parameter>(h)) {
    out.push_back(h.cast<qsim::Parameter>().name);
  } else if (is_text(h)) {
    out.push_back(text_of(h));
  } else {
    for_items(
        h,
        "inputs and weights are named by a ParameterVector, Parameter or name, or a list of those",
        [&out](py::handle item) { add_names(item, out); });
  }
}

}  // namespace

bool is_several(py::handle h) {
  if (py::isinstance<py::array>(h)) return py::reinterpret_borrow<py::array>(h).ndim() > 0;
  return py::isinstance<py::iterable>(h) && !is_text(h) && !py::isinstance<py::bytes>(h);
}

std::string text_of(py::handle text) {
  if (PyUnicode_AsUTF8(text.ptr()) == nullptr) {
    if (PyErr_ExceptionMatches(PyExc_UnicodeError) == 0) throw py::error_already_set();
    PyErr_Clear();
    qsim::fail(written(text), " has a lone surrogate, half of a character");
  }
  return text.cast<std::string>();
}

std::string shown(py::handle value) {
  return py::module_::import("ketgrad._words").attr("shown")(value).cast<std::string>();
}

AngleArg AngleArg::from(py::handle h, std::string_view what) {
  const auto angle = read_angle(h);
  if (angle.value) return {*angle.value};
  fail_angle(h, what, angle.why);
}

AnglesArg AnglesArg::from(py::handle h) {
  if (!is_several(h)) return {AngleArg::from(h).value};
  std::vector<qsim::Expression> out;
  for_items(h, "angles must be a list of numbers, Parameters or Expressions",
            [&out](py::handle item) { out.push_back(AngleArg::from(item).value); });
  return {std::move(out)};
}

QubitArg QubitArg::from(py::handle h) {
  const bool swapped = py::isinstance<qsim::Expression>(h) || py::isinstance<qsim::Parameter>(h);
  return {integer<qsim::Qubit, py::index_error>(
      h, "a qubit", swapped ? "; angles come before qubits" : "", &limits_of_circuits)};
}

QubitsArg QubitsArg::from(py::handle h) {
  return {one_or_more<QubitArg>(h, "qubits must be an integer or a list of integers",
                                qsim::kMaxCircuitQubits)};
}

WireArg WireArg::from(py::handle h) {
  if (!is_several(h)) return {QubitArg::from(h).value};
  return {QubitsArg::from(h).value};
}

ControlsArg ControlsArg::from(py::handle h) {
  if (read_integer(h)) return {{{QubitArg::from(h).value, true}}};
  ControlsArg out;
  for_values<QubitArg>(h, "controls must be a list of qubits or {qubit: 0 or 1}", "control qubit",
                       qsim::kMaxCircuitQubits, [&out](qsim::Qubit qubit, bool on_one) {
                         out.value.push_back({qubit, on_one});
                       });
  return out;
}

BitArg BitArg::from(py::handle h) {
  return {integer<int, py::index_error>(h, "a classical bit", "", &limits_of_circuits)};
}

BitsArg BitsArg::from(py::handle h) {
  return {one_or_more<BitArg>(h, "classical bits must be an integer or a list of integers",
                              qsim::kMaxBits)};
}

SizeArg SizeArg::from(py::handle h) {
  return {integer<int, py::value_error>(h, "a number of qubits or bits",
                                        "; registers are a list of (name, size)",
                                        &limits_of_circuits)};
}

ConditionArg ConditionArg::from(py::handle h) {
  constexpr std::string_view kWanted =
      "a condition is {bit: 0 or 1}, a list of bits, or (register, value)";
  if (py::isinstance<py::tuple>(h) && py::len(h) == 2 && is_text(h[py::int_(0)])) {
    const auto value =
        integer<std::uint64_t, py::value_error>(h[py::int_(1)], "the value of a register");
    return {std::pair(text_of(h[py::int_(0)]), value)};
  }
  qsim::Comparison out;
  for_values<BitArg>(h, kWanted, "bit", qsim::kMaxBits, [&out](int bit, bool is_one) {
    out.bits.push_back(bit);
    out.values.push_back(is_one);
  });
  return {std::move(out)};
}

FlagsArg FlagsArg::from(py::handle h) {
  FlagsArg out;
  for_items(
      h, "values of controls must be a list of 0 and 1",
      [&out](py::handle item) {
        const int flag = load<int>(item).value_or(-1);
        if (flag != 0 && flag != 1) {
          qsim::fail("the value of control ", out.value.size(), " is ", written(item),
                     "; it must be 0 or 1");
        }
        out.value.push_back(flag == 1 ? 1 : 0);
      },
      qsim::kMaxCircuitQubits);
  return out;
}

MatrixArg MatrixArg::from(py::handle h) {
  return {matrix_of(py::reinterpret_borrow<py::object>(h), "the matrix")};
}

PauliSumArg PauliSumArg::from(py::handle h) {
  auto value = observable(h);
  auto* sum = value ? std::get_if<qsim::PauliSum>(&*value) : nullptr;
  if (sum != nullptr) return {std::move(*sum)};
  fail_type("a PauliSum is expected, or what it is made from such as 'ZI' or {'ZI': 0.5}; not ",
            shown(h));
}

GeneratorArg GeneratorArg::from(py::handle h) {
  if (const auto value = observable(h)) {
    if (const auto* sum = std::get_if<qsim::PauliSum>(&*value)) return {sum->matrix()};
    fail_type("a generator is a PauliSum, what it is made from such as 'ZI' or {'ZI': 0.5}, or a ",
              "matrix; not ", shown(h));
  }
  return {matrix_of(py::reinterpret_borrow<py::object>(h), "the generator")};
}

ObservableArg ObservableArg::from(py::handle h) {
  if (auto value = observable(h)) return {std::move(*value)};
  fail_type(kObservable, "; not ", shown(h));
}

ObservablesArg ObservablesArg::from(py::handle h) {
  if (auto value = observable(h)) return {{std::move(*value)}};
  if (py::isinstance<py::array>(h)) fail_type(kObservable, "; not ", shown(h));
  ObservablesArg out;
  for_items(h, kObservable,
            [&](py::handle item) { out.value.push_back(ObservableArg::from(item).value); });
  return out;
}

PauliSumsArg PauliSumsArg::from(py::handle h) {
  PauliSumsArg out;
  for (qsim::Observable& item : ObservablesArg::from(h).value) {
    auto* sum = std::get_if<qsim::PauliSum>(&item);
    if (sum == nullptr) {
      fail_type("these observables are a PauliSum, or what it is made from such as 'ZI' or ",
                "{'ZI': 0.5}, or a list of those; not ", shown(h));
    }
    out.value.push_back(std::move(*sum));
  }
  return out;
}

NamesArg NamesArg::from(py::handle h) {
  NamesArg out;
  out.given = !h.is_none();
  if (py::isinstance<py::dict>(h)) {
    fail_type("inputs and weights are named in a list, such as ['a', 'w']; their values are given ",
              "to what runs the circuit, so that a dict is refused here: ", shown(h));
  }
  if (out.given) add_names(h, out.value);
  return out;
}

ShotsArg ShotsArg::from(py::handle h) {
  const auto shots =
      integer<std::int64_t, py::value_error>(h, "the number of shots", "", &limits_of_shots);
  qsim::require(shots <= qsim::kMostTrials, "the number of shots is ", shots,
                "; it must be at most ", qsim::kMostTrials);
  return {shots};
}

SeedArg SeedArg::from(py::handle h) {
  if (h.is_none()) return {};
  return {integer<std::uint64_t, py::value_error>(h, "the seed")};
}

std::uint64_t SeedArg::get() const {
  if (value) return *value;
  std::random_device entropy;
  return (std::uint64_t{entropy()} << 32) | entropy();
}

}  // namespace ketgrad
