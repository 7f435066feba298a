"""Samples of a circuit's measurements."""

from collections.abc import Iterator, Sequence
from typing import Any

import cirq
import numpy as np

from ketgrad._numbers import integer
from ketgrad.cirq.plan import Plan
from ketgrad.cirq.planning import DEFAULT, PRECISIONS, Planning, ordered, resolved
from ketgrad.cirq.reading import require_circuit
from ketgrad.cirq.records import padded, records_of


class Samples(Planning, cirq.SimulatesSamples):  # type: ignore[misc]
    """The part of a simulator that samples."""

    def run_sweep_iter(
        self, program: cirq.AbstractCircuit, params: Any, repetitions: int = 1
    ) -> Iterator[cirq.Result]:
        """Run a circuit at all points of a sweep.

        Parameters
        ----------
        program : cirq.AbstractCircuit
            With measurements.
        params : cirq.Sweepable
        repetitions : int, default=1
            Of each point.

        Yields
        ------
        cirq.Result

        Raises
        ------
        ValueError
            For a circuit without measurements, symbols without values, and repetitions below 0.
        TypeError
            For what is no circuit, and repetitions that are no integer.

        """
        require_circuit(program)
        integer("repetitions", repetitions, 0)
        if repetitions == 0 or not program.has_measurements():
            yield from super().run_sweep_iter(program, params, repetitions)
            return
        if not (resolvers := list(cirq.to_resolvers(params))):
            return
        found = self._records(program, resolvers, repetitions)
        for resolver, records in zip(resolvers, found, strict=True):
            yield cirq.ResultDict(params=resolver, records=records)

    def _run(
        self, circuit: cirq.AbstractCircuit, param_resolver: cirq.ParamResolver, repetitions: int
    ) -> dict[str, Any]:
        return next(self._records(circuit, [param_resolver], repetitions))

    def _records(
        self, circuit: cirq.AbstractCircuit, resolvers: list[Any], repetitions: int
    ) -> Iterator[dict[str, Any]]:
        circuit = self._noisy(circuit)
        qubits = ordered(circuit, DEFAULT)
        plan = self._symbolic_plan(circuit, qubits)
        if plan is not None and not plan.errs_before_controls:
            for memory in self._memories(plan, plan.rows(resolvers), repetitions):
                # As Cirq has them, whose own code depends on it: signed where drawn at the end.
                dtype = np.int8 if plan.is_sampled_at_end else np.uint8
                found = records_of(plan.read, memory, self._random)
                yield {key: bits.astype(dtype) for key, bits in found.items()}
            return
        for resolver in resolvers:
            solved = resolved(circuit, resolver)
            if cirq.is_parameterized(circuit):
                yield from self._records(solved, [cirq.ParamResolver()], repetitions)
            else:
                yield self._courses(solved, qubits, repetitions)

    def _memories(self, plan: Plan, rows: Any, repetitions: int) -> Iterator[Any]:
        """Give the bits of all shots, shape (shots, bits), a row after the other."""
        if plan.is_sampled_at_end:
            drawn = plan.program().sample(repetitions, plan.inputs(rows), seed=self._seed())
            yield from plan.memories(np.broadcast_to(drawn, (len(rows), repetitions)))
            return
        for row in rows:
            yield plan.read.circuit.run(
                repetitions,
                seed=self._seed(),
                values=dict(zip(plan.names, row, strict=True)),
                precision=PRECISIONS[self._dtype.name],
            ).memory()

    def _courses(
        self, circuit: cirq.FrozenCircuit, qubits: Sequence[cirq.Qid], repetitions: int
    ) -> dict[str, Any]:
        course = self._course(circuit, qubits)
        shots = [self._run_course(course, None) for _ in range(repetitions)]
        return padded([shot.classical_data for shot in shots])
