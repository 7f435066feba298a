#include <cmath>

#include "bindings/common.h"
#include "qml/derivatives/shift/rule.h"
#include "qsim/core/memory.h"

namespace ketgrad {

void bind_shift_rule(py::module_& m) {
  m.def(
      "shift_rule",
      [](const py::object& frequencies) {
        const RealArray array = real_array(frequencies, "frequencies");
        qsim::require(array.ndim() == 1, "frequencies must have one axis, got ", array.ndim());
        constexpr double kMatrices = 4;  // of the solve
        qsim::require_memory(
            kMatrices * sizeof(double) * std::pow(static_cast<double>(array.size()), 2),
            qsim::concat("a rule of ", array.size(), " frequencies"));
        const std::vector<double> values(array.data(), array.data() + array.size());
        std::vector<std::pair<double, double>> out;
        for (const auto& [coefficient, shift] : qml::shift_rule(values))
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
