"""Tapes with channels as a program of density matrices."""

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from pennylane.devices.qubit_mixed import measure
from pennylane.measurements import ExpectationMP, MeasurementProcess

from ketgrad import Circuit, compile_noisy
from ketgrad.pennylane.plan import Asked, Observable, Plan
from ketgrad.pennylane.reading import Floats, Numbers


class MixedPlan(Plan):
    """Expectation values by a compiled program, everything else from the density matrix."""

    _observed: ClassVar[dict[type, str]] = {ExpectationMP: "expval"}
    _measure: ClassVar[Callable[..., Any]] = staticmethod(measure)

    def _compile(
        self, circuit: Circuit, observables: list[Observable], inputs: Any, precision: str
    ) -> None:
        self._circuit, self._precision = circuit, precision
        if observables:
            self._program = compile_noisy(circuit, observables, None, inputs, precision)

    def _probabilities(self, mp: MeasurementProcess) -> tuple[str | None, int, tuple[int, ...]]:  # noqa: ARG002
        return None, 0, ()

    def states(self, rows: Floats, state: Numbers | None) -> Numbers:  # noqa: ARG002
        """Give the final states: of shape (samples, 2, ..., 2), two axes a wire."""
        each = [
            self._circuit.density_matrix({"x": row} if len(row) else {}, precision=self._precision)
            for row in rows
        ]
        size, n = 2**self._n, self._n
        return np.stack([one.matrix()[:size, :size].reshape([2] * (2 * n)) for one in each])

    def _given(self, rows: Floats, state: Numbers | None) -> dict[str, Any]:  # noqa: ARG002
        return {"inputs": rows if self._n_angles else None}

    def _asked(self, m: Asked) -> dict[str, Any]:  # noqa: ARG002
        return {}  # there are expectation values only
