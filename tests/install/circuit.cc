#include <qsim/circuit/circuit.h>
#include <qsim/compile/bind.h>
#include <qsim/compile/program.h>
#include <qsim/engines/execute.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "families.h"

namespace {

template <class Q>
concept IsQubit = requires(qsim::Circuit c, Q q) {
  c.h(q).rx(0.5, q).cx(q, 1).u(1, 2, 3, q).measure(q, 0).reset(q);
};
enum Wire { kData, kHelper };
enum class Strong { kA };

// A floating-point number must not become a qubit: rx(0, 0.5) has its arguments in the wrong order.
static_assert(!IsQubit<double> && !IsQubit<float> && !IsQubit<long double>);
static_assert(!IsQubit<const char*> && !IsQubit<Strong>);
static_assert(IsQubit<int> && IsQubit<short> && IsQubit<long> && IsQubit<long long>);
static_assert(IsQubit<std::size_t> && IsQubit<std::uint8_t> && IsQubit<Wire> &&
              IsQubit<const int&>);

template <class N>
concept IsSize = requires(N n) {
  qsim::Circuit(n, n);
};
static_assert(IsSize<int> && IsSize<std::size_t> && !IsSize<double>);

}  // namespace

void use_circuits() {
  const std::size_t last = 1;
  const qsim::Parameter theta("theta");
  const qsim::Circuit circuit = qsim::Circuit(2).h(kData).crx(2 * theta, kData, last);
  const qsim::State<double> state = qsim::simulate<double>(circuit, {{"theta", 0.3}});
  check(state.probabilities()[3], std::sin(0.3) * std::sin(0.3) / 2, "the probability of |11>");

  const qsim::Program program = qsim::compile(circuit);
  qsim::Binding<float> binding;
  qsim::bind_parameters<float>(program, std::vector{0.3}, binding);
  qsim::State<float> single(2);
  qsim::run<float>(program, binding, single);
  check(single.norm(), 1, "the norm", 1e-6);
}
