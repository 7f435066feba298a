"""What ketgrad has and Cirq lacks: exp(-i θ G) of a symbol and a matrix."""

from typing import Any

import cirq
import numpy as np


class Evolution(cirq.Gate):  # type: ignore[misc]
    """exp(-i theta G): theta may be an expression of SymPy, G is Hermitian, in Cirq's bit order."""

    def __init__(self, theta: Any, generator: Any) -> None:
        self.theta, self.generator = theta, np.asarray(generator, complex)

    def _num_qubits_(self) -> int:
        return len(self.generator).bit_length() - 1

    def _is_parameterized_(self) -> bool:
        return bool(cirq.is_parameterized(self.theta))

    def _parameter_names_(self) -> Any:
        return cirq.parameter_names(self.theta)

    def _resolve_parameters_(self, resolver: Any, recursive: bool) -> "Evolution":
        return Evolution(resolver.value_of(self.theta, recursive), self.generator)

    def _has_unitary_(self) -> bool:
        return not self._is_parameterized_()

    def _unitary_(self) -> Any:
        if self._is_parameterized_():
            return NotImplemented
        energies, basis = np.linalg.eigh(self.generator)
        return (basis * np.exp(-1j * float(self.theta) * energies)) @ basis.conj().T

    def __pow__(self, exponent: Any) -> "Evolution":
        return Evolution(self.theta * exponent, self.generator)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Evolution):
            return NotImplemented
        return bool(self.theta == other.theta and np.array_equal(self.generator, other.generator))

    def __hash__(self) -> int:
        return hash((self.theta, self.generator.tobytes()))

    def _circuit_diagram_info_(self, _: Any) -> tuple[str, ...]:
        return (f"exp(-i·{self.theta}·G)",) * self._num_qubits_()

    def __repr__(self) -> str:
        return f"ketgrad.cirq.evolution.Evolution({self.theta!r}, {self.generator!r})"
