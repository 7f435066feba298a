"""Circuits with measurements inside, outcome by outcome.

What comes before a measurement runs once for all that follows from it. Each outcome takes a copy of
the state, with its probability or its share of the shots; outcomes without are left out. So a
circuit takes no more memory than a state a measurement, and no more runs than there are shots.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pennylane as qml
from pennylane.devices.qubit import measure
from pennylane.measurements import (
    ExpectationMP,
    MeasurementProcess,
    ProbabilityMP,
    SampleMP,
    VarianceMP,
)
from pennylane.operation import Operator
from pennylane.ops import Conditional, MeasurementValue, MidMeasure, Projector
from pennylane.tape import QuantumScript

from ketgrad import Circuit, State
from ketgrad.pennylane import gates
from ketgrad.pennylane.observables import observable
from ketgrad.pennylane.outcomes import Computed, computed
from ketgrad.pennylane.reading import Numbers, prepared_state
from ketgrad.pennylane.sampled_plan import Random, draw
from ketgrad.pennylane.sampling import Outcomes, groups_of, nested

EXACT = (ExpectationMP, ProbabilityMP, VarianceMP)
_ROUNDING = 1e-15  # a probability that is none
_INVALID = np.iinfo(np.int32).min  # what PennyLane puts in the place of shots that are left out


@dataclass
class Leaf:
    """A course of a circuit to its end."""

    state: State
    outcomes: tuple[int, ...]
    amount: float
    """Its probability, or the number of its shots."""


class Branches:
    """A tape of wires 0 to n - 1, without a batch; outcome k inside of it is as wire n + k."""

    def __init__(self, tape: QuantumScript, precision: str) -> None:
        self._n, self._precision = len(tape.wires), precision
        self._begun, operations = prepared_state(tape)
        inside = [op for op in operations if isinstance(op, MidMeasure)]
        self._wires = {op.meas_uid: self._n + k for k, op in enumerate(inside)}
        self._measurements = [self._of_outcomes(mp) for mp in tape.measurements]
        self._steps: list[tuple[list[Operator], Operator | None]] = [([], None)]
        for op in operations:
            if isinstance(op, MidMeasure | Projector):
                self._steps[-1] = (self._steps[-1][0], op)
                self._steps.append(([], None))
            else:
                self._steps[-1][0].append(op)
        self._circuits: dict[Any, Circuit] = {}
        self._computed: dict[int, Computed] = {}

    def _of_outcomes(self, mp: MeasurementProcess) -> MeasurementProcess:
        """Give a measurement of outcomes, or sums of them, as one of their wires."""
        if mp.mv is None or not self._wires:  # deferred ones are of wires already
            return mp
        single = isinstance(mp.mv, MeasurementValue)
        moved = [self._moved(value) for value in ([mp.mv] if single else mp.mv)]
        with qml.queuing.QueuingManager.stop_recording():
            own = moved[0] if single else moved
            if isinstance(mp, qml.measurements.CountsMP):
                return type(mp)(obs=own, all_outcomes=mp.all_outcomes)
            return type(mp)(obs=own)

    def _moved(self, value: MeasurementValue) -> MeasurementValue:
        of = [m.map_wires({m.wires[0]: self._wires[m.meas_uid]}) for m in value.measurements]
        return MeasurementValue(of, value.processing_fn if value.has_processing else None)

    # The tree.

    def _leaves(self, amount: float, random: Random | None, *, fill: bool) -> Iterator[Leaf]:
        if self._begun is None:
            state = State(max(1, self._n), self._precision)
        else:
            state = State.from_amplitudes(self._begun, self._precision)
        left = [(0, Leaf(state, (), amount))]
        while left:
            k, leaf = left.pop()
            leaf.state.apply(self._circuit(k, leaf.outcomes))
            op = self._steps[k][1]
            if op is None:
                yield leaf
            else:
                left += [(k + 1, branch) for branch in self._split(leaf, op, random, fill)]

    def _split(self, leaf: Leaf, op: Operator, random: Random | None, fill: bool) -> Iterator[Leaf]:
        """Give a branch for each outcome that there is."""
        (wire,) = op.wires
        qubit = self._n - 1 - wire
        p = leaf.state.probabilities([qubit])
        is_inside = isinstance(op, MidMeasure)
        wanted = op.postselect if is_inside else int(op.data[0][0])
        if wanted is not None and fill:
            if p[wanted] < _ROUNDING:
                raise RuntimeError(
                    f"the outcome {wanted} of wire {wire} has the probability 0; there is nothing "
                    "to fill the shots with (postselect_mode='fill-shots')"
                )
            amounts = [0.0, 0.0]
            amounts[wanted] = leaf.amount
        elif random is None:
            amounts = [leaf.amount * one if one > _ROUNDING else 0.0 for one in p]
        else:
            ones = random.binomial(int(leaf.amount), min(p[1] / p.sum(), 1.0))
            amounts = [leaf.amount - ones, ones]
        kept = [k for k in (1, 0) if amounts[k] > 0 and wanted in (None, k)]
        for bit in kept:
            state = leaf.state.copy() if bit != kept[-1] else leaf.state
            state.project(qubit, bool(bit))
            if is_inside and op.reset and bit:
                state.apply(Circuit(state.n_qubits).x(qubit))
            yield Leaf(state, (*leaf.outcomes, bit) if is_inside else leaf.outcomes, amounts[bit])

    def _circuit(self, k: int, outcomes: tuple[int, ...]) -> Circuit:
        """Make the gates up to the next measurement; conditions say which there are."""
        operations = self._steps[k][0]
        there = tuple(
            not isinstance(op, Conditional) or self._holds(op.meas_val, outcomes)
            for op in operations
        )
        if (k, there) not in self._circuits:
            out = Circuit(max(1, self._n))
            for op, is_there in zip(operations, there, strict=True):
                if is_there:
                    plain = op.base if isinstance(op, Conditional) else op
                    angles = iter([float(angle) for angle in gates.angles(plain)])
                    places = [self._n - 1 - wire for wire in plain.wires] or [0]
                    out.compose(gates.circuit(plain, angles), places)
            self._circuits[k, there] = out
        return self._circuits[k, there]

    def _holds(self, value: MeasurementValue, outcomes: tuple[int, ...]) -> bool:
        bits = (outcomes[self._wires[m.meas_uid] - self._n] for m in value.measurements)
        return bool(value.processing_fn(*bits))

    # Exact values.

    def exact(self) -> Any:
        """Give the values, means over all outcomes; nan where none is as postselected."""
        sums: list[Any] = [0.0] * len(self._measurements)
        total = 0.0
        for leaf in self._leaves(1.0, None, fill=False):
            total += leaf.amount
            for k, mp in enumerate(self._measurements):
                sums[k] = sums[k] + leaf.amount * self._moments(mp, leaf)
        out = [
            self._value(mp, one, total) for mp, one in zip(self._measurements, sums, strict=True)
        ]
        return tuple(out) if len(out) > 1 else out[0]

    def _value(self, mp: MeasurementProcess, found: Numbers, total: float) -> Any:
        if isinstance(mp, ProbabilityMP):
            n_values = 2 ** len(mp.wires or range(self._n))
            return found / total if total else np.full(n_values, np.nan)
        mean, square = found / total if total else (np.nan, np.nan)
        return mean if isinstance(mp, ExpectationMP) else square - mean**2

    def _moments(self, mp: MeasurementProcess, leaf: Leaf) -> Numbers:
        """Give the mean and the mean square on a leaf, or probabilities."""
        if mp.mv is not None:
            bits = [leaf.outcomes[wire - self._n] for wire in mp.wires]
            if isinstance(mp, ProbabilityMP):
                one = np.zeros(2 ** len(bits))
                one[int("".join(map(str, bits)), 2)] = 1
                return one
            value = self._computed_of(mp).value(bits)
            return np.array([value, value**2])
        made = None if isinstance(mp, ProbabilityMP) else observable(mp, self._n)
        if made is not None:
            value = leaf.state.expval(made)
            return np.array([value, leaf.state.variance(made) + value**2])
        if isinstance(mp, ProbabilityMP) and mp.obs is None:
            wires = mp.wires or range(self._n)
            return leaf.state.probabilities([self._n - 1 - wire for wire in reversed(wires)])
        axes = leaf.state.amplitudes()[: 2**self._n].reshape([2] * self._n)
        if isinstance(mp, ProbabilityMP):
            return np.asarray(measure(mp, axes))
        value = float(measure(ExpectationMP(mp.obs), axes))
        return np.array([value, float(measure(VarianceMP(mp.obs), axes)) + value**2])

    def _computed_of(self, mp: MeasurementProcess) -> Computed:
        """Give what a measurement asks of outcomes, found out once for all leaves."""
        if id(mp) not in self._computed:
            self._computed[id(mp)] = computed(mp)
        return self._computed[id(mp)]

    # Shots.

    def sampled(self, shots: Any, mode: str | None, random: Random) -> Any:
        """Give values from shots; those not as postselected are left out, filled or marked."""
        n, measurements = self._n, self._measurements
        groups = groups_of(measurements, n)
        draws: list[list[Any]] = [[] for _ in groups]
        inside, valid = [], 0
        for leaf in self._leaves(shots.total_shots, random, fill=mode == "fill-shots"):
            size = int(leaf.amount)
            valid += size
            inside.append(np.tile(np.array(leaf.outcomes, np.int64), (size, 1)))
            for own, group in zip(draws, groups, strict=True):
                own.append(draw(leaf.state, group, n, size, random))
        none = np.zeros((0, len(self._wires)), np.int64)
        outcomes = Outcomes(
            groups,
            [np.concatenate([np.zeros(0, np.uint64), *own]) for own in draws],
            n,
            np.concatenate([none, *inside]),
        )
        order = random.permutation(shots.total_shots)
        found = []
        for begin, end in shots.bins():
            picked = order[begin:end]
            answers = outcomes.answers(len(measurements), picked[picked < valid])
            if mode == "pad-invalid-samples":
                answers = [
                    _padded(one, picked < valid) if isinstance(mp, SampleMP) else one
                    for mp, one in zip(measurements, answers, strict=True)
                ]
            found.append(answers)
        return nested(found, shots)


def _padded(samples: Numbers, valid: Numbers) -> Numbers:
    out = np.full((len(valid), *samples.shape[1:]), _INVALID, samples.dtype)
    out[valid] = samples
    return out
