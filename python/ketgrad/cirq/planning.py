"""What a simulator remembers of circuits: their plans, noise and courses."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import cirq
import numpy as np

from ketgrad._clients import Remembered
from ketgrad._numbers import integer
from ketgrad._words import shown
from ketgrad.cirq.plan import UNSPECIFIED, Plan
from ketgrad.cirq.reading import require_circuit
from ketgrad.cirq.trajectory import Course

DEFAULT = cirq.QubitOrder.DEFAULT
PRECISIONS = {"complex64": "single", "complex128": "double"}
_PLANS = 256  # circuits that a simulator remembers


class Planning:
    """The part of a simulator that reads and compiles circuits, each once."""

    def __init__(
        self,
        *,
        dtype: Any = np.complex64,
        noise: Any = None,
        seed: Any = None,
        trajectories: int | None = None,
    ) -> None:
        self._dtype: np.dtype[Any] = np.dtype(dtype)
        if self._dtype.name not in PRECISIONS:
            raise ValueError(f"dtype must be complex64 or complex128 but was {dtype}")
        self._noise = cirq.NoiseModel.from_noise_model_like(noise)
        self._random = random_of(seed)
        if trajectories is not None:
            integer("trajectories", trajectories, 1)
        self._trajectories = trajectories
        self._remembered = Remembered(_PLANS)

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
        # The circuit is kept, so that no other has its identity.
        return self._remembered.once((id(circuit), key), lambda: (circuit, make()))[1]

    def _noisy(self, circuit: cirq.AbstractCircuit) -> cirq.FrozenCircuit:
        require_circuit(circuit)
        frozen = circuit.freeze()
        if self._noise is cirq.NO_NOISE:
            return frozen

        def make() -> cirq.FrozenCircuit:
            qubits = sorted(circuit.all_qubits())
            return cirq.FrozenCircuit(self._noise.noisy_moments(circuit, qubits))

        return self._once(frozen, "noisy", make)

    def _plan(self, circuit: cirq.FrozenCircuit, qubits: Sequence[cirq.Qid]) -> Plan:
        precision = PRECISIONS[self._dtype.name]
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

    def _initial(self, given: Any, qubits: Sequence[cirq.Qid]) -> Any:
        """Give a start as amplitudes; None for |0...0>, which programs begin with anyway."""
        if given is None or (isinstance(given, int) and given == 0):
            return None
        if isinstance(given, str):
            raise TypeError(f"an initial state must be one of Cirq's, not {shown(given)}")
        return cirq.to_valid_state_vector(
            given, len(qubits), qid_shape=cirq.qid_shape(qubits), dtype=np.complex128, atol=1e-6
        )


def random_of(seed: Any) -> np.random.RandomState:
    """Give the random numbers that Cirq makes of a seed. Raises TypeError for what is none."""
    out: np.random.RandomState = cirq.value.parse_random_state(seed)
    if isinstance(seed, bool) or not hasattr(out, "randint"):  # Cirq takes what it does not know
        raise TypeError(
            f"a seed must be None, an integer or a numpy.random.RandomState, not {shown(seed)}"
        )
    return out


def ordered(
    circuit: cirq.AbstractCircuit, order: Any, program: cirq.AbstractCircuit | None = None
) -> tuple[cirq.Qid, ...]:
    """Give the qubits of a circuit, and of the program that it is the noisy form of, in order."""
    qubits = circuit.all_qubits()
    if program is not None and program.freeze() is not circuit:  # noise may leave some out
        qubits |= program.all_qubits()
    return tuple(cirq.QubitOrder.as_qubit_order(order).order_for(qubits))


def resolved(circuit: cirq.FrozenCircuit, resolver: Any) -> cirq.FrozenCircuit:
    """Give a circuit with numbers. Raises ValueError for symbols without one."""
    if not cirq.is_parameterized(circuit):
        return circuit
    out = cirq.resolve_parameters(circuit, resolver)
    if cirq.is_parameterized(out):
        names = ", ".join(sorted(cirq.parameter_names(out)))
        raise ValueError(f"{UNSPECIFIED}: {names}")
    return out
