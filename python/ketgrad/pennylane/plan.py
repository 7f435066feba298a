"""Tapes of one structure as one compiled program, whose inputs are their angles."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
import pennylane as qml
from numpy.typing import NDArray
from pennylane.devices.qubit import measure
from pennylane.measurements import (
    ExpectationMP,
    MeasurementProcess,
    ProbabilityMP,
    VarianceMP,
)
from pennylane.operation import Operator, StatePrepBase
from pennylane.tape import QuantumScript

from ketgrad import Circuit, MatrixObservable, ParameterVector, PauliSum, Program, compile  # noqa: A004
from ketgrad.pennylane import gates

Floats = NDArray[np.float64]
Numbers = NDArray[Any]

_DENSE = 10  # wires of an observable that is measured as a matrix
_OF = {ExpectationMP: "expval", VarianceMP: "variance"}


def observable(obs: Operator, n: int) -> PauliSum | MatrixObservable | None:
    """Make an observable of a program on n qubits; None where it is neither sum nor matrix."""
    if obs.pauli_rep is not None:
        terms = [
            ("".join(word.values()), [n - 1 - w for w in word], _real(factor, obs))
            for word, factor in obs.pauli_rep.items()
        ]
        return PauliSum.from_sparse(terms, n)
    if len(obs.wires) <= _DENSE and (obs.has_matrix or obs.has_sparse_matrix):
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
class Read:
    """What a tape says beside its structure."""

    angles: list[Any]
    """Numbers, or arrays of one a sample."""
    columns: list[int | None]
    """The place in them of each of the tape's parameters; None of those that are none."""
    batch: int | None
    state: Numbers | None
    """What it begins with."""

    def rows(self) -> Floats:
        """Give the angles, a row a sample."""
        out = np.empty((self.batch or 1, len(self.angles)))
        for k, angle in enumerate(self.angles):
            out[:, k] = angle
        return out


def read(tape: QuantumScript) -> tuple[Hashable, Read]:
    """Split a tape, of wires 0 to n - 1, into its structure and its numbers."""
    n = len(tape.wires)
    prepared = _preparation(tape)
    angles: list[Any] = []
    columns: list[int | None] = []
    operations = []
    for op in tape.operations[prepared is not None :]:
        operations.append(gates.structure(op, int))
        if gates.has_angles(op):
            columns += range(len(angles), len(angles) + len(op.data))
            angles += op.data
        else:
            columns += [None] * len(op.data)
    if prepared is not None:
        columns = [*(None for _ in prepared.data), *columns]
    state = None if prepared is None else _state(prepared, n)
    sizes = {len(angle) for angle in angles if getattr(angle, "shape", ())}
    batch = max(sizes) if sizes else None
    if state is not None and state.ndim == 2:
        batch = len(state)
    key = (n, tuple(operations), tuple(_measured(mp) for mp in tape.measurements))
    return key, Read(angles, columns, batch, state)


def _preparation(tape: QuantumScript) -> StatePrepBase | None:
    first = tape.operations[0] if tape.operations else None
    return first if isinstance(first, StatePrepBase) else None


def _state(prepared: StatePrepBase, n: int) -> Numbers:
    state = qml.math.toarray(prepared.state_vector(wire_order=range(n)))
    state = np.asarray(state, complex).reshape(-1, 2**n)
    return state if prepared.batch_size else state[0]


def _measured(mp: MeasurementProcess) -> Hashable:
    return (type(mp).__name__, tuple(mp.wires), None if mp.obs is None else mp.obs.hash, mp.hash)


@dataclass(frozen=True)
class _Measurement:
    """How a program answers a measurement."""

    mp: MeasurementProcess
    of: str | None
    place: int = 0
    """Which of the observables."""
    qubits: tuple[int, ...] = ()
    """Whose probabilities."""


class Plan:
    """A compiled program, and how it answers the measurements of its tapes."""

    def __init__(self, tape: QuantumScript, precision: str) -> None:
        self._n = n = len(tape.wires)
        operations = tape.operations[_preparation(tape) is not None :]
        counts = [len(op.data) if gates.has_angles(op) else 0 for op in operations]
        self._n_angles = sum(counts)
        angles = ParameterVector("x", self._n_angles)
        circuit = Circuit(max(1, n))
        for op, count, end in zip(operations, counts, accumulate(counts), strict=True):
            part = gates.circuit(op, iter(angles[end - count : end]))
            circuit.compose(part, [n - 1 - w for w in op.wires] or [0])
        observables: list[PauliSum | MatrixObservable] = []
        self._measurements = [self._planned(mp, observables) for mp in tape.measurements]
        inputs = angles if self._n_angles else None
        self.program: Program = compile(circuit, observables, inputs, precision)

    def _planned(
        self, mp: MeasurementProcess, observables: list[PauliSum | MatrixObservable]
    ) -> _Measurement:
        plain = mp.obs is not None and isinstance(mp, ExpectationMP | VarianceMP)
        made = observable(mp.obs, self._n) if plain else None
        if made is not None:
            observables.append(made)
            return _Measurement(mp, _OF[type(mp)], place=len(observables) - 1)
        if isinstance(mp, ProbabilityMP) and mp.obs is None and mp.mv is None and mp.wires:
            qubits = tuple(self._n - 1 - w for w in reversed(mp.wires))
            return _Measurement(mp, "probs", qubits=qubits)
        return _Measurement(mp, None)

    @property
    def is_differentiable(self) -> bool:
        """Whether gradients of all measurements can be had."""
        return all(m.of is not None for m in self._measurements)

    def run(self, rows: Floats, state: Numbers | None) -> list[Numbers]:
        """Answer every measurement, a row a sample."""
        by_program = {
            of: self._rows(getattr(self.program, of)(**self._given(rows, state)), len(rows))
            for of in ("expval", "variance")
            if any(m.of == of for m in self._measurements)
        }
        amplitudes = None
        out = []
        for m in self._measurements:
            if m.of == "probs":
                found = self.program.probs(qubits=list(m.qubits), **self._given(rows, state))
                out.append(self._rows(found, len(rows)))
            elif m.of is not None:
                out.append(by_program[m.of][:, m.place])
            else:
                if amplitudes is None:
                    amplitudes = self.amplitudes(rows, state)
                # Measurements of others may know nothing of batches.
                each = [np.asarray(measure(m.mp, one)) for one in amplitudes]
                out.append(np.stack(each))
        return out

    def amplitudes(self, rows: Floats, state: Numbers | None) -> Numbers:
        """Give the final states: of shape (samples, 2, ..., 2), an axis a wire."""
        found = self.program.state(**self._given(rows, state))
        return self._rows(found, len(rows))[:, : 2**self._n].reshape(-1, *[2] * self._n)

    def vjp(self, rows: Floats, state: Numbers | None, cotangents: Sequence[Numbers]) -> Floats:
        """Give the gradients by the angles, a row a sample."""
        out = np.zeros((len(rows), self._n_angles))
        for of in ("expval", "variance"):
            of_all = np.zeros((len(rows), self.program.n_observables))
            for m, cotangent in zip(self._measurements, cotangents, strict=True):
                if m.of == of:
                    of_all[:, m.place] += cotangent
            if of_all.any():
                out += self._gradient(of_all, rows, state, of=of)
        for m, cotangent in zip(self._measurements, cotangents, strict=True):
            if m.of == "probs":
                out += self._gradient(cotangent, rows, state, of="probs", qubits=list(m.qubits))
        return out

    def _gradient(self, cotangent: Numbers, rows: Floats, state: Any, **options: Any) -> Floats:
        if not self._n_angles:
            return np.zeros((len(rows), 0))
        return self.program.vjp(cotangent, rows, initial_state=state, **options)[0]

    def jacobian(self, rows: Floats, state: Numbers | None) -> list[Floats]:
        """Give the derivatives of every measurement: (samples, values of it, angles)."""
        return [self._derivatives(m, rows, state) for m in self._measurements]

    def _derivatives(self, m: _Measurement, rows: Floats, state: Numbers | None) -> Floats:
        if m.of is None or not self._n_angles:
            return np.zeros((len(rows), 2 ** len(m.qubits), 0))
        qubits = list(m.qubits) if m.of == "probs" else None
        found = self.program.jacobian(rows, of=m.of, qubits=qubits, initial_state=state)[0]
        return found if m.of == "probs" else found[:, m.place : m.place + 1]

    def _given(self, rows: Floats, state: Numbers | None) -> dict[str, Any]:
        return {"inputs": rows if self._n_angles else None, "initial_state": state}

    @staticmethod
    def _rows(found: Numbers, n_rows: int) -> Numbers:
        """Give a row a sample, where nothing differs between samples."""
        found = np.atleast_2d(found)
        return found if len(found) == n_rows else np.broadcast_to(found, (n_rows, found.shape[1]))
