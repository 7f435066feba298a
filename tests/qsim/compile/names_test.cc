#include "qsim/compile/names.h"

#include <string>
#include <vector>

#include "qsim/compile/program.h"
#include "qsim/core/error.h"
#include "qsim/engines/execute.h"
#include "tests/bound.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"

namespace {

using qsim::Circuit;
using qsim::Parameter;
using qsim::ParameterVector;
using qsim::ValueError;
using reference::contains;
using reference::error_of;

using Names = std::vector<std::string>;

const Parameter kA("a");
const Parameter kB("b");

}  // namespace

TEST_CASE("parameters stand inputs first, then weights, vectors in their order", "[compile]") {
  const ParameterVector x("x", 2);
  const Circuit circuit = Circuit(2).rx(kB, 0).ry(x[1], 1).rz(kA * x[0], 0).rx(kB + kA, 1);
  const qsim::Program program = qsim::compile(circuit, {}, {"x[0]", "x[1]"});
  CHECK(program.inputs == Names{"x[0]", "x[1]"});
  CHECK(program.weights == Names{"b", "a"});
  CHECK(program.n_parameters() == 4);
  CHECK(qsim::compile(circuit).weights == Names{"b", "x[0]", "x[1]", "a"});
  CHECK(qsim::compile(circuit, {}, {"a", "b", "x[1]", "x[0]"}).weights.empty());
  const auto binding = reference::bound<double>(program, {0.1, 0.2, 0.3, 0.4});
  qsim::State<double> state(2);
  qsim::run(program, binding, state);
  const reference::Values values{{"x[0]", 0.1}, {"x[1]", 0.2}, {"b", 0.3}, {"a", 0.4}};
  CHECK(reference::difference(state, reference::simulate(circuit, values)) < 1e-12);
}

TEST_CASE("inputs are parameters of the circuit, or elements of a vector that it uses",
          "[compile]") {
  const ParameterVector x("x", 4);
  const Circuit circuit = Circuit(1).rx(kA, 0).ry(x[2], 0).rz(x[0], 0);
  const auto inputs = [&circuit](const Names& names) {
    return qsim::compile(circuit, {}, names).inputs;
  };
  CHECK(inputs({}).empty());
  CHECK(inputs({"x[2]", "a"}) == Names{"x[2]", "a"});
  CHECK(inputs({"x[0]", "x[1]", "x[2]", "x[3]"}).size() == 4);  // columns 1 and 3 are not used
  CHECK(inputs({"a", "x[1]"}) == Names{"a", "x[1]"});
  CHECK(inputs({"x"}) == Names{"x[0]", "x[1]", "x[2]", "x[3]"});
  CHECK(inputs({"a", "x"}) == Names{"a", "x[0]", "x[1]", "x[2]", "x[3]"});
  const Circuit both = Circuit(1).rx(Parameter("x"), 0).ry(x[1], 0);
  CHECK(qsim::compile(both, {}, {"x"}).inputs == Names{"x"});
  CHECK(qsim::compile(circuit, {}, {"x"}).weights == Names{"a"});
}

TEST_CASE("weights are whole vectors by first appearance, or as they are listed", "[compile]") {
  const ParameterVector a("a", 2);
  const ParameterVector b("b", 3);
  const Circuit circuit = Circuit(1).rx(b[1], 0).ry(a[0], 0).rx(a[1], 0).ry(b[0], 0);
  CHECK(qsim::compile(circuit).weights == Names{"b[0]", "b[1]", "b[2]", "a[0]", "a[1]"});
  const auto weights = [&circuit](const Names& inputs, const Names& asked) {
    return qsim::compile(circuit, {}, inputs, asked).weights;
  };
  CHECK(weights({}, {"a", "b[1]", "b[0]"}) == Names{"a[0]", "a[1]", "b[1]", "b[0]"});
  CHECK(weights({"a"}, {"b"}) == Names{"b[0]", "b[1]", "b[2]"});
  CHECK(weights({"a"}, {"b[1]", "c", "b[0]"}) == Names{"b[1]", "c", "b[0]"});
  CHECK(qsim::by_appearance(circuit, {"a[0]"}) == Names{"b[1]", "a[1]", "b[0]"});
  const auto error = [&](const Names& inputs, const Names& asked) {
    return error_of<ValueError>([&] { (void)weights(inputs, asked); });
  };
  CHECK(contains(error({}, {"a"}), "'b[1]', which is not among the weights"));
  CHECK(contains(error({"a"}, {}), "neither among the inputs nor the weights"));
  CHECK(contains(error({"a"}, {"b", "a[1]"}), "'a[1]' is listed as an input and a weight"));
  CHECK(contains(error({}, {"a", "b", "b[1]"}), "'b[1]' is listed twice"));
}

TEST_CASE("inputs that the circuit lacks are refused with what it has", "[compile]") {
  const ParameterVector features("features", 2);
  const Circuit circuit = Circuit(1).rx(kA, 0).ry(features[1], 0).rz(features[0], 0);
  const auto error = [&circuit](const Names& names) {
    return error_of<ValueError>([&] { (void)qsim::compile(circuit, {}, names); });
  };
  const std::string misspelt = error({"a", "fetures[1]"});
  CHECK(contains(misspelt, "'fetures[1]'"));
  CHECK(contains(misspelt, "closest are 'features[1]', 'features[0]'"));
  CHECK(contains(error({"a", "b"}), "'b'"));
  CHECK(contains(error({"a", "y[0]"}), "'y[0]'"));
  CHECK(contains(error({"a", "features[-1]"}), "'features[-1]'"));
  CHECK(contains(error({"a", "features[x]"}), "'features[x]'"));
  CHECK(contains(error({"a", "features[1"}), "'features[1'"));
  CHECK(contains(error({"a", ""}), "''"));
  const std::string none = error({"features[2]", "features[3]"});
  CHECK(contains(none, "none of the inputs 'features[2]', 'features[3]' occurs"));
  CHECK(contains(none, "'features[1]'"));
  CHECK(contains(none, "'a'"));
  CHECK(contains(error({"a", "a"}), "'a' is listed twice"));
  CHECK(contains(error({"features", "features[0]"}), "'features[0]' is listed twice"));
  CHECK(contains(error_of<ValueError>([] { (void)qsim::compile(Circuit(1), {}, {"a"}); }),
                 "no parameters"));
  const Circuit far = Circuit(1).rx(Parameter("x[2000000]"), 0);
  CHECK(contains(error_of<ValueError>([&] { (void)qsim::compile(far, {}, {"x"}); }), "2000001"));
  CHECK(qsim::compile(far, {}, {"x[2000000]"}).inputs.size() == 1);
}
