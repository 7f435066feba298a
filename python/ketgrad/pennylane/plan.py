"""Tapes of one structure as one compiled program, whose inputs are their angles."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, ClassVar

import numpy as np
import pennylane as qml
from pennylane.devices.qubit import measure
from pennylane.measurements import (
    ExpectationMP,
    MeasurementProcess,
    ProbabilityMP,
    VarianceMP,
)
from pennylane.operation import Operator
from pennylane.tape import QuantumScript

from ketgrad import Circuit, MatrixObservable, ParameterVector, PauliSum, compile  # noqa: A004
from ketgrad.pennylane import gates
from ketgrad.pennylane.reading import Floats, Numbers, preparation

Observable = PauliSum | MatrixObservable

_DENSE = 10  # wires of an observable that is measured as a matrix


def is_measured(obs: Operator) -> bool:
    """Whether programs have the observable: a Pauli sum, or a matrix on a few wires."""
    if obs.pauli_rep is not None:
        return True
    return len(obs.wires) <= _DENSE and bool(obs.has_matrix or obs.has_sparse_matrix)


def observable(obs: Operator, n: int) -> Observable | None:
    """Make an observable of a program on n qubits; None where it is neither sum nor matrix."""
    if obs.pauli_rep is not None:
        terms = [
            ("".join(word.values()), [n - 1 - w for w in word], _real(factor, obs))
            for word, factor in obs.pauli_rep.items()
        ]
        return PauliSum.from_sparse(terms, n)
    if is_measured(obs):
        return MatrixObservable(_matrix(obs), [n - 1 - w for w in reversed(obs.wires)])
    return None


def _matrix(obs: Operator) -> Numbers:
    if obs.has_matrix:
        return np.asarray(qml.matrix(obs, wire_order=obs.wires))
    return np.asarray(obs.sparse_matrix(obs.wires).toarray())


def _real(factor: Any, obs: Operator) -> float:
    factor = complex(qml.math.toarray(factor))
    if abs(factor.imag) > 1e-12:
        raise qml.exceptions.DeviceError(f"{obs} has the complex coefficient {factor}")
    return float(factor.real)


@dataclass(frozen=True)
class Asked:
    """How a program answers a measurement."""

    mp: MeasurementProcess | None
    of: str | None
    place: int = 0
    """Which of the observables."""
    qubits: tuple[int, ...] = ()
    """Whose probabilities."""


class Plan:
    """A compiled program, and how it answers the measurements of its tapes."""

    _observed: ClassVar[dict[type, str]] = {ExpectationMP: "expval", VarianceMP: "variance"}
    _measure: ClassVar[Callable[..., Any]] = staticmethod(measure)

    def __init__(self, tape: QuantumScript, precision: str) -> None:
        self._n = n = len(tape.wires)
        operations = tape.operations[preparation(tape) is not None :]
        counts = [len(op.data) if gates.has_angles(op) else 0 for op in operations]
        self._n_angles = sum(counts)
        angles = ParameterVector("x", self._n_angles)
        circuit = Circuit(max(1, n))
        for op, count, end in zip(operations, counts, accumulate(counts), strict=True):
            part = gates.circuit(op, iter(angles[end - count : end]))
            circuit.compose(part, [n - 1 - w for w in op.wires] or [0])
        observables: list[Observable] = []
        self._measurements = [self._planned(mp, observables) for mp in tape.measurements]
        self._compile(circuit, observables, angles if self._n_angles else None, precision)

    def _compile(
        self, circuit: Circuit, observables: list[Observable], inputs: Any, precision: str
    ) -> None:
        self._program: Any = compile(circuit, observables, inputs, precision)

    def _planned(self, mp: MeasurementProcess, observables: list[Observable]) -> Asked:
        of = self._observed.get(type(mp))
        made = observable(mp.obs, self._n) if of and mp.obs is not None else None
        if made is not None:
            observables.append(made)
            return Asked(mp, of, place=len(observables) - 1)
        return Asked(mp, *self._probabilities(mp))

    def _probabilities(self, mp: MeasurementProcess) -> tuple[str | None, int, tuple[int, ...]]:
        if isinstance(mp, ProbabilityMP) and mp.obs is None and mp.mv is None and mp.wires:
            return "probs", 0, tuple(self._n - 1 - w for w in reversed(mp.wires))
        return None, 0, ()

    def run(self, rows: Floats, state: Numbers | None) -> list[Numbers]:
        """Answer every measurement, a row a sample."""
        by_program = {
            of: self._rows(getattr(self._program, of)(**self._given(rows, state)), len(rows))
            for of in self._observed.values()
            if any(m.of == of for m in self._measurements)
        }
        states = None
        out = []
        for m in self._measurements:
            if m.of == "probs":
                found = self._program.probs(qubits=list(m.qubits), **self._given(rows, state))
                out.append(self._rows(found, len(rows)))
            elif m.of is not None:
                out.append(by_program[m.of][:, m.place])
            else:
                states = self.states(rows, state) if states is None else states
                # Measurements of others may know nothing of batches.
                out.append(np.stack([np.asarray(self._measure(m.mp, one)) for one in states]))
        return out

    def states(self, rows: Floats, state: Numbers | None) -> Numbers:
        """Give the final states: of shape (samples, 2, ..., 2), an axis a wire."""
        found = self._program.state(**self._given(rows, state))
        return self._rows(found, len(rows))[:, : 2**self._n].reshape(-1, *[2] * self._n)

    def vjp(self, rows: Floats, state: Numbers | None, cotangents: Sequence[Numbers]) -> Floats:
        """Give the gradients by the angles, a row a sample."""
        out = np.zeros((len(rows), self._n_angles))
        for of in self._observed.values():
            of_all = np.zeros((len(rows), self._program.n_observables))
            for m, cotangent in zip(self._measurements, cotangents, strict=True):
                if m.of == of:
                    of_all[:, m.place] += cotangent
            if of_all.any():
                out += self._gradient(of_all, rows, state, **self._asked(Asked(None, of)))
        for m, cotangent in zip(self._measurements, cotangents, strict=True):
            if m.of == "probs":
                out += self._gradient(cotangent, rows, state, **self._asked(m))
        return out

    def _gradient(self, cotangent: Numbers, rows: Floats, state: Any, **options: Any) -> Floats:
        if not self._n_angles:
            return np.zeros((len(rows), 0))
        given = {**self._given(rows, state), **options}
        gradient: Floats = self._program.vjp(cotangent, **given)[0]
        return gradient

    def jacobian(self, rows: Floats, state: Numbers | None) -> list[Floats]:
        """Give the derivatives of every measurement: (samples, values of it, angles)."""
        return [self._derivatives(m, rows, state) for m in self._measurements]

    def _derivatives(self, m: Asked, rows: Floats, state: Numbers | None) -> Floats:
        if m.of is None or not self._n_angles:
            return np.zeros((len(rows), 2 ** len(m.qubits), 0))
        given = {**self._given(rows, state), **self._asked(m)}
        found: Floats = self._program.jacobian(**given)[0]
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
