#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "bindings/common.h"
#include "qsim/circuit/named_values.h"

// Arguments whose conversion from Python says itself what is wrong with a value, and what would be
// right, where pybind11 would list the signatures of a function. Each of them says by kType what it
// is in a signature: words that begin with # stand for long types (signatures.cc).

namespace ketgrad {

// A value for messages: "[0.1] (list)".
std::string shown(py::handle value);

// What text has in UTF-8. ValueError names text with a lone surrogate, for which there is none.
std::string text_of(py::handle text);

// Whether it holds items, as lists and arrays with axes do and text does not.
bool is_several(py::handle h);

struct AngleArg {
  qsim::Expression value;
  static AngleArg from(py::handle h, std::string_view what = "an angle");
  static constexpr auto kType = py::detail::const_name("#angle");
};

// An angle, or one for each of several gates.
struct AnglesArg {
  qsim::OneOrEach<qsim::Expression> value{0.0};
  static AnglesArg from(py::handle h);
  static constexpr auto kType = py::detail::const_name("#angle | #many[#angle]");
};

struct QubitArg {
  qsim::Qubit value = 0;
  static QubitArg from(py::handle h);
  static constexpr auto kType = py::detail::const_name("#int");
};

// A qubit, or one for each of several gates.
struct WireArg {
  qsim::OneOrEach<qsim::Qubit> value{0};
  static WireArg from(py::handle h);
  static constexpr auto kType = py::detail::const_name("#int | #many[#int]");
};

// A qubit, or a list of qubits.
struct QubitsArg {
  std::vector<qsim::Qubit> value;
  static QubitsArg from(py::handle h);
  static constexpr auto kType = py::detail::const_name("#int | #many[#int]");
};

// A qubit or qubits that must be 1, or {qubit: 0 or 1}.
struct ControlsArg {
  std::vector<qsim::Control> value;
  static ControlsArg from(py::handle h);
  static constexpr auto kType = py::detail::const_name("#int | #many[#int] | #map[#int, #int]");
};

struct BitArg {
  int value = 0;
  static BitArg from(py::handle h);
  static constexpr auto kType = py::detail::const_name("#int");
};

// A classical bit, or a list of bits.
struct BitsArg {
  std::vector<int> value;
  static BitsArg from(py::handle h);
  static constexpr auto kType = py::detail::const_name("#int | #many[#int]");
};

// How many qubits or bits.
struct SizeArg {
  int value = 0;
  static SizeArg from(py::handle h);
  static constexpr auto kType = py::detail::const_name("#int");
};

// Values of controls, each 0 or 1.
struct FlagsArg {
  std::vector<char> value;
  static FlagsArg from(py::handle h);
  static constexpr auto kType = py::detail::const_name("#many[#int]");
};

// Bits that must be 1, {bit: 0 or 1}, or (register, value).
struct ConditionArg {
  std::variant<qsim::Comparison, std::pair<std::string, std::uint64_t>> value;
  static ConditionArg from(py::handle h);
  static constexpr auto kType =
      py::detail::const_name("tuple[str, #int] | #many[#int] | #map[#int, #int]");
};

// A square matrix of numbers; ValueError for another number of axes.
struct MatrixArg {
  qsim::Matrix value;
  static MatrixArg from(py::handle h);
  static constexpr auto kType = py::detail::const_name("#matrix");
};

// What generates an evolution: a Hermitian matrix, a PauliSum, or the text or dict that makes one.
struct GeneratorArg {
  qsim::Matrix value;
  static GeneratorArg from(py::handle h);
  static constexpr auto kType = py::detail::const_name("#sum | #matrix");
};

// A PauliSum, the text or dict that makes one, or a MatrixObservable.
struct ObservableArg {
  qsim::Observable value;
  static ObservableArg from(py::handle h);
  static constexpr auto kType = py::detail::const_name("#observable");
};

// One of those or several.
struct ObservablesArg {
  std::vector<qsim::Observable> value;
  static ObservablesArg from(py::handle h);
  static constexpr auto kType = py::detail::const_name("#observable | #many[#observable]");
};

// One or several PauliSum, or what they are made from.
struct PauliSumsArg {
  std::vector<qsim::PauliSum> value;
  static PauliSumsArg from(py::handle h);
  static constexpr auto kType = py::detail::const_name("#sum | #many[#sum]");
};

// The names of a ParameterVector, Parameter or str, or of any number of those.
struct NamesArg {
  std::vector<std::string> value{};
  bool given = false;  // and not None
  [[nodiscard]] std::optional<std::vector<std::string>> asked() const {
    return given ? std::optional(value) : std::nullopt;
  }
  static NamesArg from(py::handle h);
  static constexpr auto kType = py::detail::const_name("#names | None");
};

struct ShotsArg {
  std::int64_t value = 0;
  static ShotsArg from(py::handle h);
  static constexpr auto kType = py::detail::const_name("#int");
};

struct SeedArg {
  std::optional<std::uint64_t> value;
  static SeedArg from(py::handle h);
  static constexpr auto kType = py::detail::const_name("#int | None");
  // The seed, or fresh entropy where none was given.
  [[nodiscard]] std::uint64_t get() const;
};

}  // namespace ketgrad

namespace pybind11::detail {

template <class Arg>
concept SelfChecked = requires(handle h) {
  Arg::from(h);
  Arg::kType;
};

template <SelfChecked Arg>
class type_caster<Arg> {
 public:
  PYBIND11_TYPE_CASTER(Arg, Arg::kType);
  bool load(handle h, bool) {
    value = Arg::from(h);
    return true;
  }
};

}  // namespace pybind11::detail
