"""States, and amplitudes of them."""

from collections.abc import Iterator, Sequence
from typing import Any

import cirq
import numpy as np

from ketgrad._numbers import integer
from ketgrad.cirq.plan import Plan
from ketgrad.cirq.planning import DEFAULT, Planning, ordered, random_of, resolved
from ketgrad.cirq.reading import require_circuit
from ketgrad.cirq.trajectory import normalised

_AT_ONCE = 2**22  # amplitudes of a sweep's states that are computed in one call


class States(
    Planning,
    cirq.SimulatesAmplitudes,  # type: ignore[misc]
    cirq.SimulatesFinalState[cirq.StateVectorTrialResult],  # type: ignore[misc]
):
    """The part of a simulator that gives states."""

    def simulate_sweep_iter(
        self,
        program: cirq.AbstractCircuit,
        params: Any,
        qubit_order: Any = DEFAULT,
        initial_state: Any = None,
    ) -> Iterator[cirq.StateVectorTrialResult]:
        """Simulate a circuit at all points of a sweep.

        Parameters
        ----------
        program : cirq.AbstractCircuit
        params : cirq.Sweepable
        qubit_order : cirq.QubitOrder or sequence of cirq.Qid, default=cirq.QubitOrder.DEFAULT
            The first is the most significant bit of a state's index.
        initial_state : int, sequence, numpy.ndarray or cirq.ProductState, default=None
            A basis state, its digits, or amplitudes of shape (2**n,); None is |0...0>.

        Yields
        ------
        cirq.StateVectorTrialResult
            With `final_state_vector` of shape (2**n,), and the measurements.

        """
        circuit = self._noisy(program)
        qubits = ordered(circuit, qubit_order, program)
        resolvers = list(cirq.to_resolvers(params))
        start = self._initial(initial_state, qubits)
        plan = self._symbolic_plan(circuit, qubits)
        if plan is not None and plan.is_unitary:
            yield from self._exact(plan, resolvers, start, qubits)
            return
        for resolver in resolvers:
            course = self._course(resolved(circuit, resolver), qubits)
            yield _result(resolver, self._run_course(course, start))

    def _exact(
        self, plan: Plan, resolvers: list[Any], start: Any, qubits: Sequence[cirq.Qid]
    ) -> Iterator[cirq.StateVectorTrialResult]:
        many = max(1, _AT_ONCE // plan.size)
        for k in range(0, len(resolvers), many):
            some = resolvers[k : k + many]
            for resolver, vector in zip(some, plan.states(plan.rows(some), start), strict=True):
                state = cirq.StateVectorSimulationState(
                    initial_state=vector, qubits=qubits, prng=self._random, dtype=self._dtype
                )
                yield _result(resolver, state)

    def simulate_moment_steps(
        self,
        circuit: cirq.AbstractCircuit,
        param_resolver: Any = None,
        qubit_order: Any = DEFAULT,
        initial_state: Any = None,
    ) -> Iterator[cirq.SparseSimulatorStep]:
        """Give the state and the measurements behind each moment of a circuit.

        Parameters
        ----------
        circuit : cirq.AbstractCircuit
        param_resolver : cirq.ParamResolver or mapping, default=None
        qubit_order : cirq.QubitOrder or sequence of cirq.Qid, default=cirq.QubitOrder.DEFAULT
        initial_state : int, sequence, numpy.ndarray or cirq.ProductState, default=None
            As of `simulate`.

        Yields
        ------
        cirq.SparseSimulatorStep
            One for the initial state, where there is no moment.

        """
        frozen = resolved(self._noisy(circuit), cirq.ParamResolver(param_resolver))
        qubits = ordered(frozen, qubit_order, circuit)
        vector = self._initial(initial_state, qubits)
        store = cirq.ClassicalDataDictionaryStore()
        for moment in frozen.moments or [cirq.Moment()]:
            course = self._course(cirq.FrozenCircuit(moment), qubits)
            state = course.run(vector, store, self._dtype, self._random)
            yield cirq.SparseSimulatorStep(state, self._dtype)
            vector = normalised(state.target_tensor)

    def compute_amplitudes_sweep_iter(
        self,
        program: cirq.AbstractCircuit,
        bitstrings: Sequence[int],
        params: Any,
        qubit_order: Any = DEFAULT,
    ) -> Iterator[Sequence[complex]]:
        """Compute amplitudes of basis states at all points of a sweep.

        Parameters
        ----------
        program : cirq.AbstractCircuit
        bitstrings : sequence of int
            Basis states, the first qubit of the order being the most significant bit.
        params : cirq.Sweepable
        qubit_order : cirq.QubitOrder or sequence of cirq.Qid, default=cirq.QubitOrder.DEFAULT

        Yields
        ------
        list of complex

        Raises
        ------
        ValueError
            For basis states in an array of more axes than one, and those that the circuit lacks.
        TypeError
            For what is no circuit or integer.

        """
        if np.ndim(bitstrings) != 1:
            raise ValueError(
                f"the list of bitstrings must be 1-dimensional, of ints; it has the shape "
                f"{np.shape(bitstrings)}"
            )
        for result in self.simulate_sweep_iter(program, params, qubit_order):
            state = result.final_state_vector
            yield state[[integer("a bitstring", b, 0, len(state) - 1) for b in bitstrings]].tolist()

    def sample_from_amplitudes(
        self,
        circuit: cirq.AbstractCircuit,
        param_resolver: Any,
        seed: Any,
        repetitions: int = 1,
        qubit_order: Any = DEFAULT,
    ) -> dict[int, int]:
        """Draw basis states from a unitary circuit's final state.

        Parameters
        ----------
        circuit : cirq.AbstractCircuit
        param_resolver : cirq.ParamResolver or mapping or None
        seed : int, numpy.random.RandomState or None
            In the place of the simulator's own.
        repetitions : int, default=1
        qubit_order : cirq.QubitOrder or sequence of cirq.Qid, default=cirq.QubitOrder.DEFAULT

        Returns
        -------
        dict
            How often each basis state came.

        Raises
        ------
        ValueError
            For circuits that are not unitary, and repetitions below 0.
        TypeError
            For what is no circuit, seed or integer.

        """
        require_circuit(circuit)
        integer("repetitions", repetitions, 0)
        random = random_of(seed)
        qubits = ordered(circuit, qubit_order)
        plan = self._symbolic_plan(circuit.freeze(), qubits)
        if plan is None or not plan.is_unitary:
            solved = resolved(circuit.freeze(), cirq.ParamResolver(param_resolver))
            if not cirq.has_unitary(solved):
                raise ValueError("sample_from_amplitudes does not support non-unitary behavior")
            if cirq.is_measurement(solved):
                raise ValueError("sample_from_amplitudes does not support intermediate measurement")
            plan = self._plan(solved, qubits)
        inputs = plan.inputs(plan.rows([cirq.ParamResolver(param_resolver)]))
        if repetitions == 0:
            return {}
        own = int(random.randint(2**31 - 1))
        states, counts = np.unique(
            plan.program().sample(repetitions, inputs, seed=own), return_counts=True
        )
        return {int(s): int(k) for s, k in zip(states, counts, strict=True)}


def _result(
    resolver: cirq.ParamResolver, state: cirq.StateVectorSimulationState
) -> cirq.StateVectorTrialResult:
    measured = state.log_of_measurement_results.items()
    return cirq.StateVectorTrialResult(
        params=resolver,
        measurements={key: np.array(values, np.uint8) for key, values in measured},
        final_simulator_state=state,
    )
