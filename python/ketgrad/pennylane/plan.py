"""Tapes of one structure as one compiled program, whose inputs are their angles."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, ClassVar

import numpy as np
from pennylane.devices.qubit import measure
from pennylane.measurements import (
    ExpectationMP,
    MeasurementProcess,
    ProbabilityMP,
    StateMP,
    VarianceMP,
)
from pennylane.operation import Operator
from pennylane.tape import QuantumScript

from ketgrad import Circuit, ParameterVector, compile  # noqa: A004
from ketgrad._clients import Held
from ketgrad.pennylane import gates
from ketgrad.pennylane.observables import Observable, observable
from ketgrad.pennylane.reading import Floats, Numbers, preparation


def circuit_of(operations: Sequence[Operator], n: int) -> tuple[Circuit, ParameterVector]:
    """Make the circuit on n wires of operators, and the vector of their angles."""
    counts = [len(gates.angles(op)) for op in operations]
    angles = ParameterVector("x", sum(counts))
    circuit = Circuit(max(1, n))
    for op, count, end in zip(operations, counts, accumulate(counts), strict=True):
        part = gates.circuit(op, iter(angles[end - count : end]))
        circuit.compose(part, [n - 1 - w for w in op.wires] or [0])
    return circuit, angles


@dataclass(frozen=True)
class Asked:
    """How a program answers a measurement."""

    mp: MeasurementProcess | None
    of: str | None
    place: int = 0
    """Which of the observables."""
    qubits: tuple[int, ...] = ()
    """Whose probabilities."""
    wires: tuple[int, ...] = ()
    """The order of a state's axes."""


class Plan:
    """A compiled program, and how it answers the measurements of its tapes."""

    _observed: ClassVar[dict[type, str]] = {ExpectationMP: "expval", VarianceMP: "variance"}
    _measure: ClassVar[Callable[..., Any]] = staticmethod(measure)

    def __init__(self, tape: QuantumScript, precision: str) -> None:
        self._n = n = len(tape.wires)
        circuit, angles = circuit_of(tape.operations[preparation(tape) is not None :], n)
        self._n_angles = len(angles)
        observables: list[Observable] = []
        self.measurements = [self._planned(mp, observables) for mp in tape.measurements]
        self._compile(circuit, observables, angles if self._n_angles else None, precision)

    def _compile(
        self, circuit: Circuit, observables: list[Observable], inputs: Any, precision: str
    ) -> None:
        self._held: Held[Any] = Held(compile(circuit, observables, inputs, precision))

    @property
    def program(self) -> Any:
        """The compiled program, to be run at once."""
        return self._held.get()

    def _planned(self, mp: MeasurementProcess, observables: list[Observable]) -> Asked:
        of = self._observed.get(type(mp))
        made = observable(mp, self._n) if of or mp.obs is not None else None
        if of and made is not None:
            observables.append(made)
            return Asked(mp, of, place=len(observables) - 1)
        return self._of_state(mp)

    def _of_state(self, mp: MeasurementProcess) -> Asked:
        wires = tuple(mp.wires) or tuple(range(self._n))
        if isinstance(mp, ProbabilityMP) and mp.obs is None and wires:
            return Asked(mp, "probs", qubits=tuple(self._n - 1 - w for w in reversed(wires)))
        if type(mp) is StateMP and len(wires) == self._n > 0:
            return Asked(mp, "state", wires=wires)
        return Asked(mp, None)

    def run(self, rows: Floats, state: Numbers | None) -> list[Numbers]:
        """Answer every measurement, a row a sample."""
        found: dict[str, Numbers] = {}

        def once(of: str) -> Numbers:
            if of not in found:
                found[of] = self.states(rows, state) if of == "state" else self._values(of, given)
            return found[of]

        given, out = self._given(rows, state), []
        for m in self.measurements:
            if m.of == "probs":
                probs = self.program.probs(qubits=list(m.qubits), **given)
                out.append(self._rows(probs, len(rows)))
            elif m.of == "state":
                out.append(_with_axes(once("state"), m.wires))
            elif m.of is None:
                # Measurements of others may know nothing of batches.
                states = once("state")
                out.append(np.stack([np.asarray(self._measure(m.mp, one)) for one in states]))
            else:
                out.append(self._rows(once(m.of), len(rows))[:, m.place])
        return out

    def _values(self, of: str, given: dict[str, Any]) -> Numbers:
        values: Numbers = getattr(self.program, of)(**given)
        return values

    def states(self, rows: Floats, state: Numbers | None) -> Numbers:
        """Give the final states: of shape (samples, 2, ..., 2), an axis a wire."""
        found = self.program.state(**self._given(rows, state))
        return self._rows(found, len(rows))[:, : 2**self._n].reshape(-1, *[2] * self._n)

    def vjp(self, rows: Floats, state: Numbers | None, cotangents: Sequence[Numbers]) -> Floats:
        """Give the gradients by the angles, a row a sample; nan where cotangents are not finite."""
        apart = [np.isfinite(c).reshape(len(rows), -1).all(axis=1) for c in cotangents]
        defined = np.logical_and.reduce(apart)
        if not defined.all():
            out = np.full((len(rows), self._n_angles), np.nan)
            if defined.any():
                own = state[defined] if state is not None and state.ndim == 2 else state
                kept = [c[defined] for c in cotangents]
                out[defined] = self.vjp(rows[defined], own, kept)
            return out
        out = np.zeros((len(rows), self._n_angles))
        for of in self._observed.values():
            of_all = np.zeros((len(rows), self.program.n_observables))
            for m, cotangent in zip(self.measurements, cotangents, strict=True):
                if m.of == of:
                    of_all[:, m.place] += cotangent
            if of_all.any():
                out += self._gradient(of_all, rows, state, **self._asked(Asked(None, of)))
        for m, cotangent in zip(self.measurements, cotangents, strict=True):
            if m.of == "probs":
                out += self._gradient(cotangent, rows, state, **self._asked(m))
            elif m.of == "state":
                # Interfaces ask for the real part of the sum of products, nothing conjugated.
                axes = cotangent.conj().reshape(-1, *[2] * self._n)
                own = _with_axes(axes, tuple(np.argsort(m.wires)))
                out += self._gradient(own, rows, state, of="state")
        return out

    def _gradient(self, cotangent: Numbers, rows: Floats, state: Any, **options: Any) -> Floats:
        if not self._n_angles:
            return np.zeros((len(rows), 0))
        given = {**self._given(rows, state), **options}
        gradient: Floats = self.program.vjp(cotangent, **given)[0]
        return gradient

    def jacobian(self, rows: Floats, state: Numbers | None) -> list[Numbers]:
        """Give the derivatives of every measurement: (samples, values of it, angles)."""
        return [self._derivatives(m, rows, state) for m in self.measurements]

    def _derivatives(self, m: Asked, rows: Floats, state: Numbers | None) -> Numbers:
        if m.of is None or not self._n_angles:
            return np.zeros((len(rows), 2 ** len(m.qubits or m.wires), 0))
        given = {**self._given(rows, state), **self._asked(m)}
        found: Numbers = self.program.jacobian(**given)[0]
        if m.of == "state":
            axes = np.moveaxis(found, 2, 1).reshape(-1, *[2] * self._n)
            ordered = _with_axes(axes, m.wires).reshape(len(rows), self._n_angles, -1)
            return np.moveaxis(ordered, 1, 2)
        return found if m.of == "probs" else found[:, m.place : m.place + 1]

    def _asked(self, m: Asked) -> dict[str, Any]:
        qubits = {"qubits": list(m.qubits)} if m.of == "probs" else {}
        return {"of": m.of, **qubits}

    def _given(self, rows: Floats, state: Numbers | None) -> dict[str, Any]:
        return {"inputs": rows if self._n_angles else None, "initial_state": state}

    @staticmethod
    def _rows(found: Numbers, n_rows: int) -> Numbers:
        """Give a row a sample, where nothing differs between samples."""
        found = np.atleast_2d(found)
        return found if len(found) == n_rows else np.broadcast_to(found, (n_rows, found.shape[1]))


def _with_axes(states: Numbers, wires: Sequence[int]) -> Numbers:
    """Give states of shape (samples, 2, ..., 2) flat, their axes in the order of wires."""
    return states.transpose(0, *(w + 1 for w in wires)).reshape(len(states), -1)
