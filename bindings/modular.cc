#include "qsim/library/modular.h"

#include "bindings/library.h"
#include "qsim/library/adders.h"

namespace ketgrad {
namespace {

void def_adders(py::module_& m) {
  m.def(
      "add_constant",
      [](int n_bits, std::int64_t value) { return built(qsim::add_constant, n_bits, value); },
      py::arg("n_bits"), py::arg("value"),
      R"(|x> to |x + value mod 2**n_bits>, by phases between Fourier transforms (arXiv:quant-ph/0008033).

A negative value subtracts. Raises ValueError for sizes that no circuit has.

>>> state = kg.State(3).set_basis(6).apply(kg.library.add_constant(3, 5))
>>> int(state.probabilities().argmax())
3
)");
  m.def(
      "draper_adder", [](int n_bits) { return built(qsim::draper_adder, n_bits); },
      py::arg("n_bits"),
      R"(|a>|b> to |a>|a + b mod 2**n_bits> (Draper 2000, arXiv:quant-ph/0008033).

a is on the first n_bits qubits, b behind it; no further qubits. n (n + 1) / 2 controlled phases
between a Fourier transform and its inverse. Raises ValueError for sizes that no circuit has.

>>> state = kg.State(4).set_basis(0b11_10)  # b = 3, a = 2
>>> bin(state.apply(kg.library.draper_adder(2)).probabilities().argmax())
'0b110'
)");
  m.def(
      "cuccaro_adder", [](int n_bits) { return built(qsim::cuccaro_adder, n_bits); },
      py::arg("n_bits"),
      R"(|a>|b>|z> to |a>|a + b mod 2**n_bits>|z XOR carry> (Cuccaro et al. 2004, arXiv:quant-ph/0410184).

a is on the first n_bits qubits, b behind it, z is qubit 2 * n_bits; the last qubit comes in as a carry,
usually 0, and is as before afterwards. 2 n Toffoli gates and 4 n + 1 CNOTs, no angles. Raises
ValueError for sizes that no circuit has.

>>> kg.library.cuccaro_adder(4).count_gates()
{'ccx': 8, 'cx': 17}
)");
}

void def_modular(py::module_& m) {
  m.def(
      "modular_add_constant",
      [](std::int64_t value, std::int64_t modulus) {
        return built(qsim::modular_add_constant, value, modulus);
      },
      py::arg("value"), py::arg("modulus"),
      R"(|x> to |x + value mod modulus> for x below the modulus (Beauregard 2003, arXiv:quant-ph/0205095).

x is on n qubits, 2**n the first power of 2 that is not below the modulus; two helpers follow, which
start and end in |0>. Raises ValueError for a modulus outside [2, 2**30].

>>> state = kg.State(5).set_basis(4).apply(kg.library.modular_add_constant(3, 5))
>>> int(state.probabilities().argmax())
2
)");
  m.def(
      "modular_adder", [](std::int64_t modulus) { return built(qsim::modular_adder, modulus); },
      py::arg("modulus"),
      R"(|a>|b> to |a>|a + b mod modulus> for a and b below the modulus (arXiv:quant-ph/0205095).

a is on the first n qubits, 2**n the first power of 2 that is not below the modulus, b on the n behind;
two helpers follow, which start and end in |0>. Raises ValueError for a modulus outside [2, 2**30].

>>> kg.library.modular_adder(5).n_qubits
8
)");
  m.def(
      "modular_multiplier",
      [](std::int64_t factor, std::int64_t modulus) {
        return built(qsim::modular_multiplier, factor, modulus);
      },
      py::arg("factor"), py::arg("modulus"),
      R"(|x> to |factor * x mod modulus> for x below the modulus (Beauregard 2003, arXiv:quant-ph/0205095).

x is on n qubits, 2**n the first power of 2 that is not below the modulus; n + 2 helpers follow, which
start and end in |0>. Raises ValueError for a modulus outside [2, 2**30], and where factor and modulus
have a common factor.

>>> state = kg.State(8).set_basis(4).apply(kg.library.modular_multiplier(3, 5))
>>> int(state.probabilities().argmax())
2
)");
  m.def(
      "modular_exponentiation",
      [](std::int64_t base, std::int64_t modulus, int n_exponent) {
        return built(qsim::modular_exponentiation, base, modulus, n_exponent);
      },
      py::arg("base"), py::arg("modulus"), py::arg("n_exponent"),
      R"(|x>|e> to |base**e * x mod modulus>|e> for x below the modulus (arXiv:quant-ph/0205095).

x is on n qubits, 2**n the first power of 2 that is not below the modulus; n + 2 helpers follow, which
start and end in |0>, then the exponent e on n_exponent qubits. Raises ValueError for a modulus outside
[2, 2**30], an exponent outside [1, 1000] qubits, and where base and modulus have a common factor.

>>> kg.library.modular_exponentiation(2, 3, 2).n_qubits
8
)");
  m.def(
      "order_finding",
      [](std::int64_t base, std::int64_t modulus) {
        return built(qsim::order_finding, base, modulus);
      },
      py::arg("base"), py::arg("modulus"),
      R"(The circuit that finds the order of base, the least r with base**r = 1 mod modulus (Shor 1994).

Phase estimation of modular_multiplier() with a single control qubit, which is measured and used again
(Beauregard 2003, arXiv:quant-ph/0205095): 2 n + 3 qubits and 2 n bits, 2**n the first power of 2 that is
not below the modulus. The bits are a number y with y / 2**(2 n) near some s / r, which
order_from_outcome() reads. Raises ValueError for a modulus outside [2, 2**30], and where base and
modulus have a common factor.

>>> circuit = kg.library.order_finding(2, 3)
>>> circuit.n_qubits, circuit.n_bits
(7, 4)
>>> sorted(circuit.run(20, seed=1).counts())  # 0 / 2 and 1 / 2
['0000', '1000']
)");
  m.def(
      "order_from_outcome",
      [](std::int64_t outcome, int n_bits, std::int64_t base, std::int64_t modulus) {
        return qsim::order_from_outcome(outcome, n_bits, base, modulus);
      },
      py::arg("outcome"), py::arg("n_bits"), py::arg("base"), py::arg("modulus"),
      R"(The order of base that an outcome of order_finding() tells, or None.

By the continued fraction of outcome / 2**n_bits: its first denominator d with base**d = 1 mod modulus
gives the order. None where there is none, as where the fraction s / r can be reduced. Raises
ValueError for outcomes beyond 2**n_bits, and where base and modulus have a common factor.

>>> kg.library.order_from_outcome(64, 8, base=7, modulus=15)
4
>>> kg.library.order_from_outcome(128, 8, base=7, modulus=15) is None
True
)");
}

}  // namespace

void bind_modular(py::module_& m) {
  def_adders(m);
  def_modular(m);
}

}  // namespace ketgrad
