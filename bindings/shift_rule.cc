#include "qml/gradients/shift_rule.h"

#include "bindings/common.h"

namespace ketgrad {

void bind_shift_rule(py::module_& m) {
  m.def(
      "shift_rule",
      [](const std::vector<double>& frequencies) {
        std::vector<std::pair<double, double>> out;
        for (const auto& [coefficient, shift] : qml::shift_rule(frequencies))
          out.emplace_back(coefficient, shift);
        return out;
      },
      py::arg("frequencies"),
      R"(The parameter-shift rule of a function with these frequencies, as (coefficient, shift).

>>> [(round(c, 3), round(s, 3)) for c, s in shift_rule([1.0])]
[(0.5, 1.571), (-0.5, -1.571)]
)");
}

}  // namespace ketgrad
