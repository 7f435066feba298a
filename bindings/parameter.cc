#include "qsim/circuit/parameter.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>

#include "bindings/arguments.h"
#include "bindings/named_values.h"
#include "bindings/pickled.h"
#include "qsim/core/count_work.h"
#include "qsim/core/memory.h"
#include "qsim/json/json.h"

namespace ketgrad {
namespace {

struct ExpressionArray : py::object {
  static bool is_one(PyObject* object) { return py::isinstance<py::array>(object); }
  PYBIND11_OBJECT_DEFAULT(ExpressionArray, object, is_one)
};

}  // namespace
}  // namespace ketgrad

template <>
struct pybind11::detail::handle_type_name<ketgrad::ExpressionArray> {
  static constexpr auto name = const_name("numpy.typing.NDArray[numpy.object_]");
};

namespace ketgrad {
namespace {

using qsim::Expression;
using qsim::Op;
using qsim::Parameter;
using qsim::ParameterVector;

using Function = Expression (*)(const Expression&);
using NamedFunction = std::pair<const char*, Function>;

// Functions by their names in Python and NumPy.
constexpr std::array<NamedFunction, 17> kFunctions{{{"sin", &qsim::sin},
                                                    {"cos", &qsim::cos},
                                                    {"tan", &qsim::tan},
                                                    {"arcsin", &qsim::asin},
                                                    {"arccos", &qsim::acos},
                                                    {"arctan", &qsim::atan},
                                                    {"sinh", &qsim::sinh},
                                                    {"cosh", &qsim::cosh},
                                                    {"tanh", &qsim::tanh},
                                                    {"exp", &qsim::exp},
                                                    {"exp2", &qsim::exp2},
                                                    {"log", &qsim::log},
                                                    {"log2", &qsim::log2},
                                                    {"log10", &qsim::log10},
                                                    {"sqrt", &qsim::sqrt},
                                                    {"deg2rad", &qsim::deg2rad},
                                                    {"rad2deg", &qsim::rad2deg}}};

// What NumPy calls some of them, too.
constexpr std::array<NamedFunction, 2> kOtherNames{
    {{"radians", &qsim::deg2rad}, {"degrees", &qsim::rad2deg}}};

// The arithmetic that parameters and expressions share. NumPy calls it for every element of an
// array, without asking for signals itself.
template <class Class>
void def_arithmetic(Class& c) {
  using Self = typename Class::type;
  const auto binary = [&c](const char* name, const char* reversed, Op op) {
    c.def(
        name,
        [op](const Self& a, const Angle& b) {
          qsim::count_work();
          return Expression::apply(op, Expression(a), to_expression(b));
        },
        py::arg("other"), py::is_operator());
    c.def(
        reversed,
        [op](const Self& a, const Angle& b) {
          qsim::count_work();
          return Expression::apply(op, to_expression(b), Expression(a));
        },
        py::arg("other"), py::is_operator());
  };
  binary("__add__", "__radd__", Op::kAdd);
  binary("__sub__", "__rsub__", Op::kSub);
  binary("__mul__", "__rmul__", Op::kMul);
  binary("__truediv__", "__rtruediv__", Op::kDiv);
  binary("__pow__", "__rpow__", Op::kPow);
  const auto unary = [&c](const char* name, Function value, const std::string& doc) {
    c.def(
        name,
        [value](const Self& a) {
          qsim::count_work();
          return value(a);
        },
        doc.c_str());
  };
  unary(
      "__neg__", [](const Expression& a) { return -a; }, "");
  unary(
      "__pos__", [](const Expression& a) { return a; }, "");
  unary(
      "__abs__", [](const Expression& a) { return abs(a); }, "");
  c.def(
      "hypot",
      [](const Self& a, const Angle& b) {
        qsim::count_work();
        return hypot(Expression(a), to_expression(b));
      },
      py::arg("other"), "sqrt(a**2 + other**2), as an Expression: what numpy.hypot makes of it.");
  const auto def_method = [&unary](const NamedFunction& function) {  // as np.sin(a) calls it
    const auto& [name, value] = function;
    unary(name, value,
          qsim::concat(name, " of it, as an Expression: what numpy.", name, " makes of it."));
  };
  std::ranges::for_each(kFunctions, def_method);
  std::ranges::for_each(kOtherNames, def_method);
}

void def_function(py::module_& m, const char* name, Function function) {
  const std::string doc =
      qsim::concat(name, "(a) of a parameter, expression or number, as an Expression.\n\n>>> ",
                   name, "(Parameter('x'))\nExpression('", function(Parameter("x")).text(), "')\n");
  m.def(
      name, [function](const AngleArg& a) { return function(a.value); }, py::arg("a"), doc.c_str());
}

// Asks for the memory of so many parameters, here and as Python objects.
void require_parameters(std::size_t count) {
  constexpr double kBytes = 256;
  qsim::require_memory(kBytes * static_cast<double>(count), qsim::concat(count, " parameters"));
}

constexpr std::size_t kWorkOfObject = 4;  // of making one, in units of count_work()

// The parameters as NumPy's array of objects, with which it computes element by element. NumPy
// itself would look at each of them first, for a third of a second a million.
py::array elements(const ParameterVector& v) {
  require_parameters(v.size());
  const py::array out =
      py::module_::import("numpy").attr("empty")(v.size(), py::arg("dtype") = "object");
  auto items = std::span(static_cast<PyObject**>(out.request().ptr), v.size());
  for (std::size_t k = 0; k < v.size(); ++k) {
    qsim::count_work(kWorkOfObject);
    Py_XDECREF(std::exchange(items[k], py::cast(v[k]).release().ptr()));
  }
  return out;
}

// Its elements one by one, for a loop in Python or NumPy, which does not ask for signals.
struct Polled {
  std::vector<Parameter>::const_iterator at;

  const Parameter& operator*() const {
    qsim::count_work(kWorkOfObject);
    return *at;
  }
  Polled& operator++() {
    ++at;
    return *this;
  }
  bool operator==(const Polled&) const = default;
};

// What stands beside a vector: a number, parameter or expression for all its elements, or one for
// each along the last axis.
py::object beside(const ParameterVector& v, const py::object& other) {
  if (!is_several(other)) {
    py::detail::make_caster<Factor>().load(other,
                                           true);  // throws for numbers that cannot stand there
    return other;
  }
  py::array items = py::isinstance<ParameterVector>(other)
                        ? elements(other.cast<const ParameterVector&>())
                        : any_array(other, "what stands beside a ParameterVector");
  if (items.ndim() == 0) return other;  // of a generator, say, with which nothing can be computed
  const auto size = static_cast<std::size_t>(items.shape(items.ndim() - 1));
  qsim::require(size == v.size(), "ParameterVector '", v.name(), "' has ", v.size(),
                " element(s), what stands beside it ", size);
  return items;
}

// NumPy's array of expressions, of which gates over lists take one each.
ExpressionArray computed(const char* name, const py::tuple& operands) {
  return {call_back(py::module_::import("operator").attr(name), operands)};
}

void def_arithmetic(py::class_<ParameterVector>& c) {
  const auto binary = [&c](const char* name, const char* reversed, const char* function) {
    c.def(
        name,
        [function](const ParameterVector& v, const py::object& other) {
          return computed(function, py::make_tuple(elements(v), beside(v, other)));
        },
        py::arg("other"), py::is_operator());
    c.def(
        reversed,
        [function](const ParameterVector& v, const py::object& other) {
          return computed(function, py::make_tuple(beside(v, other), elements(v)));
        },
        py::arg("other"), py::is_operator());
  };
  binary("__add__", "__radd__", "add");
  binary("__sub__", "__rsub__", "sub");
  binary("__mul__", "__rmul__", "mul");
  binary("__truediv__", "__rtruediv__", "truediv");
  binary("__pow__", "__rpow__", "pow");
  const auto unary = [&c](const char* name, const char* function) {
    c.def(name, [function](const ParameterVector& v) {
      return computed(function, py::make_tuple(elements(v)));
    });
  };
  unary("__neg__", "neg");
  unary("__pos__", "pos");
  unary("__abs__", "abs");
}

}  // namespace

void bind_parameter(py::module_& m) {
  // Expressions travel as JSON, vectors as their name and size.
  py::class_<Expression> expression(m, "Expression", R"(An arithmetic expression of parameters.

Made by + - * / ** abs() and sin, cos, tan, arcsin, arccos, arctan, sinh, cosh, tanh, exp, exp2, log, log2,
log10, sqrt, hypot, deg2rad, rad2deg, of ketgrad or NumPy; numbers convert by themselves. NumPy's square,
reciprocal and power work as well; others, such as cbrt and sign, raise TypeError. NumPy asks the first
argument of hypot: where that is a number, ketgrad's is the one to use. The derivative of abs() at 0 is 0.
Immutable.

>>> x = ParameterVector('x', 2)
>>> (3.5 - x[0]) * (3.5 - x[1])
Expression('(3.5 - x[0])*(3.5 - x[1])')
)");
  py::class_<Parameter> parameter(m, "Parameter",
                                  R"(A named real number that gets its value when a program runs.

Two parameters of one name are the same parameter.

>>> theta = Parameter('theta')
>>> 2 * theta + 1
Expression('(2*theta) + 1')
)");
  parameter.def(py::init<std::string>(), py::arg("name"))
      .def_readonly("name", &Parameter::name, "The parameter's name.")
      .def("__repr__", [](const Parameter& p) { return "Parameter('" + p.name + "')"; })
      .def("__str__", [](const Parameter& p) { return p.name; })
      .def("__hash__", [](const Parameter& p) { return py::hash(py::str(p.name)); })
      .def(
          "__eq__", [](const Parameter& a, const Parameter& b) { return a == b; }, py::arg("other"),
          py::is_operator())
      .def(py::pickle([](const Parameter& p) { return py::make_tuple(p.name, p.vector_size); },
                      [](const py::tuple& t) {
                        if (t.size() == 1) {  // of a release that knew no sizes
                          return Parameter(std::get<0>(parts_of<std::string>(t, "Parameter")));
                        }
                        const auto [name, size] = parts_of<std::string, int>(t, "Parameter");
                        Parameter out(name);
                        qsim::require(size == 0 || (out.index >= 0 && out.index < size),
                                      "the pickled Parameter '", name, "' is of a vector of ",
                                      size);
                        out.vector_size = size;
                        return out;
                      }));
  def_arithmetic(parameter);

  expression.def(py::init(&to_expression), py::arg("value"))
      .def(
          "evaluate",
          [](const Expression& e, const NumbersArg& values) { return e.evaluate(values.value); },
          py::arg("values"),
          R"(The value, given every parameter's by name.

>>> (Parameter('a') * 2).evaluate({'a': 1.5})
3.0
)")
      .def_property_readonly("parameters", &Expression::parameters,
                             "Names in order of appearance, each once.")
      .def("__repr__", [](const Expression& e) { return "Expression('" + e.text() + "')"; })
      .def("__str__", &Expression::text)
      .def(
          "__eq__", [](const Expression& a, const Expression& b) { return a == b; },
          py::arg("other"), py::is_operator())
      .def("__hash__", [](const Expression& e) { return py::hash(py::str(e.text())); })
      .def(py::pickle(
          [](const Expression& e) { return py::make_tuple(qsim::json_text(qsim::to_json(e))); },
          [](const py::tuple& t) {
            const auto [text] = parts_of<std::string>(t, "Expression");
            return qsim::expression_from_json(qsim::parse_json(text));
          }));
  def_arithmetic(expression);
  for (const auto& [name, function] : kFunctions) def_function(m, name, function);
  m.def(
      "hypot", [](const AngleArg& a, const AngleArg& b) { return hypot(a.value, b.value); },
      py::arg("a"), py::arg("b"),
      R"(sqrt(a**2 + b**2) of parameters, expressions or numbers, as an Expression.

>>> hypot(Parameter('x'), 2)
Expression('sqrt((x*x) + 4)')
)");

  py::class_<ParameterVector> vector(m, "ParameterVector", R"(The parameters name[0], name[1], …

Arithmetic and NumPy's functions go element by element and give an array of expressions; gates over lists
take it. What stands beside it is one number, Parameter or Expression, or as many as the vector has elements,
along the last axis; raises ValueError for other numbers of them. Vectors of one name and size are equal.

>>> w = ParameterVector('w', 3)
>>> w[-1], len(w)
(Parameter('w[2]'), 3)
>>> (2 * w + 0.1)[0]
Expression('(2*w[0]) + 0.1')
>>> Circuit(3).rx(w / 2, range(3)).count_gates()
{'rx': 3}
)");
  vector.def(py::init<const std::string&, int>(), py::arg("name"), py::arg("size"))
      .def_property_readonly("name", &ParameterVector::name, "The common part of the names.")
      .def("__len__", &ParameterVector::size)
      .def("__getitem__", &ParameterVector::at, py::arg("index"))
      .def(
          "__getitem__",
          [](const ParameterVector& v, const py::slice& slice) {
            py::typing::List<Parameter> out;
            std::size_t start = 0, stop = 0, step = 0, length = 0;
            if (!slice.compute(v.size(), &start, &stop, &step, &length))
              throw py::error_already_set();
            require_parameters(length);
            for (std::size_t k = 0; k < length; ++k) {
              qsim::count_work(kWorkOfObject);
              out.append(v[start + k * step]);
            }
            return out;
          },
          py::arg("index"))
      .def(
          "__iter__",
          [](const ParameterVector& v) {
            return py::make_iterator(Polled{v.begin()}, Polled{v.end()});
          },
          py::keep_alive<0, 1>())
      .def(
          "__array__",
          [](const ParameterVector& v, const py::object& dtype,
             const py::object& copy) -> py::object {
            qsim::require(copy.is_none() || copy.cast<bool>(),
                          "the parameters cannot be seen without a copy");
            const py::object out = elements(v);
            return dtype.is_none() ? out : out.attr("astype")(dtype);
          },
          py::arg("dtype") = py::none(), py::arg("copy") = py::none())
      .def(py::pickle([](const ParameterVector& v) { return py::make_tuple(v.name(), v.size()); },
                      [](const py::tuple& t) {
                        const auto [name, size] = parts_of<std::string, int>(t, "ParameterVector");
                        return ParameterVector(name, size);
                      }))
      .def(
          "__eq__",
          [](const ParameterVector& a, const ParameterVector& b) {
            return a.name() == b.name() && a.size() == b.size();
          },
          py::arg("other"), py::is_operator())
      .def("__hash__",
           [](const ParameterVector& v) { return py::hash(py::make_tuple(v.name(), v.size())); })
      .def("__repr__", [](const ParameterVector& v) {
        return qsim::concat("ParameterVector('", v.name(), "', ", v.size(), ")");
      });
  def_arithmetic(vector);
}

}  // namespace ketgrad
