#include "qsim/circuit/parameter.h"

#include <map>
#include <string>
#include <vector>

#include "qsim/compile/tape.h"
#include "qsim/core/error.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"

namespace {

using qsim::Expression;
using qsim::Op;
using qsim::Parameter;
using qsim::ParameterVector;
using qsim::Tape;
using qsim::ValueError;
using reference::contains;
using reference::Dice;
using reference::error_of;

const Parameter kA("a");
const Parameter kB("b");

double value(const Expression& e, double a, double b) { return e.evaluate({{"a", a}, {"b", b}}); }

struct Derivatives {
  double value;
  double by_a;
  double by_b;
};

Derivatives reverse(const Expression& e, double a, double b) {
  Tape tape({"a", "b"});
  const auto entry = static_cast<std::size_t>(tape.add(e));
  std::vector<double> values(tape.size());
  tape.evaluate(std::vector<double>{a, b}, values);
  std::vector<double> adjoints(tape.size(), 0.0);
  adjoints[entry] = 1;
  tape.reverse(values, adjoints);
  return {values[entry], adjoints[0], adjoints[1]};
}

void check_derivatives(const Expression& e, double a, double b) {
  constexpr double kStep = 1e-5;
  const auto [v, by_a, by_b] = reverse(e, a, b);
  INFO(e.text() << " at " << a << ", " << b);
  CHECK(v == Approx(value(e, a, b)));
  const double fd_a = (value(e, a + kStep, b) - value(e, a - kStep, b)) / (2 * kStep);
  const double fd_b = (value(e, a, b + kStep) - value(e, a, b - kStep)) / (2 * kStep);
  CHECK(by_a == Approx(fd_a).epsilon(1e-6).margin(1e-7));
  CHECK(by_b == Approx(fd_b).epsilon(1e-6).margin(1e-7));
}

// Second derivatives along a direction against central differences of the first ones.
void check_second_derivatives(const Expression& e, double a, double b) {
  constexpr double kStep = 1e-5;
  INFO(e.text() << " at " << a << ", " << b);
  Tape tape({"a", "b"});
  const auto entry = static_cast<std::size_t>(tape.add(e));
  std::vector<double> values(tape.size());
  tape.evaluate(std::vector<double>{a, b}, values);
  const Derivatives here = reverse(e, a, b);
  for (const auto& [da, db] : {std::pair{1.0, 0.0}, std::pair{0.0, 1.0}, std::pair{0.6, -1.1}}) {
    std::vector<double> tangents(tape.size());
    tangents[0] = da;
    tangents[1] = db;
    tape.forward(values, tangents);
    CHECK(tangents[entry] == Approx(da * here.by_a + db * here.by_b).margin(1e-12));
    // Of 2 f, whose adjoint moves by 3 along the direction.
    std::vector<double> adjoints(tape.size());
    std::vector<double> adjoint_tangents(tape.size());
    adjoints[entry] = 2;
    adjoint_tangents[entry] = 3;
    tape.reverse_along(values, tangents, adjoints, adjoint_tangents);
    CHECK(adjoints[0] == Approx(2 * here.by_a).margin(1e-12));
    const Derivatives plus = reverse(e, a + kStep * da, b + kStep * db);
    const Derivatives minus = reverse(e, a - kStep * da, b - kStep * db);
    const double bend_a = (plus.by_a - minus.by_a) / (2 * kStep);
    const double bend_b = (plus.by_b - minus.by_b) / (2 * kStep);
    CHECK(adjoint_tangents[0] == Approx(2 * bend_a + 3 * here.by_a).epsilon(1e-6).margin(1e-6));
    CHECK(adjoint_tangents[1] == Approx(2 * bend_b + 3 * here.by_b).epsilon(1e-6).margin(1e-6));
  }
}

// A random tree over a and b whose value and derivatives stay tame.
Expression random_expression(int depth, Dice& dice) {
  if (depth == 0) {
    const int leaf = dice.below(3);
    return leaf == 0 ? Expression(kA) : leaf == 1 ? Expression(kB) : dice.uniform(-2, 2);
  }
  const Expression x = random_expression(depth - 1, dice);
  const Expression y = random_expression(depth - 1, dice);
  switch (dice.below(9)) {
    case 0:
      return x + y;
    case 1:
      return x - y;
    case 2:
      return sin(x) * cos(y);
    case 3:
      return x / (2.0 + y * y);
    case 4:
      return -x;
    case 5:
      return exp(sin(x));
    case 6:
      return log(1.5 + sin(y));
    case 7:
      return tan(sin(x));
    default:
      return sqrt(1.0 + x * x) + pow(1.2 + cos(x), sin(y));
  }
}

}  // namespace

TEST_CASE("a parameter is known by its name", "[parameter]") {
  CHECK(Parameter("a") == kA);
  CHECK(Parameter("a") < kB);
  CHECK_THROWS_AS(Parameter(""), ValueError);
}

TEST_CASE("a parameter vector names its elements", "[parameter]") {
  const ParameterVector w("w", 3);
  CHECK(w.size() == 3);
  CHECK(w.name() == "w");
  CHECK(w[2].name == "w[2]");
  CHECK(w.at(-1).name == "w[2]");
  CHECK(w.at(-3).name == "w[0]");
  int count = 0;
  for (const Parameter& p : w) CHECK(p.name == "w[" + std::to_string(count++) + "]");
  CHECK(count == 3);
  CHECK(contains(error_of<qsim::IndexError>([&] { (void)w.at(3); }), "3"));
  CHECK_THROWS_AS(w.at(-4), qsim::IndexError);
  CHECK(ParameterVector("w", 0).size() == 0);
  CHECK_THROWS_AS(ParameterVector("w", -1), ValueError);
}

TEST_CASE("constants fold", "[parameter]") {
  const Expression e = sin(Expression(0.5) * 2.0 + 1.0);
  CHECK(e.is_constant());
  CHECK(e.evaluate({}) == std::sin(2.0));
  CHECK(pow(Expression(2.0), 10.0).evaluate({}) == 1024);
  CHECK_FALSE((kA * 0.0).is_constant());
}

TEST_CASE("constants must be finite", "[parameter]") {
  CHECK_THROWS_AS(Expression(NAN), ValueError);
  CHECK_THROWS_AS(Expression(-INFINITY), ValueError);
  CHECK_THROWS_AS(Expression(1.0) / 0.0, ValueError);
  CHECK_THROWS_AS(log(Expression(-1.0)), ValueError);
  CHECK_THROWS_AS(sqrt(Expression(-1.0)), ValueError);
  CHECK_THROWS_AS(exp(Expression(1000.0)), ValueError);
}

TEST_CASE("expressions evaluate to what they say", "[parameter]") {
  const double a = 0.7;
  const double b = -1.3;
  CHECK(value(kA + kB, a, b) == a + b);
  CHECK(value(kA - kB, a, b) == a - b);
  CHECK(value(kA * kB, a, b) == a * b);
  CHECK(value(kA / kB, a, b) == a / b);
  CHECK(value(-Expression(kA), a, b) == -a);
  CHECK(value(pow(kA, kB), a, b) == std::pow(a, b));
  CHECK(value(sin(kA), a, b) == std::sin(a));
  CHECK(value(cos(kA), a, b) == std::cos(a));
  CHECK(value(tan(kA), a, b) == std::tan(a));
  CHECK(value(exp(kA), a, b) == std::exp(a));
  CHECK(value(log(kA), a, b) == std::log(a));
  CHECK(value(sqrt(kA), a, b) == std::sqrt(a));
  CHECK(value(sinh(kB), a, b) == Approx(std::sinh(b)).epsilon(1e-15));
  CHECK(value(cosh(kB), a, b) == Approx(std::cosh(b)).epsilon(1e-15));
  CHECK(value(exp2(kB), a, b) == Approx(std::exp2(b)).epsilon(1e-15));
  CHECK(value(log2(kA), a, b) == Approx(std::log2(a)).epsilon(1e-15));
  CHECK(value(hypot(kA, kB), a, b) == Approx(std::hypot(a, b)).epsilon(1e-15));
  CHECK(value(log10(kA), a, b) == Approx(std::log10(a)).epsilon(1e-15));
  CHECK(value(deg2rad(180.0 * kA), a, b) == Approx(reference::kPi * a).epsilon(1e-15));
  CHECK(value(rad2deg(reference::kPi * kA), a, b) == Approx(180 * a).epsilon(1e-15));
  CHECK(contains(error_of<ValueError>([] { (void)(kA * kB).evaluate({{"a", 1.0}}); }), "'b'"));
}

TEST_CASE("expressions print as people write them", "[parameter]") {
  const ParameterVector x("x", 2);
  CHECK(Expression(kA).text() == "a");
  CHECK(Expression(0.5).text() == "0.5");
  CHECK((2.0 * x[1]).text() == "2*x[1]");
  CHECK(((kA + kB) * 2.0).text() == "(a + b)*2");
  CHECK((kA - kB / 2.0).text() == "a - (b/2)");
  CHECK((-(kA + kB)).text() == "-(a + b)");
  CHECK((kA * -1.0).text() == "a*(-1)");
  CHECK((-Expression(kA) * kB).text() == "(-a)*b");
  CHECK(pow(sin(kA), 2.0).text() == "sin(a)**2");
  CHECK(sqrt(kA + 1.0).text() == "sqrt(a + 1)");
}

TEST_CASE("expressions are equal when they have the same form", "[parameter]") {
  CHECK(kA + sin(kB) == kA + sin(kB));
  CHECK_FALSE(kA + kB == kB + kA);
  CHECK_FALSE(sin(kA) == cos(kA));
  CHECK_FALSE(Expression(kA) == Expression(kB));
  CHECK_FALSE(Expression(1.0) == Expression(2.0));
}

TEST_CASE("expressions list their parameters in order of appearance", "[parameter]") {
  CHECK((kB * sin(kA) + kB).parameters() == std::vector<std::string>{"b", "a"});
  CHECK(Expression(1.0).parameters().empty());
}

TEST_CASE("substitution replaces all parameters at once", "[parameter]") {
  const Expression e = kA * sin(kB) + kA;
  const Expression swapped = e.substitute(
      [](const Parameter& p) { return p.name == "a" ? Expression(kB) : Expression(kA); });
  CHECK(swapped == kB * sin(kA) + kB);
  const Expression number = e.substitute([](const Parameter&) { return Expression(0.5); });
  CHECK(number.is_constant());
  CHECK(number.evaluate({}) == Approx(0.5 * std::sin(0.5) + 0.5));
}

namespace {
// Whether it has values for arguments between −1 and 1 alone.
bool is_of_unit_interval(Op op) { return op == Op::kAsin || op == Op::kAcos; }
}  // namespace

TEST_CASE("the derivative of every operator agrees with finite differences", "[parameter]") {
  for (const qsim::OpRow& row : qsim::op_rows()) {
    if (row.arity == 0) continue;
    const Expression right = row.arity == 2 ? Expression(kB) : Expression(0.0);
    const Expression e = Expression::apply(row.op, kA, right);
    check_derivatives(e, 0.7, 1.3);
    check_derivatives(e, is_of_unit_interval(row.op) ? -0.6 : 2.1, -0.4);
    if (row.arity == 2) check_derivatives(Expression::apply(row.op, kA, kA), 0.9, 0.0);
  }
}

TEST_CASE("second derivatives agree with finite differences of the first", "[parameter]") {
  for (const qsim::OpRow& row : qsim::op_rows()) {
    if (row.arity == 0) continue;
    const Expression right = row.arity == 2 ? Expression(kB) : Expression(0.0);
    const Expression e = Expression::apply(row.op, kA, right);
    check_second_derivatives(e, 0.7, 1.3);
    check_second_derivatives(e, is_of_unit_interval(row.op) ? -0.6 : 2.1, -0.4);
    if (row.arity == 2) check_second_derivatives(Expression::apply(row.op, kA, kA), 0.9, 0.0);
  }
  check_second_derivatives(pow(kA, 2.0), 0, 0);
  check_second_derivatives(pow(kA, 3.0) * kB, -2, 0);
  check_second_derivatives(pow(kA, 1.0), -2, 0);
  Dice dice(2);
  for (int k = 0; k < 200; ++k) {
    const Expression e = random_expression(1 + k % 3, dice);
    check_second_derivatives(e, dice.uniform(-1, 1), dice.uniform(-1, 1));
  }
}

TEST_CASE("the tape knows straight lines", "[parameter]") {
  Tape tape({"a", "b"});
  const auto linear = [&](const Expression& e) { return tape.is_linear(tape.add(e), 0); };
  CHECK(linear(kA));
  CHECK(linear(sin(kB) * kA - 2.0 * kA / kB + 1.0));
  CHECK(linear(-(kA + kB)));
  CHECK(linear(sin(kB)));
  CHECK_FALSE(linear(kA * kA));
  CHECK_FALSE(linear(kB / kA));
  CHECK_FALSE(linear(sin(kA)));
  CHECK_FALSE(linear(pow(kA, 2.0)));
}

TEST_CASE("every operator has a row with its own name", "[parameter]") {
  std::map<std::string, int> seen;
  unsigned char k = 0;
  for (const qsim::OpRow& row : qsim::op_rows()) {
    CHECK(row.op == static_cast<Op>(k++));
    CHECK(&qsim::op_row(row.op) == &row);
    CHECK(++seen[std::string(row.name) + "/" + std::to_string(row.arity)] == 1);
  }
}

TEST_CASE("derivatives of random expressions agree with finite differences", "[parameter]") {
  Dice dice(1);
  for (int k = 0; k < 200; ++k) {
    const Expression e = random_expression(1 + k % 3, dice);
    check_derivatives(e, dice.uniform(-1, 1), dice.uniform(-1, 1));
  }
}

TEST_CASE("powers have finite derivatives where the function has them", "[parameter]") {
  CHECK(reverse(pow(kA, 2.0), -1.5, 0).by_a == Approx(-3));
  CHECK(reverse(pow(kA, 2.0), 0, 0).by_a == 0);
  CHECK(reverse(pow(kA, 1.0), 0, 0).by_a == 1);
  CHECK(reverse(pow(kA, 3.0), -2, 0).by_a == Approx(12));
  CHECK(reverse(pow(kA, 0.0), 0, 0).by_a == 0);
  CHECK(reverse(pow(kA, 2.0) + 2.0 * kB, -1, 3).by_b == 2);  // the constant 2 is shared
}

TEST_CASE("equal sub-expressions share an entry of the tape", "[parameter]") {
  Tape tape({"a", "b"});
  const int first = tape.add(sin(kA * kB) + sin(kA * kB));
  CHECK(tape.size() == 5);  // a, b, a*b, its sine, the sum
  CHECK(tape.add(sin(kA * kB)) == first - 1);
  CHECK(tape.add(kB) == 1);
  CHECK(tape.size() == 5);
  check_derivatives(sin(kA * kB) + sin(kA * kB) * kA, 0.4, 0.9);
}

TEST_CASE("the tape knows what an entry depends on", "[parameter]") {
  Tape tape({"a", "b"});
  const int only_a = tape.add(sin(kA) + 1.0);
  const int both = tape.add(kA * kB);
  const int none = tape.add(2.0);
  CHECK(tape.depends_on(only_a, 0, 1));
  CHECK_FALSE(tape.depends_on(only_a, 1, 2));
  CHECK(tape.depends_on(both, 1, 2));
  CHECK_FALSE(tape.depends_on(none, 0, 2));
  CHECK_FALSE(tape.depends_on(both, 0, 0));
}

TEST_CASE("the tape refuses parameters it does not know", "[parameter]") {
  Tape tape({"a"});
  CHECK(contains(error_of<ValueError>([&] { tape.add(sin(kB)); }), "'b'"));
  CHECK(contains(error_of<ValueError>([] { Tape({"a", "b", "a"}); }), "'a'"));
}

TEST_CASE("expressions have a largest depth", "[parameter]") {
  Expression e = kA;
  for (int k = 1; k < 1000; ++k) e = sin(e);
  CHECK(e.node().depth == 1000);
  CHECK(contains(error_of<ValueError>([&] { (void)sin(e); }), "1000"));
  CHECK(std::isfinite(value(e, 0.3, 0)));
  CHECK(reverse(e, 0.3, 0).value == value(e, 0.3, 0));
  CHECK_FALSE(e.text().empty());
}

TEST_CASE("expressions have a largest size", "[parameter]") {
  Expression e = kA;
  const std::string text = error_of<ValueError>([&] {
    for (int k = 0; k < 64; ++k) e = e + e;
  });
  CHECK(contains(text, "100000"));
  CHECK(e.node().size <= 100000);
  CHECK_THROWS_AS(e.substitute([&](const Parameter&) { return e; }), ValueError);
}

TEST_CASE("sums and products of very many operands are shallow", "[parameter]") {
  constexpr int kCount = 10'000;
  const ParameterVector x("x", kCount);
  std::map<std::string, double> values;
  Expression sum = 0.0;
  Expression alternating = 0.0;
  Expression backwards = 0.0;
  Expression product = 1.0;
  double expected_sum = 0;
  double expected_alternating = 0;
  double expected_product = 1;
  for (int k = 0; k < kCount; ++k) {
    const double at = k % 7 - 2.5;
    values[x.at(k).name] = at;
    sum = sum + x.at(k);
    alternating = k % 3 == 0 ? alternating - x.at(k) : -(x.at(k) - alternating);
    backwards = x.at(k) + backwards;
    if (k < 2000) product = product * (1.0 + x.at(k) / 1000.0);
    expected_sum += at;
    expected_alternating += -at;
    if (k < 2000) expected_product *= 1.0 + at / 1000.0;
  }
  CHECK(sum.node().depth <= 1000);
  CHECK(sum.evaluate(values) == Approx(expected_sum));
  CHECK(alternating.evaluate(values) == Approx(expected_alternating));
  CHECK(backwards.evaluate(values) == Approx(expected_sum));
  CHECK(product.evaluate(values) == Approx(expected_product));
  std::vector<std::string> names;
  for (const Parameter& parameter : x) names.push_back(parameter.name);
  CHECK(sum.parameters() == names);
  const Expression again = sum.substitute([](const Parameter& parameter) { return parameter; });
  CHECK(again == sum);
}

TEST_CASE("derivatives of a sum of very many operands", "[parameter]") {
  constexpr int kCount = 3000;
  const ParameterVector x("x", kCount);
  Expression sum = 0.0;
  std::vector<std::string> names;
  for (int k = 0; k < kCount; ++k) {
    sum = sum + 2.0 * x.at(k) - Expression(x.at(k)) / 4.0;
    names.push_back(x.at(k).name);
  }
  Tape tape(names);
  const auto entry = static_cast<std::size_t>(tape.add(sum));
  std::vector<double> values(tape.size());
  tape.evaluate(std::vector<double>(kCount, 0.5), values);
  CHECK(values[entry] == Approx(kCount * 0.875));
  std::vector<double> adjoints(tape.size(), 0.0);
  adjoints[entry] = 1;
  tape.reverse(values, adjoints);
  for (std::size_t k = 0; k < kCount; ++k) REQUIRE(adjoints[k] == Approx(1.75));
}

TEST_CASE("nesting that is no chain has a limit", "[parameter]") {
  Expression e = kA;
  const auto error = error_of<ValueError>([&] {
    for (int k = 0; k < 2000; ++k) e = sin(e);
  });
  CHECK(contains(error, "nested more than 1000 deep"));
  const Expression deepest = e;
  CHECK(contains(error_of<ValueError>([&] { (void)(deepest + kB); }), "nested more than 1000"));
}
