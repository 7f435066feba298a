#include "bindings/named_values.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "bindings/arguments.h"
#include "qsim/circuit/name_places.h"
#include "qsim/core/count_work.h"

namespace ketgrad {
namespace {

using qsim::Expression;
using qsim::OneOrEach;

// What a key of a dictionary names.
struct Key {
  std::string name;
  std::optional<std::size_t> size{};  // of a ParameterVector
};

Key key_of(py::handle key) {
  if (py::isinstance<py::str>(key)) return {text_of(key)};
  if (py::isinstance<qsim::Parameter>(key)) return {key.cast<const qsim::Parameter&>().name};
  if (py::isinstance<qsim::ParameterVector>(key)) {
    const auto& vector = key.cast<const qsim::ParameterVector&>();
    return {vector.name(), vector.size()};
  }
  throw py::type_error(qsim::concat(
      "values are given by a name, Parameter or ParameterVector, not by ", shown(key)));
}

// Calls visit(key, item) for each item of anything with keys.
template <class Visit>
void for_named(py::handle h, const Visit& visit) {
  const py::dict named = py::isinstance<py::dict>(h)
                             ? py::reinterpret_borrow<py::dict>(h)
                             : py::dict(py::reinterpret_borrow<py::object>(h));
  for (const auto& [key, item] : named) {
    qsim::count_work();
    visit(key_of(key), item);
  }
}

OneOrEach<double> read_values(py::handle item, const std::string& name) {
  if (!is_several(item)) {
    const auto number = read_real(item);
    if (number.value) return *number.value;
    throw py::type_error(
        qsim::concat("'", name, "' must be a number, not ", shown(item), number.why));
  }
  const RealArray array = real_array(py::reinterpret_borrow<py::object>(item), "'" + name + "'");
  qsim::require(array.ndim() == 1, "the values of '", name, "' must have one axis, got ",
                array.ndim());
  return std::vector<double>(array.data(), array.data() + array.size());
}

bool is_symbolic(py::handle h) {
  qsim::count_work();
  return py::isinstance<Expression>(h) || py::isinstance<qsim::Parameter>(h);
}

// Whether these are numbers alone, as far as can be told without using them up.
bool are_numbers(py::handle h) {
  if (py::isinstance<py::array>(h) && py::reinterpret_borrow<py::array>(h).dtype().kind() != 'O') {
    return true;
  }
  return py::isinstance<py::sequence>(h) &&
         std::ranges::none_of(py::reinterpret_borrow<py::sequence>(h), is_symbolic);
}

OneOrEach<Expression> read_expressions(py::handle item, const std::string& name) {
  const std::string what = qsim::concat("the value of '", name, "'");
  if (!is_several(item)) return AngleArg::from(item, what).value;
  if (are_numbers(item)) {
    const std::vector<double> numbers = read_values(item, name).numbers;
    return std::vector<Expression>(numbers.begin(), numbers.end());
  }
  std::vector<Expression> out;
  for (const py::handle entry : py::reinterpret_borrow<py::iterable>(item)) {
    qsim::count_work();
    out.push_back(AngleArg::from(entry, what).value);
  }
  return out;
}

template <class Number, class ReadItem>
qsim::NamedValues<Number> read_named(py::handle h, const ReadItem& read_item) {
  typename qsim::NamedValues<Number>::Named out;
  for_named(h, [&](const Key& key, py::handle item) {
    OneOrEach<Number> value = read_item(item, key.name);
    if (key.size) {
      qsim::require(value.is_list && value.numbers.size() == *key.size, "the vector '", key.name,
                    "' has ", *key.size, " elements; it got ", value.numbers.size(), " value(s)");
    }
    qsim::require(out.emplace(key.name, std::move(value)).second, "'", key.name,
                  "' is given twice");
  });
  return out;
}

// Of all parameters, in their order.
std::vector<double> read_in_order(py::handle h) {
  const RealArray array = real_array(py::reinterpret_borrow<py::object>(h), "values");
  qsim::require(
      array.ndim() == 1,
      "values are expected by name, such as {'a': 0.5, 'w': [0.1, 0.2]}, or in one axis in "
      "the order of the parameters; not ",
      shown(h));
  return {array.data(), array.data() + array.size()};
}

}  // namespace

bool is_by_name(py::handle h) {
  if (is_numpy_array(h)) return false;
  return py::isinstance<py::dict>(h) || py::hasattr(h, "keys");
}

NumbersArg NumbersArg::from(py::handle h) {
  if (!is_by_name(h)) {
    throw py::type_error(
        qsim::concat("numbers by name are expected, such as {'a': 0.5}, not ", shown(h)));
  }
  NumbersArg out;
  for_named(h, [&](const Key& key, py::handle item) {
    const OneOrEach<double> value = read_values(item, key.name);
    for (std::size_t k = 0; k < value.numbers.size(); ++k) {
      const std::string name = value.is_list ? qsim::concat(key.name, "[", k, "]") : key.name;
      out.value.emplace(name, value.numbers[k]);
    }
  });
  return out;
}

ValuesArg ValuesArg::from(py::handle h) {
  if (is_by_name(h)) return {read_named<double>(h, &read_values)};
  return {qsim::Values::in_order(read_in_order(h))};
}

ReplacementsArg ReplacementsArg::from(py::handle h) {
  if (is_by_name(h)) return {read_named<Expression>(h, &read_expressions)};
  if (is_several(h) && !are_numbers(h)) {
    return {qsim::Replacements::in_order(read_expressions(h, "values").numbers)};
  }
  const std::vector<double> numbers = read_in_order(h);
  return {qsim::Replacements::in_order({numbers.begin(), numbers.end()})};
}

namespace {

// Values by name that belong into some columns of an array.
struct Columns {
  RealArray numbers{0};
  double one = 0;  // in place of numbers
  bool is_one = false;
  std::vector<std::size_t> places;
  bool has_rows = false;
};

Columns columns_of(const Key& key, py::handle item, const qsim::NamePlaces& places) {
  auto found = places.find(key.name);
  if (!found.is_vector && PyFloat_CheckExact(item.ptr()) != 0) {  // no array need be made of it
    return {
        .one = PyFloat_AS_DOUBLE(item.ptr()), .is_one = true, .places = std::move(found.places)};
  }
  const std::string what = "'" + key.name + "'";
  Columns out{.numbers = real_array(py::reinterpret_borrow<py::object>(item), what),
              .places = std::move(found.places)};
  const py::ssize_t own = found.is_vector ? 1 : 0;  // axes of one sample
  const py::ssize_t n_axes = out.numbers.ndim();
  const auto size = static_cast<py::ssize_t>(out.places.size());
  const bool fits =
      (n_axes == own || n_axes == own + 1) && (own == 0 || out.numbers.shape(n_axes - 1) == size);
  qsim::require(!key.size || *key.size == out.places.size(), "the ParameterVector ", what, " has ",
                key.size.value_or(0), " elements, that of the circuit ", out.places.size());
  if (fits) {
    out.has_rows = n_axes == own + 1;
    return out;
  }
  const std::string shape =
      own == 0 ? "() or (batch,)" : qsim::concat("(", size, ",) or (batch, ", size, ")");
  qsim::fail("the values of ", what, " must have shape ", shape, ", got ", ShapeOf{out.numbers});
}

}  // namespace

RealArray array_of(const py::object& values, std::string_view what,
                   std::span<const std::string> names,
                   const std::function<bool(std::size_t)>& is_needed) {
  if (!is_by_name(values)) return real_array(values, what);
  const qsim::NamePlaces places(names, what.substr(0, what.size() - 1));
  std::vector<Columns> given;
  std::optional<py::ssize_t> rows;
  for_named(values, [&](const Key& key, py::handle item) {
    given.push_back(columns_of(key, item, places));
    if (!given.back().has_rows) return;
    const py::ssize_t n = given.back().numbers.shape(0);
    qsim::require(rows.value_or(n) == n, "'", key.name, "' has ", n, " rows, where others have ",
                  rows.value_or(n));
    rows = n;
  });
  const std::size_t width = names.size();
  std::vector<py::ssize_t> shape{static_cast<py::ssize_t>(width)};
  if (rows) shape.insert(shape.begin(), *rows);
  RealArray out(shape);
  double* numbers = out.mutable_data();
  std::fill_n(numbers, out.size(), 0.0);
  std::vector<bool> is_set(width);
  for (const Columns& columns : given) {
    const std::size_t count = columns.places.size();
    for (const std::size_t place : columns.places) {
      qsim::require(!is_set[place], "'", names[place],
                    "' is given twice: by its own name and by that of its vector");
      is_set[place] = true;
    }
    for (std::size_t row = 0; row < static_cast<std::size_t>(rows.value_or(1)); ++row) {
      const double* from = columns.is_one
                               ? &columns.one
                               : columns.numbers.data() + (columns.has_rows ? row * count : 0);
      for (std::size_t k = 0; k < count; ++k) numbers[row * width + columns.places[k]] = from[k];
    }
  }
  for (std::size_t k = 0; k < width; ++k) {
    qsim::require(is_set[k] || !is_needed(k), what, ": '", names[k], "' has no value");
  }
  return out;
}

py::dict named_dict(std::span<const std::string> names, std::span<const double> numbers) {
  std::map<std::string_view, std::map<int, std::size_t>> vectors;    // elements and their places
  const std::set<std::string_view> all(names.begin(), names.end());  // a vector's may be among them
  for (std::size_t k = 0; k < names.size(); ++k) {
    const auto [vector, index] = qsim::element_name(names[k]);
    if (index >= 0) vectors[vector][index] = k;
  }
  py::dict out;
  for (std::size_t k = 0; k < names.size(); ++k) {
    qsim::count_work();
    const auto [vector, index] = qsim::element_name(names[k]);
    const bool alone = index < 0 || all.contains(vector) ||
                       vectors[vector].rbegin()->first + 1 != std::ssize(vectors[vector]);
    const py::str key(alone ? names[k] : std::string(vector));
    if (alone) out[key] = numbers[k];
    if (alone || out.contains(key)) continue;
    std::vector<double> elements;
    for (const auto& [element, place] : vectors[vector]) elements.push_back(numbers[place]);
    const auto size = static_cast<py::ssize_t>(elements.size());
    out[key] = to_array(std::move(elements), {size});
  }
  return out;
}

}  // namespace ketgrad
