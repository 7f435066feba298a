#include "qsim/state/kets.h"

#include <cmath>
#include <complex>
#include <sstream>
#include <string>
#include <vector>

#include "qsim/engines/execute.h"
#include "tests/catch.h"

using qsim::ket_text;
using qsim::KetStyle;
using qsim::State;

TEST_CASE("states read as kets", "[kets]") {
  const auto bell = qsim::simulate<double>(qsim::Circuit(2).h(0).cx(0, 1));
  CHECK(ket_text(bell) == "0.707|00⟩ + 0.707|11⟩");
  CHECK(ket_text(bell, KetStyle::kLatex) == "$0.707|00\\rangle + 0.707|11\\rangle$");
  CHECK(ket_text(qsim::simulate<float>(qsim::Circuit(2).h(0).cx(0, 1).s(1))) ==
        "0.707|00⟩ + 0.707i|11⟩");
  std::ostringstream out;
  out << State<double>(3);
  CHECK(out.str() == "|000⟩");
}

TEST_CASE("the largest terms are shown", "[kets]") {
  std::vector<std::complex<double>> amplitudes(32, 0.01);
  amplitudes[7] = std::sqrt(1 - 31e-4);
  const auto state = State<double>::from_amplitudes(amplitudes);
  CHECK(ket_text(state, KetStyle::kText, 1) == "0.998|00111⟩ + … (31 more)");
  qsim::Circuit all(5);
  for (int q = 0; q < 5; ++q) all.h(q);
  const std::string text = ket_text(qsim::simulate<double>(all), KetStyle::kText, 2);
  CHECK(text == "0.177|00000⟩ + 0.177|00001⟩ + … (30 more)");
}
