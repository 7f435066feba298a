"""Tapes of one structure whose values come from shots."""

from typing import Any

import numpy as np
from pennylane.measurements import Shots
from pennylane.tape import QuantumScript
from pennylane.wires import Wires

from ketgrad import State, compile  # noqa: A004
from ketgrad._clients import Held
from ketgrad.pennylane.plan import circuit_of
from ketgrad.pennylane.reading import Floats, Numbers, preparation
from ketgrad.pennylane.sampling import Draws, Group, Outcomes, groups_of, is_shadow, nested

Random = np.random.Generator


def seed_of(random: Random) -> int:
    """Draw a seed of ketgrad's own random numbers."""
    return int(random.integers(2**63))


class SampledPlan:
    """A circuit, and the bases in which it is measured.

    One basis for all is part of the compiled program, which draws the shots of a whole batch at
    once. Of several each turns a copy of the final state.
    """

    def __init__(self, tape: QuantumScript, precision: str) -> None:
        self._n, self._precision = len(tape.wires), precision
        self._measurements = tape.measurements
        operations = tape.operations[preparation(tape) is not None :]
        self._circuit, angles = circuit_of(operations, self._n)
        self._has_angles = len(angles) > 0
        self._groups = groups_of(tape.measurements, self._n)
        if len(self._groups) == 1:
            whole = self._circuit.copy().compose(self._groups[0].rotation(self._n))
            inputs = angles if self._has_angles else None
            self._held = Held(compile(whole, [], inputs, precision))

    def run(
        self, rows: Floats, state: Numbers | None, shots: Shots, random: Random, *, batched: bool
    ) -> Any:
        """Answer every measurement, of one circuit, in the form of PennyLane."""
        draws = self._draws(rows, state, shots.total_shots, random)
        outcomes = Outcomes(
            self._groups, draws if batched else [draw[0] for draw in draws], self._n
        )
        n_measurements = len(self._measurements)
        found = [outcomes.answers(n_measurements, slice(*ends)) for ends in shots.bins()]
        self._add_shadows(found, rows, state, shots, random)
        return nested(found, shots)

    def _draws(
        self, rows: Floats, state: Numbers | None, shots: int, random: Random
    ) -> list[Draws]:
        if len(self._groups) == 1:
            given = {"inputs": rows if self._has_angles else None, "initial_state": state}
            return [np.atleast_2d(self._held.get().sample(shots, seed=seed_of(random), **given))]
        each = [self._final(k, rows, state) for k in range(len(rows))] if self._groups else []
        return [
            np.stack([draw(one, group, self._n, shots, random) for one in each])
            for group in self._groups
        ]

    def _final(self, k: int, rows: Floats, state: Numbers | None) -> State:
        values = {"x": rows[k]} if self._has_angles else {}
        if state is None:
            begun = State(self._circuit.n_qubits, self._precision)
        else:
            begun = State.from_amplitudes(state if state.ndim == 1 else state[k], self._precision)
        return begun.apply(self._circuit, values)

    def _add_shadows(
        self,
        found: list[list[Any]],
        rows: Floats,
        state: Numbers | None,
        shots: Shots,
        random: Random,
    ) -> None:
        if not any(map(is_shadow, self._measurements)):
            return
        amplitudes = self._final(0, rows, state).amplitudes()[: 2**self._n]  # they know no batches
        axes, wires = amplitudes.reshape([2] * self._n), Wires(range(self._n))
        for answers, size in zip(found, shots, strict=True):
            for place, mp in enumerate(self._measurements):
                if is_shadow(mp):
                    answers[place] = mp.process_state_with_shots(axes, wires, size, rng=random)


def draw(state: State, group: Group, n: int, shots: int, random: Random) -> Draws:
    """Draw basis states after the basis of a group is turned to 0 and 1."""
    rotation = group.rotation(n)
    turned = state.copy().apply(rotation) if len(rotation) else state
    return turned.sample(shots, seed_of(random))
