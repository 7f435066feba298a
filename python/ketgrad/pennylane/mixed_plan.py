"""Tapes with channels as a program of density matrices."""

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from pennylane.devices.qubit_mixed import measure
from pennylane.devices.qubit_mixed.sampling import measure_with_samples
from pennylane.measurements import ExpectationMP, MeasurementProcess, Shots
from pennylane.tape import QuantumScript

from ketgrad import Circuit, compile_noisy
from ketgrad._clients import Held
from ketgrad.pennylane.observables import Observable
from ketgrad.pennylane.plan import Asked, Plan
from ketgrad.pennylane.reading import Floats, Numbers
from ketgrad.pennylane.sampled_plan import Random, SampledPlan


class MixedPlan(Plan):
    """Expectation values by a compiled program, everything else from the density matrix."""

    _observed: ClassVar[dict[type, str]] = {ExpectationMP: "expval"}
    _measure: ClassVar[Callable[..., Any]] = staticmethod(measure)

    def _compile(
        self, circuit: Circuit, observables: list[Observable], inputs: Any, precision: str
    ) -> None:
        self._circuit, self._precision = circuit, precision
        if observables:
            self._held = Held(compile_noisy(circuit, observables, None, inputs, precision))

    def _of_state(self, mp: MeasurementProcess) -> Asked:
        return Asked(mp, None)

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


class SampledMixedPlan(SampledPlan):
    """Shots drawn from density matrices, which PennyLane turns to each basis."""

    def __init__(self, tape: QuantumScript, precision: str) -> None:
        self._measurements = tape.measurements
        self._plan = MixedPlan(tape, precision)

    def run(
        self, rows: Floats, state: Numbers | None, shots: Shots, random: Random, *, batched: bool
    ) -> Any:
        """Answer every measurement, of one circuit, in the form of PennyLane."""
        states = self._plan.states(rows, state)
        found = measure_with_samples(
            self._measurements,
            states if batched else states[0],
            shots,
            is_state_batched=batched,
            rng=random,
        )
        if len(self._measurements) > 1:
            return found
        return tuple(f[0] for f in found) if shots.has_partitioned_shots else found[0]
