#include "qsim/circuit/parameter.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "bindings/arguments.h"
#include "bindings/named_values.h"
#include "bindings/pickled.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/memory.h"
#include "qsim/json/json.h"

namespace ketgrad {
namespace {

using qsim::Expression;
using qsim::Op;
using qsim::Parameter;
using qsim::ParameterVector;

// Functions by their names in Python and NumPy.
constexpr std::array<std::pair<const char*, Op>, 10> kFunctions{{{"sin", Op::kSin},
                                                                 {"cos", Op::kCos},
                                                                 {"tan", Op::kTan},
                                                                 {"arcsin", Op::kAsin},
                                                                 {"arccos", Op::kAcos},
                                                                 {"arctan", Op::kAtan},
                                                                 {"tanh", Op::kTanh},
                                                                 {"exp", Op::kExp},
                                                                 {"log", Op::kLog},
                                                                 {"sqrt", Op::kSqrt}}};

// The arithmetic that parameters and expressions share.
template <class Class>
void def_arithmetic(Class& c) {
  using Self = typename Class::type;
  const auto binary = [&c](const char* name, const char* reversed, Op op) {
    c.def(
        name,
        [op](const Self& a, const Angle& b) {
          return Expression::apply(op, Expression(a), to_expression(b));
        },
        py::arg("other"), py::is_operator());
    c.def(
        reversed,
        [op](const Self& a, const Angle& b) {
          return Expression::apply(op, to_expression(b), Expression(a));
        },
        py::arg("other"), py::is_operator());
  };
  binary("__add__", "__radd__", Op::kAdd);
  binary("__sub__", "__rsub__", Op::kSub);
  binary("__mul__", "__rmul__", Op::kMul);
  binary("__truediv__", "__rtruediv__", Op::kDiv);
  binary("__pow__", "__rpow__", Op::kPow);
  c.def("__neg__", [](const Self& a) { return -Expression(a); });
  c.def("__pos__", [](const Self& a) { return Expression(a); });
  c.def("__abs__", [](const Self& a) { return abs(Expression(a)); });
  for (const auto& [name, op] : kFunctions) {  // as np.sin(a) calls them
    c.def(
        name, [op = op](const Self& a) { return Expression::apply(op, a); },
        qsim::concat(name, " of it, as an Expression: what ketgrad.", name, " and numpy.", name,
                     " make of it.")
            .c_str());
  }
}

void def_function(py::module_& m, const char* name, Op op) {
  const std::string doc = qsim::concat(name,
                                       "(a) of a parameter, expression or number, as an "
                                       "Expression.\n\n>>> ",
                                       name, "(Parameter('x'))\nExpression('", name, "(x)')\n");
  m.def(
      name, [op](const AngleArg& a) { return Expression::apply(op, a.value); }, py::arg("a"),
      doc.c_str());
}

}  // namespace

void bind_parameter(py::module_& m) {
  // Expressions travel as JSON, vectors as their name and size.
  py::class_<Expression> expression(m, "Expression", R"(An arithmetic expression of parameters.

Made by + - * / ** abs() and sin, cos, tan, arcsin, arccos, arctan, tanh, exp, log, sqrt, of ketgrad or
NumPy; numbers convert by themselves. The derivative of abs() at 0 is 0. Immutable.

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
  for (const auto& [name, op] : kFunctions) def_function(m, name, op);

  py::class_<ParameterVector>(m, "ParameterVector", R"(The parameters name[0], name[1], …

>>> w = ParameterVector('w', 3)
>>> w[-1], len(w)
(Parameter('w[2]'), 3)
)")
      .def(py::init<const std::string&, int>(), py::arg("name"), py::arg("size"))
      .def_property_readonly("name", &ParameterVector::name, "The common part of the names.")
      .def("__len__", &ParameterVector::size)
      .def("__getitem__", &ParameterVector::at, py::arg("index"))
      .def(
          "__getitem__",
          [](const ParameterVector& v, const py::slice& slice) {
            std::vector<Parameter> out;
            std::size_t start = 0, stop = 0, step = 0, length = 0;
            if (!slice.compute(v.size(), &start, &stop, &step, &length))
              throw py::error_already_set();
            constexpr double kBytes = 256;  // of a parameter here and of its Python object
            qsim::require_memory(kBytes * static_cast<double>(length),
                                 qsim::concat(length, " parameters"));
            out.reserve(length);
            for (std::size_t k = 0; k < length; ++k) {
              if (k % 1024 == 0) qsim::poll_interrupt();
              out.push_back(v[start + k * step]);
            }
            return out;
          },
          py::arg("index"))
      .def(
          "__iter__",
          [](const ParameterVector& v) { return py::make_iterator(v.begin(), v.end()); },
          py::keep_alive<0, 1>())
      .def(py::pickle([](const ParameterVector& v) { return py::make_tuple(v.name(), v.size()); },
                      [](const py::tuple& t) {
                        const auto [name, size] = parts_of<std::string, int>(t, "ParameterVector");
                        return ParameterVector(name, size);
                      }))
      .def("__repr__", [](const ParameterVector& v) {
        return qsim::concat("ParameterVector('", v.name(), "', ", v.size(), ")");
      });
}

}  // namespace ketgrad
