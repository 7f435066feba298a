#include <qsim/drawing/svg_drawing.h>
#include <qsim/drawing/text_drawing.h>
#include <qsim/json/json.h>
#include <qsim/qasm/qasm.h>

#include <string>

#include "families.h"

void use_io() {
  const qsim::Circuit circuit = qsim::Circuit(2, 2).h(0).cx(0, 1).measure_all();
  const std::string text = qsim::to_qasm(circuit, 3);
  check(qsim::circuit_from_qasm(text, {.version = 3}) == circuit ? 1 : 0, 1, "OpenQASM back");
  check(qsim::draw_text(circuit).empty() ? 1 : 0, 0, "an empty drawing");
  check(qsim::draw_svg(circuit).empty() ? 1 : 0, 0, "an empty picture");
}
