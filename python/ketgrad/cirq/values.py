"""Expectation values."""

from collections.abc import Iterator, Sequence
from typing import Any

import cirq
import numpy as np

from ketgrad import NoisyProgram
from ketgrad.cirq.observables import placed, wrapped
from ketgrad.cirq.plan import Plan
from ketgrad.cirq.planning import DEFAULT, Planning, ordered, resolved
from ketgrad.cirq.reading import require_circuit
from ketgrad.cirq.trajectory import Course


class Values(Planning, cirq.SimulatesExpectationValues):  # type: ignore[misc]
    """The part of a simulator that computes expectation values."""

    def simulate_expectation_values_sweep_iter(
        self,
        program: cirq.AbstractCircuit,
        observables: Any,
        params: Any,
        qubit_order: Any = DEFAULT,
        initial_state: Any = None,
        permit_terminal_measurements: bool = False,
    ) -> Iterator[list[float]]:
        """Compute expectation values at all points of a sweep.

        Parameters
        ----------
        program : cirq.AbstractCircuit
        observables : cirq.PauliSumLike or list of them
        params : cirq.Sweepable
        qubit_order : cirq.QubitOrder or sequence of cirq.Qid, default=cirq.QubitOrder.DEFAULT
        initial_state : int, sequence, numpy.ndarray or cirq.ProductState, default=None
            As of `simulate`.
        permit_terminal_measurements : bool, default=False
            Whether the circuit may end with measurements.

        Yields
        ------
        list of float
            A value an observable. Where the circuit measures or has noise, the mean over all its
            courses, exact or from the simulator's number of trajectories.

        Raises
        ------
        ValueError
            For measurements at the end that are not permitted.
        NotImplementedError
            For observables that are not Hermitian.
        TypeError
            For what is no circuit or observable.

        """
        require_circuit(program)
        if not permit_terminal_measurements and program.are_any_measurements_terminal():
            raise ValueError(
                "the circuit has terminal measurements, which may skew expectation values; if "
                "that is intended, set permit_terminal_measurements=True"
            )
        circuit = self._noisy(program)
        qubits = ordered(circuit, qubit_order, program)
        start = self._initial(initial_state, qubits)
        resolvers = list(cirq.to_resolvers(params))
        asked = observables if isinstance(observables, list) else [observables]
        plan = self._symbolic_plan(circuit, qubits)
        if plan is not None and not plan.errs_before_controls:
            yield from self._values(plan, resolvers, asked, start)
            return
        for resolver in resolvers:
            solved = resolved(circuit, resolver)
            plan = self._symbolic_plan(solved, qubits)
            if plan is not None and not plan.errs_before_controls:
                yield from self._values(plan, [resolver], asked, start)
            else:
                yield self._means(self._course(solved, qubits), qubits, asked, start)

    def _means(
        self, course: Course, qubits: Sequence[cirq.Qid], asked: list[Any], start: Any
    ) -> list[float]:
        if self._trajectories is None:
            raise TypeError(
                "ketgrad has no exact expectation values of this circuit: set the number of "
                "trajectories over which they are averaged, Simulator(trajectories=1000)"
            )
        place = {q: k for k, q in enumerate(qubits)}
        sums = [wrapped(observable) for observable in asked]
        total = np.zeros(len(sums))
        for _ in range(self._trajectories):
            end = self._run_course(course, start).target_tensor.reshape(-1)
            total += [one.expectation_from_state_vector(end, place).real for one in sums]
        return (total / self._trajectories).tolist()  # type: ignore[no-any-return]

    def _values(
        self, plan: Plan, resolvers: list[Any], asked: list[Any], start: Any
    ) -> Iterator[list[float]]:
        if not asked or not resolvers:
            yield from ([] for _ in resolvers)
            return
        sums = tuple(placed(observable, plan.place) for observable in asked)
        inputs = plan.inputs(plan.rows(resolvers))
        if plan.is_unitary:
            found = plan.program(sums).expval(inputs, initial_state=start)
        else:
            found = self._noisy_values(plan.noisy_program(sums, start), inputs)
        found = np.atleast_2d(found)
        for k in range(len(resolvers)):
            yield found[k if plan.names else 0].tolist()

    def _noisy_values(self, program: NoisyProgram, inputs: Any) -> Any:
        if self._trajectories is not None:
            return program.expval(inputs, trajectories=self._trajectories, seed=self._seed())
        try:
            return program.expval(inputs)
        except MemoryError as error:
            raise MemoryError(f"{error}; set Simulator(trajectories=1000), say") from error
