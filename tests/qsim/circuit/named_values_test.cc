#include "qsim/circuit/named_values.h"

#include <string>
#include <vector>

#include "qsim/circuit/circuit.h"
#include "qsim/circuit/name_places.h"
#include "qsim/core/error.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"

using qsim::Replacements;
using qsim::Values;

namespace {

const std::vector<std::string> kNames{"w[0]", "w[1]", "a", "v[1]", "v[0]", "u[1]"};

std::string refusal(const Values& values) {
  return reference::error_of<qsim::ValueError>([&] { (void)values.of(kNames); });
}

}  // namespace

TEST_CASE("values go to parameters, elements and vectors", "[values]") {
  const Values named{{"a", 0.5}, {"w", {0.1, 0.2}}, {"v[0]", 0.3}};
  const auto got = named.of(kNames);
  CHECK(got[0] == 0.1);
  CHECK(got[1] == 0.2);
  CHECK(got[2] == 0.5);
  CHECK_FALSE(got[3].has_value());
  CHECK(got[4] == 0.3);
  const auto all = Values::in_order({1, 2, 3, 4, 5, 6}).of(kNames);
  CHECK(all[3] == 4.0);
  const auto backwards = Values{{"v", {0.3, 0.4}}}.of(kNames);
  CHECK(backwards[4] == 0.3);
  CHECK(backwards[3] == 0.4);
}

TEST_CASE("values that do not fit are refused by name", "[values]") {
  using reference::contains;
  CHECK(contains(refusal({{"b", 0.5}}), "no parameter 'b'"));
  CHECK(contains(refusal({{"w[2]", 0.5}}), "no parameter 'w[2]'"));
  CHECK(contains(refusal({{"w", {0.1, 0.2, 0.3}}}), "'w' has 2 elements; it got 3"));
  CHECK(contains(refusal({{"w", 0.1}}), "'w' has 2 elements; it got 1"));
  CHECK(contains(refusal({{"a", {0.1}}}), "'a' is a single parameter"));
  CHECK(contains(refusal({{"w", {0.1, 0.2}}, {"w[1]", 0.2}}), "'w[1]' is given twice"));
  CHECK(contains(refusal({{"u", {0.1, 0.2}}}), "of the vector 'u' there is no element 0"));
  CHECK(contains(refusal(Values::in_order({1, 2})), "got 2 values for 6 parameters"));
  CHECK(contains(reference::error_of<qsim::ValueError>([] {
                   (void)Values{{"a", 1.0}}.of({});
                 }),
                 "no parameters, so 'a'"));
}

TEST_CASE("a parameter may have the name of a vector", "[values]") {
  const std::vector<std::string> names{"w", "w[0]", "w[1]"};
  const auto got = Values{{"w", 0.5}, {"w[1]", 0.2}}.of(names);
  CHECK(got[0] == 0.5);
  CHECK(got[2] == 0.2);
}

TEST_CASE("expressions go into circuits", "[values]") {
  const qsim::ParameterVector w("w", 2);
  const qsim::Parameter b("b");
  const qsim::Circuit circuit = qsim::Circuit(1).rx(w[0], 0).ry(w[1], 0);
  CHECK(circuit.assign({{"w", {0.5, 2 * b}}}) == qsim::Circuit(1).rx(0.5, 0).ry(2 * b, 0));
  CHECK(circuit.assign(Replacements::in_order({b, 0.5})) == qsim::Circuit(1).rx(b, 0).ry(0.5, 0));
}

TEST_CASE("gates over lists", "[circuit]") {
  const qsim::ParameterVector w("w", 2);
  qsim::Circuit circuit(3);
  circuit.each("cx", {}, {{0, 1}, {1, 2}}).each("rx", {{w[0], w[1]}}, {{0, 1}}).each("h", {}, {2});
  CHECK(circuit == qsim::Circuit(3).cx(0, 1).cx(1, 2).rx(w[0], 0).rx(w[1], 1).h(2));
  const qsim::Circuit before = circuit;
  CHECK_THROWS_AS(circuit.each("cx", {}, {{0, 1}, {1}}), qsim::ValueError);
  CHECK_THROWS_AS(circuit.each("h", {}, {{0, 3}}), qsim::IndexError);
  CHECK(circuit == before);
  CHECK(qsim::Circuit(3).x(0, {1, 2}) == qsim::Circuit(3).ccx(1, 2, 0));
  CHECK(qsim::Circuit(3).crx(0.5, 0, 1, {{2, false}}).operations()[0].controls.size() == 2);
}
