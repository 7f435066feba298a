"""One course of a circuit that decides at random: what it measures, and the state it ends in."""

from collections.abc import Callable, Sequence
from typing import Any

import cirq
import numpy as np

from ketgrad.cirq.plan import Plan
from ketgrad.cirq.reading import flat

PlanOf = Callable[[cirq.FrozenCircuit, Sequence[cirq.Qid]], Plan]


class Course:
    """A circuit in stretches that are unitary, and what decides between them.

    Stretches are compiled and run by ketgrad. Measurements, channels, resets and classical
    controls are Cirq's own: they act on the state as they do in its simulator.
    """

    def __init__(
        self, circuit: cirq.AbstractCircuit, qubits: Sequence[cirq.Qid], plan_of: PlanOf
    ) -> None:
        self._qubits = qubits
        self._parts: list[Plan | cirq.Operation] = []
        stretch: list[cirq.Operation] = []
        for moment in flat(circuit):
            for op in moment:
                if _decides(op):
                    self._end(stretch, plan_of)
                    self._parts.append(op)
                else:
                    stretch.append(op)
        self._end(stretch, plan_of)

    def _end(self, stretch: list[cirq.Operation], plan_of: PlanOf) -> None:
        if stretch:
            self._parts.append(plan_of(cirq.FrozenCircuit(stretch), self._qubits))
            stretch.clear()

    def run(
        self,
        vector: Any,
        store: cirq.ClassicalDataDictionaryStore,
        dtype: Any,
        random: np.random.RandomState,
    ) -> cirq.StateVectorSimulationState:
        """Run it once from a state of shape (2**n,), or from |0...0> for None.

        What it measures goes into the store.
        """

        def state_of(vector: Any) -> cirq.StateVectorSimulationState:
            return cirq.StateVectorSimulationState(
                initial_state=0 if vector is None else vector,
                qubits=self._qubits,
                prng=random,
                classical_data=store,
                dtype=dtype,
            )

        state = None
        for part in self._parts:
            if isinstance(part, Plan):
                if state is not None:
                    vector = normalised(state.target_tensor)
                vector, state = part.states(np.zeros((1, 0)), vector)[0], None
            else:
                state = state or state_of(vector)
                cirq.act_on(part, state)
        return state or state_of(vector)


def _decides(op: cirq.Operation) -> bool:
    return bool(op.classical_controls) or not cirq.has_unitary(op)


def normalised(tensor: Any) -> Any:
    """Give a vector whose norm single precision has not brought away from 1."""
    vector = tensor.reshape(-1).astype(np.complex128)
    return vector / np.linalg.norm(vector)
