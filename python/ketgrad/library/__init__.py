"""Circuits and algorithms that people know by name.

Every function that makes a circuit returns an ordinary `Circuit`: compose it onto others, take its
inverse, control it, compile it. Qubit 0 is the least significant bit of a number. Circuits have no
measurements but those of `deutsch_jozsa`, `bernstein_vazirani`, `simon` and `order_finding`, whose
answer is in their bits.

>>> import ketgrad as kg
>>> kg.library.qft(3).count_gates()
{'cp': 3, 'h': 3, 'swap': 1}
"""

from ketgrad._core import (
    add_constant,
    bernstein_vazirani,
    cuccaro_adder,
    deutsch_jozsa,
    dicke_state,
    draper_adder,
    estimate_phase,
    function_oracle,
    ghz_state,
    graph_state,
    grover,
    grover_iterations,
    grover_operator,
    hadamard_test,
    inner_product_oracle,
    modular_add_constant,
    modular_adder,
    modular_exponentiation,
    modular_multiplier,
    order_finding,
    order_from_outcome,
    phase_estimation,
    phase_oracle,
    qft,
    quantum_volume,
    random_clifford,
    simon,
    simon_oracle,
    simon_secret,
    swap_test,
    w_state,
)
from ketgrad.library.amplitudes import AmplitudeEstimate, amplitude_estimation
from ketgrad.library.factoring import Factoring, shor

__all__ = [
    "AmplitudeEstimate",
    "Factoring",
    "add_constant",
    "amplitude_estimation",
    "bernstein_vazirani",
    "cuccaro_adder",
    "deutsch_jozsa",
    "dicke_state",
    "draper_adder",
    "estimate_phase",
    "function_oracle",
    "ghz_state",
    "graph_state",
    "grover",
    "grover_iterations",
    "grover_operator",
    "hadamard_test",
    "inner_product_oracle",
    "modular_add_constant",
    "modular_adder",
    "modular_exponentiation",
    "modular_multiplier",
    "order_finding",
    "order_from_outcome",
    "phase_estimation",
    "phase_oracle",
    "qft",
    "quantum_volume",
    "random_clifford",
    "shor",
    "simon",
    "simon_oracle",
    "simon_secret",
    "swap_test",
    "w_state",
]
