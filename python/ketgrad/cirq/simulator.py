"""The simulator."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any

import cirq
import numpy as np

from ketgrad import NoisyProgram
from ketgrad.cirq.observables import placed
from ketgrad.cirq.plan import Plan
from ketgrad.cirq.records import padded, records_of
from ketgrad.cirq.trajectory import Course, normalised

_PLANS = 256  # circuits that a simulator remembers
_AT_ONCE = 2**22  # amplitudes of a sweep's states that are computed in one call
_PRECISIONS = {"complex64": "single", "complex128": "double"}
_DEFAULT = cirq.QubitOrder.DEFAULT


class Simulator(
    cirq.SimulatesSamples,  # type: ignore[misc]
    cirq.SimulatesAmplitudes,  # type: ignore[misc]
    cirq.SimulatesFinalState[cirq.StateVectorTrialResult],  # type: ignore[misc]
    cirq.SimulatesExpectationValues,  # type: ignore[misc]
):
    """A state vector simulator, in the place of `cirq.Simulator`.

    It has `run`, `run_sweep`, `simulate`, `simulate_sweep`, `simulate_expectation_values`,
    `simulate_expectation_values_sweep`, `compute_amplitudes`, `compute_amplitudes_sweep` and
    `sample_from_amplitudes`, with Cirq's arguments, results and order of bits. A circuit is read
    and compiled when it first comes; the points of a sweep run as one batch.

    `simulate` of a circuit that measures or has noise gives one course of it, as Cirq's does.
    Expectation values of such a circuit are means over all courses.

    Parameters
    ----------
    dtype : NumPy type, default=numpy.complex64
        Of the amplitudes: complex64 or complex128.
    noise : cirq.NOISE_MODEL_LIKE, default=None
        A noise model for all circuits.
    seed : int, numpy.random.RandomState or None, default=None
        Of what is random; None draws afresh.
    trajectories : int or None, default=None
        Courses over which expectation values of circuits with noise are averaged; None computes
        them exactly, from density matrices, of up to some 13 qubits.

    Raises
    ------
    ValueError
        For another dtype.
    TypeError
        Where a circuit has an operation that ketgrad lacks, named in the message, or qudits.

    Examples
    --------
    >>> import cirq, sympy
    >>> from ketgrad.cirq import Simulator
    >>> a, b = cirq.LineQubit.range(2)
    >>> circuit = cirq.Circuit(cirq.rx(sympy.Symbol("t"))(a), cirq.CNOT(a, b))
    >>> simulator = Simulator(dtype=np.complex128)
    >>> sweep = cirq.Linspace("t", 0, np.pi, 3)
    >>> found = simulator.simulate_expectation_values_sweep(circuit, cirq.Z(b), sweep)
    >>> np.round(found, 6).tolist()
    [[1.0], [0.0], [-1.0]]

    """

    def __init__(
        self,
        *,
        dtype: Any = np.complex64,
        noise: Any = None,
        seed: Any = None,
        trajectories: int | None = None,
    ) -> None:
        self._dtype: np.dtype[Any] = np.dtype(dtype)
        if self._dtype.name not in _PRECISIONS:
            raise ValueError(f"dtype must be complex64 or complex128 but was {dtype}")
        self._noise = cirq.NoiseModel.from_noise_model_like(noise)
        self._random = cirq.value.parse_random_state(seed)
        self._trajectories = trajectories
        self._remembered: OrderedDict[Hashable, Any] = OrderedDict()

    @property
    def noise(self) -> Any:
        """The noise model."""
        return self._noise

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the amplitudes."""
        return self._dtype

    def _once(self, circuit: cirq.FrozenCircuit, key: Hashable, make: Callable[[], Any]) -> Any:
        """Make what belongs to a circuit, or find it.

        The circuit is known by its identity, which freezing keeps until the circuit changes:
        to compare its operations would take as long as to read them.
        """
        key = (id(circuit), key)
        kept, out = self._remembered.pop(key, None) or (circuit, make())
        self._remembered[key] = (kept, out)  # kept, so that no other has its identity
        if len(self._remembered) > _PLANS:
            self._remembered.popitem(last=False)
        return out

    def _noisy(self, circuit: cirq.AbstractCircuit) -> cirq.FrozenCircuit:
        frozen = circuit.freeze()
        if self._noise is cirq.NO_NOISE:
            return frozen

        def make() -> cirq.FrozenCircuit:
            qubits = sorted(circuit.all_qubits())
            return cirq.FrozenCircuit(self._noise.noisy_moments(circuit, qubits))

        return self._once(frozen, "noisy", make)

    def _plan(self, circuit: cirq.FrozenCircuit, qubits: Sequence[cirq.Qid]) -> Plan:
        precision = _PRECISIONS[self._dtype.name]
        return self._once(circuit, tuple(qubits), lambda: Plan(circuit, qubits, precision))  # type: ignore[no-any-return]

    def _symbolic_plan(
        self, circuit: cirq.FrozenCircuit, qubits: Sequence[cirq.Qid]
    ) -> Plan | None:
        """Plan a circuit for all values of its symbols, where that goes."""
        try:
            return self._plan(circuit, qubits)
        except TypeError:
            # Where symbols are not angles, the circuit with numbers may still do; where there
            # are records that conditions cannot be read from, one course after the other.
            return None

    def _course(self, circuit: cirq.FrozenCircuit, qubits: Sequence[cirq.Qid]) -> Course:
        key = ("course", tuple(qubits))
        return self._once(circuit, key, lambda: Course(circuit, qubits, self._plan))  # type: ignore[no-any-return]

    def _run_course(self, course: Course, vector: Any) -> cirq.StateVectorSimulationState:
        store = cirq.ClassicalDataDictionaryStore()
        return course.run(vector, store, self._dtype, self._random)

    def _seed(self) -> int:
        return int(self._random.randint(2**31 - 1))

    # Samples

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
            For a circuit without measurements, and for symbols without values.

        """
        if repetitions == 0 or not program.has_measurements():
            yield from super().run_sweep_iter(program, params, repetitions)
            return
        resolvers = list(cirq.to_resolvers(params))
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
        qubits = _ordered(circuit, _DEFAULT)
        plan = self._symbolic_plan(circuit, qubits)
        if plan is not None and not plan.errs_before_controls:
            for memory in self._memories(plan, plan.rows(resolvers), repetitions):
                yield records_of(plan.read, memory, self._random)
            return
        for resolver in resolvers:
            resolved = _resolved(circuit, resolver)
            if cirq.is_parameterized(circuit):
                yield from self._records(resolved, [cirq.ParamResolver()], repetitions)
            else:
                yield self._courses(resolved, qubits, repetitions)

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
                precision=_PRECISIONS[self._dtype.name],
            ).memory()

    def _courses(
        self, circuit: cirq.FrozenCircuit, qubits: Sequence[cirq.Qid], repetitions: int
    ) -> dict[str, Any]:
        course = self._course(circuit, qubits)
        shots = [self._run_course(course, None) for _ in range(repetitions)]
        return padded([shot.classical_data for shot in shots])

    # States

    def simulate_sweep_iter(
        self,
        program: cirq.AbstractCircuit,
        params: Any,
        qubit_order: Any = _DEFAULT,
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
        qubits = _ordered(circuit, qubit_order, program)
        resolvers = list(cirq.to_resolvers(params))
        start = self._initial(initial_state, qubits)
        plan = self._symbolic_plan(circuit, qubits)
        if plan is not None and plan.is_unitary:
            yield from self._exact(plan, resolvers, start, qubits)
            return
        for resolver in resolvers:
            course = self._course(_resolved(circuit, resolver), qubits)
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
        qubit_order: Any = _DEFAULT,
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
        frozen = _resolved(self._noisy(circuit), cirq.ParamResolver(param_resolver))
        qubits = _ordered(frozen, qubit_order, circuit)
        vector = self._initial(initial_state, qubits)
        store = cirq.ClassicalDataDictionaryStore()
        for moment in frozen.moments or [cirq.Moment()]:
            course = self._course(cirq.FrozenCircuit(moment), qubits)
            state = course.run(vector, store, self._dtype, self._random)
            yield cirq.SparseSimulatorStep(state, self._dtype)
            vector = normalised(state.target_tensor)

    def _initial(self, given: Any, qubits: Sequence[cirq.Qid]) -> Any:
        """Give a start as amplitudes; None for |0...0>, which programs begin with anyway."""
        if given is None or (isinstance(given, int) and given == 0):
            return None
        return cirq.to_valid_state_vector(
            given, len(qubits), qid_shape=cirq.qid_shape(qubits), dtype=np.complex128, atol=1e-6
        )

    # Amplitudes

    def compute_amplitudes_sweep_iter(
        self,
        program: cirq.AbstractCircuit,
        bitstrings: Sequence[int],
        params: Any,
        qubit_order: Any = _DEFAULT,
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
            For basis states in an array of more axes than one.

        """
        if np.ndim(bitstrings) != 1:
            raise ValueError(
                f"the list of bitstrings must be 1-dimensional, of ints; it has the shape "
                f"{np.shape(bitstrings)}"
            )
        for result in self.simulate_sweep_iter(program, params, qubit_order):
            yield result.final_state_vector[list(bitstrings)].tolist()

    def sample_from_amplitudes(
        self,
        circuit: cirq.AbstractCircuit,
        param_resolver: Any,
        seed: Any,
        repetitions: int = 1,
        qubit_order: Any = _DEFAULT,
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
            For circuits that are not unitary.

        """
        qubits = _ordered(circuit, qubit_order)
        plan = self._symbolic_plan(circuit.freeze(), qubits)
        if plan is None or not plan.is_unitary:
            solved = _resolved(circuit.freeze(), cirq.ParamResolver(param_resolver))
            if not cirq.has_unitary(solved):
                raise ValueError("sample_from_amplitudes does not support non-unitary behavior")
            if cirq.is_measurement(solved):
                raise ValueError("sample_from_amplitudes does not support intermediate measurement")
            plan = self._plan(solved, qubits)
        inputs = plan.inputs(plan.rows([cirq.ParamResolver(param_resolver)]))
        own = int(cirq.value.parse_random_state(seed).randint(2**31 - 1))
        states, counts = np.unique(
            plan.program().sample(repetitions, inputs, seed=own), return_counts=True
        )
        return {int(s): int(k) for s, k in zip(states, counts, strict=True)}

    # Expectation values

    def simulate_expectation_values_sweep_iter(
        self,
        program: cirq.AbstractCircuit,
        observables: Any,
        params: Any,
        qubit_order: Any = _DEFAULT,
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

        """
        if not permit_terminal_measurements and program.are_any_measurements_terminal():
            raise ValueError(
                "the circuit has terminal measurements, which may skew expectation values; if "
                "that is intended, set permit_terminal_measurements=True"
            )
        circuit = self._noisy(program)
        qubits = _ordered(circuit, qubit_order, program)
        start = self._initial(initial_state, qubits)
        resolvers = list(cirq.to_resolvers(params))
        asked = observables if isinstance(observables, list) else [observables]
        plan = self._symbolic_plan(circuit, qubits)
        if plan is not None and not plan.errs_before_controls:
            yield from self._values(plan, resolvers, asked, start)
            return
        for resolver in resolvers:
            resolved = _resolved(circuit, resolver)
            plan = self._symbolic_plan(resolved, qubits)
            if plan is not None and not plan.errs_before_controls:
                yield from self._values(plan, [resolver], asked, start)
            else:
                yield self._means(self._course(resolved, qubits), qubits, asked, start)

    def _means(
        self, course: Course, qubits: Sequence[cirq.Qid], asked: list[Any], start: Any
    ) -> list[float]:
        if self._trajectories is None:
            raise TypeError(
                "ketgrad has no exact expectation values of this circuit: set the number of "
                "trajectories over which they are averaged, Simulator(trajectories=1000)"
            )
        place = {q: k for k, q in enumerate(qubits)}
        sums = [cirq.PauliSum.wrap(observable) for observable in asked]
        total = np.zeros(len(sums))
        for _ in range(self._trajectories):
            end = self._run_course(course, start).target_tensor.reshape(-1)
            total += [one.expectation_from_state_vector(end, place).real for one in sums]
        return (total / self._trajectories).tolist()  # type: ignore[no-any-return]

    def _values(
        self, plan: Plan, resolvers: list[Any], asked: list[Any], start: Any
    ) -> Iterator[list[float]]:
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


def _ordered(
    circuit: cirq.AbstractCircuit, order: Any, program: cirq.AbstractCircuit | None = None
) -> tuple[cirq.Qid, ...]:
    qubits = circuit.all_qubits()
    if program is not None and program.freeze() is not circuit:  # noise may leave some out
        qubits |= program.all_qubits()
    return tuple(cirq.QubitOrder.as_qubit_order(order).order_for(qubits))


def _resolved(circuit: cirq.FrozenCircuit, resolver: Any) -> cirq.FrozenCircuit:
    if not cirq.is_parameterized(circuit):
        return circuit
    out = cirq.resolve_parameters(circuit, resolver)
    if cirq.is_parameterized(out):
        names = ", ".join(sorted(cirq.parameter_names(out)))
        raise ValueError(f"symbols were not specified in the parameter sweep: {names}")
    return out


def _result(
    resolver: cirq.ParamResolver, state: cirq.StateVectorSimulationState
) -> cirq.StateVectorTrialResult:
    measured = state.log_of_measurement_results.items()
    return cirq.StateVectorTrialResult(
        params=resolver,
        measurements={key: np.array(values, np.uint8) for key, values in measured},
        final_simulator_state=state,
    )
