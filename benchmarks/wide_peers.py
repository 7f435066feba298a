"""The simulators of wide.py, each called so that its Python layer does not count.

A simulator turns a list of operations into what its C++ core runs, outside of the timed part.
Operations are (name, qubits, angle) with ketgrad's conventions: qubit 0 is the least significant
bit of a basis index, rx is exp(-i angle X / 2). Where a call cannot avoid work besides the
simulation, such as copying the state to NumPy, the same call without the simulation is timed too
and taken off.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Operation = tuple[str, tuple[int, ...], float | None]
Pauli = tuple[float, str]  # coefficient, text with qubit 0 rightmost
Measure = Callable[[], float]


def timed(body: Callable[[], object]) -> float:
    """Seconds of a call."""
    start = time.perf_counter()
    body()
    return time.perf_counter() - start


def pauli_places(text: str) -> list[tuple[int, str]]:
    """Qubits and letters other than I."""
    return [(q, letter) for q, letter in enumerate(reversed(text)) if letter != "I"]


class Simulator:
    """What a simulator can do; what it cannot raises NotImplementedError."""

    precisions: tuple[str, ...] = ("double", "single")
    settings: tuple[Any, ...] = (None,)  # of fusion, to be tried

    def __init__(self, n: int, precision: str, threads: int) -> None:
        self.n, self.precision, self.threads = n, precision, threads

    def state(self, operations: Sequence[Operation]) -> np.ndarray:
        """Compute the amplitudes behind |0...0>."""
        raise NotImplementedError

    def forward(self, operations: Sequence[Operation], setting: Any) -> Measure:
        """Time a run."""
        raise NotImplementedError

    def gradient(self, operations: Sequence[Operation]) -> tuple[Callable[[], np.ndarray], Measure]:
        """Differentiate <Z_0> by all angles, and time a run with its gradient."""
        raise NotImplementedError

    def paulis(
        self, operations: Sequence[Operation], paulis: Sequence[Pauli]
    ) -> tuple[float, Measure]:
        """Compute the sum of Pauli strings behind the operations, and time that alone."""
        raise NotImplementedError

    def sample(
        self, operations: Sequence[Operation], shots: int
    ) -> tuple[Callable[[], np.ndarray], Measure]:
        """Draw basis states behind the operations, and time that alone."""
        raise NotImplementedError


class Ketgrad(Simulator):
    """ketgrad itself."""

    def __init__(self, n: int, precision: str, threads: int) -> None:
        super().__init__(n, precision, threads)
        import ketgrad as kg

        self.kg = kg
        kg.set_num_threads(threads)

    def circuit(self, operations: Sequence[Operation], *, parameters: bool = False) -> Any:
        circuit = self.kg.Circuit(self.n)
        for k, (name, qubits, angle) in enumerate(operations):
            value = self.kg.Parameter(f"w{k}") if parameters else angle
            getattr(circuit, name)(*(() if angle is None else (value,)), *qubits)
        return circuit

    def prepared(self, operations: Sequence[Operation]) -> Any:
        return self.kg.State(self.n, self.precision).apply(self.circuit(operations))

    def state(self, operations: Sequence[Operation]) -> np.ndarray:
        return np.asarray(self.prepared(operations).amplitudes())

    def forward(self, operations: Sequence[Operation], setting: Any) -> Measure:
        circuit = self.circuit(operations)

        def seconds() -> float:
            # Both columns (the first is a scale of the state) are run once to warm up.
            passes = self.kg._core._pass_seconds([circuit], self.n, self.precision, 1, 0.0)
            return float(passes[0, 1])

        return seconds

    def gradient(self, operations: Sequence[Operation]) -> tuple[Callable[[], np.ndarray], Measure]:
        circuit = self.circuit(operations, parameters=True)
        observable = self.kg.PauliSum("Z0", self.n)
        program = self.kg.compile(circuit, observable, precision=self.precision)
        weights = np.array([angle for _, _, angle in operations if angle is not None])

        def slopes() -> np.ndarray:
            return np.asarray(program.vjp([1.0], weights=weights)[1])

        def seconds() -> float:
            return float(self.kg._core._program_seconds(program, weights, repeats=2)[1, 1])

        return slopes, seconds

    def paulis(
        self, operations: Sequence[Operation], paulis: Sequence[Pauli]
    ) -> tuple[float, Measure]:
        state = self.prepared(operations)
        observable = self.kg.PauliSum({text: c for c, text in paulis})
        return state.expval(observable), lambda: timed(lambda: state.expval(observable))

    def sample(
        self, operations: Sequence[Operation], shots: int
    ) -> tuple[Callable[[], np.ndarray], Measure]:
        state = self.prepared(operations)
        return lambda: state.sample(shots, 1), lambda: timed(lambda: state.sample(shots, 1))


class Qulacs(Simulator):
    """Qulacs: double precision; its circuit optimizer merges gates up to a number of qubits."""

    precisions = ("double",)
    settings = (None, "light", 1, 2, 3, 4)

    def circuit(self, operations: Sequence[Operation], *, parameters: bool = False) -> Any:
        import qulacs

        circuit = qulacs.ParametricQuantumCircuit(self.n) if parameters else None
        circuit = circuit or qulacs.QuantumCircuit(self.n)
        named = {
            "x": "add_X_gate",
            "h": "add_H_gate",
            "cx": "add_CNOT_gate",
            "cz": "add_CZ_gate",
            "swap": "add_SWAP_gate",
        }
        for name, qubits, angle in operations:
            if name in named:
                getattr(circuit, named[name])(*qubits)
            elif name == "cp":
                phase = qulacs.gate.to_matrix_gate(qulacs.gate.U1(qubits[1], angle))
                phase.add_control_qubit(qubits[0], 1)
                circuit.add_gate(phase)
            else:
                how = "parametric_" if parameters else ""
                # its rotations turn the other way
                getattr(circuit, f"add_{how}{name.upper()}_gate")(*qubits, -(angle or 0.0))
        return circuit

    def prepared(self, circuit: Any) -> Any:
        import qulacs

        state = qulacs.QuantumState(self.n)
        circuit.update_quantum_state(state)
        return state

    def state(self, operations: Sequence[Operation]) -> np.ndarray:
        return np.asarray(self.prepared(self.circuit(operations)).get_vector())

    def forward(self, operations: Sequence[Operation], setting: Any) -> Measure:
        from qulacs import QuantumState
        from qulacs.circuit import QuantumCircuitOptimizer

        circuit, state = self.circuit(operations), QuantumState(self.n)
        if setting == "light":
            QuantumCircuitOptimizer().optimize_light(circuit)
        elif setting is not None:
            QuantumCircuitOptimizer().optimize(circuit, setting)
        return lambda: timed(lambda: circuit.update_quantum_state(state))

    def observable(self, paulis: Sequence[Pauli]) -> Any:
        from qulacs import Observable

        out = Observable(self.n)
        for coefficient, text in paulis:
            out.add_operator(coefficient, " ".join(f"{p} {q}" for q, p in pauli_places(text)))
        return out

    def gradient(self, operations: Sequence[Operation]) -> tuple[Callable[[], np.ndarray], Measure]:
        circuit = self.circuit(operations, parameters=True)
        z0 = self.observable([(1.0, "Z".rjust(self.n, "I"))])
        return (
            lambda: -np.asarray(circuit.backprop(z0)),
            lambda: timed(lambda: circuit.backprop(z0)),
        )

    def paulis(
        self, operations: Sequence[Operation], paulis: Sequence[Pauli]
    ) -> tuple[float, Measure]:
        state = self.prepared(self.circuit(operations))
        observable = self.observable(paulis)
        value = observable.get_expectation_value(state)
        return value, lambda: timed(lambda: observable.get_expectation_value(state))

    def sample(
        self, operations: Sequence[Operation], shots: int
    ) -> tuple[Callable[[], np.ndarray], Measure]:
        state = self.prepared(self.circuit(operations))
        return (
            lambda: np.array(state.sampling(shots, 1), dtype=np.uint64),
            lambda: timed(lambda: state.sampling(shots, 1)),
        )


class Qsim(Simulator):
    """qsim: single precision; fuses gates up to a number of qubits."""

    precisions = ("single",)
    settings = (2, 3, 4, 5)

    def options(self, operations: Sequence[Operation], fused: int = 3) -> dict[str, Any]:
        import cirq
        import qsimcirq

        line = cirq.LineQubit.range(self.n)
        gates = {"x": cirq.X, "h": cirq.H, "cx": cirq.CNOT, "cz": cirq.CZ, "swap": cirq.SWAP}

        def operation(name: str, qubits: tuple[int, ...], angle: float | None) -> Any:
            if name in gates:
                gate: Any = gates[name]
            elif name == "cp":
                gate = cirq.CZPowGate(exponent=(angle or 0.0) / math.pi)
            else:
                gate = getattr(cirq, name)(angle)
            return gate.on(*(line[self.n - 1 - q] for q in qubits))  # qubit 0 is its last

        circuit = cirq.Circuit(cirq.I.on_each(*line), (operation(*op) for op in operations))
        simulator = qsimcirq.QSimSimulator({"t": self.threads, "f": fused})
        self.core = simulator._sim_module
        order = cirq.QubitOrder.DEFAULT.order_for(line)
        translated, _ = simulator._translate_circuit(
            qsimcirq.QSimCircuit(circuit), "translate_cirq_to_qsim", order
        )
        return {**simulator.qsim_options, "c": translated, "s": 1}

    def state(self, operations: Sequence[Operation]) -> np.ndarray:
        options = self.options(operations)
        return np.asarray(self.core.qsim_simulate_fullstate(options, 0)).view(np.complex64)

    def forward(self, operations: Sequence[Operation], setting: Any) -> Measure:
        full, empty = self.options(operations, setting), self.options([], setting)

        def seconds() -> float:
            run = self.core.qsim_simulate_fullstate
            return timed(lambda: run(full, 0)) - timed(lambda: run(empty, 0))

        return seconds

    def paulis(
        self, operations: Sequence[Operation], paulis: Sequence[Pauli]
    ) -> tuple[float, Measure]:
        options = self.options(operations)
        strings = []
        for coefficient, text in paulis:
            string = self.core.OpString()
            string.weight = coefficient
            for q, letter in pauli_places(text):
                gate = getattr(self.core, f"k{letter}")
                self.core.add_gate_to_opstring(gate, [q], string)
            strings.append(string)
        run = self.core.qsim_simulate_expectation_values
        all_strings, none = [(strings, self.n)], [([], 1)]
        value = run(options, all_strings, 0)[0]

        def seconds() -> float:
            with_values = timed(lambda: run(options, all_strings, 0))
            return with_values - timed(lambda: run(options, none, 0))

        return float(np.real(value)), seconds

    def sample(
        self, operations: Sequence[Operation], shots: int
    ) -> tuple[Callable[[], np.ndarray], Measure]:
        options = self.options(operations)
        run = self.core.qsim_sample_final

        def seconds() -> float:
            return timed(lambda: run(options, shots)) - timed(lambda: run(options, 1))

        return lambda: np.array(run(options, shots), dtype=np.uint64), seconds


LIGHTNING_NAMES = {
    "x": "PauliX",
    "h": "Hadamard",
    "cx": "CNOT",
    "cz": "CZ",
    "swap": "SWAP",
    "cp": "ControlledPhaseShift",
    "rx": "RX",
    "ry": "RY",
    "rz": "RZ",
}


class Lightning(Simulator):
    """PennyLane's lightning.qubit: the gates of its C++ state vector, called one by one."""

    def __init__(self, n: int, precision: str, threads: int) -> None:
        super().__init__(n, precision, threads)
        from pennylane_lightning import lightning_qubit_ops as ops

        self.ops = ops
        self.dtype = np.complex128 if precision == "double" else np.complex64
        self.bits = str(8 * np.dtype(self.dtype).itemsize)

    def kind(self, name: str, where: Any = None) -> Any:
        return getattr(where or self.ops, f"{name}C{self.bits}")

    def calls(
        self, operations: Sequence[Operation], n: int
    ) -> tuple[Any, list[tuple[Any, list[int], list[float]]]]:
        """Make a state of n qubits and what is to be called on it, its qubits wrapped to fit."""
        state = self.kind("StateVector")(n)
        state.resetStateVector()
        out = []
        for name, qubits, angle in operations:
            wires = [n - 1 - q % n for q in qubits]  # qubit 0 is its last wire
            if len(set(wires)) < len(wires):
                wires = list(range(len(wires)))
            out.append(
                (getattr(state, LIGHTNING_NAMES[name]), wires, [] if angle is None else [angle])
            )
        return state, out

    @staticmethod
    def run(calls: list[tuple[Any, list[int], list[float]]]) -> None:
        for gate, wires, angles in calls:
            gate(wires, False, angles)

    def prepared(self, operations: Sequence[Operation]) -> Any:
        state, calls = self.calls(operations, self.n)
        self.run(calls)
        return state

    def state(self, operations: Sequence[Operation]) -> np.ndarray:
        out = np.empty(2**self.n, self.dtype)
        self.prepared(operations).getState(out)
        return out

    def forward(self, operations: Sequence[Operation], setting: Any) -> Measure:
        _, calls = self.calls(operations, self.n)
        _, overhead = self.calls(operations, 2)
        return lambda: timed(lambda: self.run(calls)) - timed(lambda: self.run(overhead))

    def pauli_string(self, text: str) -> Any:
        named = self.kind("NamedObs", self.ops.observables)
        factors = [named(f"Pauli{p}", [self.n - 1 - q]) for q, p in pauli_places(text)]
        if len(factors) == 1:
            return factors[0]
        return self.kind("TensorProdObs", self.ops.observables)(factors)

    def gradient(self, operations: Sequence[Operation]) -> tuple[Callable[[], np.ndarray], Measure]:
        state, calls = self.calls(operations, self.n)
        create = self.kind("create_ops_list", self.ops.algorithms)
        names = [LIGHTNING_NAMES[name] for name, _, _ in operations]
        k, no_matrix = len(calls), np.empty((0,), self.dtype)
        tape = create(
            names,
            [angles for _, _, angles in calls],
            [wires for _, wires, _ in calls],
            [False] * k,  # inverse
            [no_matrix] * k,
            [[]] * k,  # controls
            [[]] * k,
        )
        adjoint = self.kind("AdjointJacobian", self.ops.algorithms)()
        z0 = self.pauli_string("Z".rjust(self.n, "I"))
        trained = list(range(sum(angle is not None for _, _, angle in operations)))

        def slopes() -> np.ndarray:
            state.resetStateVector()
            self.run(calls)
            return np.asarray(adjoint(state, [z0], tape, trained)).ravel()

        return slopes, lambda: timed(slopes)

    def paulis(
        self, operations: Sequence[Operation], paulis: Sequence[Pauli]
    ) -> tuple[float, Measure]:
        state = self.prepared(operations)
        measurements = self.kind("Measurements")(state)
        kind = np.float64 if self.precision == "double" else np.float32
        coefficients = np.array([c for c, _ in paulis], kind)
        strings = [self.pauli_string(text) for _, text in paulis]
        observable = self.kind("Hamiltonian", self.ops.observables)(coefficients, strings)
        self._kept = state  # its measurements do not keep it alive
        value = measurements.expval(observable)
        return value, lambda: timed(lambda: measurements.expval(observable))

    def sample(
        self, operations: Sequence[Operation], shots: int
    ) -> tuple[Callable[[], np.ndarray], Measure]:
        self._kept = self.prepared(operations)
        measurements = self.kind("Measurements")(self._kept)

        def draw() -> np.ndarray:
            return np.asarray(measurements.generate_samples(self.n, shots))

        def states() -> np.ndarray:
            bits = draw().reshape(shots, self.n).astype(np.uint64)
            return bits @ (np.uint64(1) << np.arange(self.n, dtype=np.uint64)[::-1])

        return states, lambda: timed(draw)


class Aer(Simulator):
    """Qiskit Aer: times are those its C++ reports."""

    settings = (0, 2, 3, 4, 5)

    def circuit(self, operations: Sequence[Operation]) -> Any:
        import qiskit_aer  # noqa: F401 - gives circuits their save_ methods
        from qiskit import QuantumCircuit

        circuit = QuantumCircuit(self.n)
        for name, qubits, angle in operations:
            getattr(circuit, name)(*(() if angle is None else (angle,)), *qubits)
        return circuit

    def run(self, circuit: Any, fused: int = 5, shots: int = 1) -> Any:
        from qiskit_aer import AerSimulator

        simulator = AerSimulator(
            method="statevector",
            precision=self.precision,
            max_parallel_threads=self.threads,
            fusion_enable=fused > 0,
            fusion_max_qubit=max(fused, 1),
            fusion_threshold=1,
            enable_truncation=False,
        )
        result = simulator.run(circuit, shots=shots, seed_simulator=1).result()
        if not result.success:
            raise RuntimeError(result.status)
        return result

    def state(self, operations: Sequence[Operation]) -> np.ndarray:
        circuit = self.circuit(operations)
        circuit.save_statevector()
        return np.asarray(self.run(circuit).data()["statevector"])

    def forward(self, operations: Sequence[Operation], setting: Any) -> Measure:
        circuit = self.circuit(operations)
        circuit.save_amplitudes([0])
        return lambda: float(self.run(circuit, setting).results[0].time_taken)

    def paulis(
        self, operations: Sequence[Operation], paulis: Sequence[Pauli]
    ) -> tuple[float, Measure]:
        from qiskit.quantum_info import SparsePauliOp

        observable = SparsePauliOp.from_list([(text, c) for c, text in paulis])
        circuit = self.circuit(operations)
        circuit.save_expectation_value(observable, range(self.n))
        without = self.forward(operations, 5)

        def seconds() -> float:
            return float(self.run(circuit).results[0].time_taken) - without()

        return float(self.run(circuit).data()["expectation_value"]), seconds

    def sample(
        self, operations: Sequence[Operation], shots: int
    ) -> tuple[Callable[[], np.ndarray], Measure]:
        circuit = self.circuit(operations)
        circuit.measure_all()

        def states() -> np.ndarray:
            counts = self.run(circuit, shots=shots).get_counts()
            return np.repeat(
                np.array([int(key, 2) for key in counts], np.uint64), list(counts.values())
            )

        def seconds() -> float:
            return float(self.run(circuit, shots=shots).results[0].metadata["sample_measure_time"])

        return states, seconds


SIMULATORS: dict[str, type[Simulator]] = {
    "ketgrad": Ketgrad,
    "qulacs": Qulacs,
    "qsim": Qsim,
    "lightning": Lightning,
    "aer": Aer,
}
