"""A circuit read and compiled once, to be run with many values of its symbols."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import cirq
import numpy as np
import sympy
from numpy.typing import NDArray

from ketgrad import Circuit, NoisyProgram, PauliSum, Program, compile, compile_noisy  # noqa: A004
from ketgrad._clients import Held, Remembered
from ketgrad._words import shown
from ketgrad.cirq.reading import Reader

_PROGRAMS = 64  # of a circuit, by their observables
Floats = NDArray[np.float64]
UNSPECIFIED = "Circuit contains ops whose symbols were not specified in the parameter sweep"


class Plan:
    """A circuit on qubits in Cirq's order: its first qubit is ketgrad's last, so states agree."""

    def __init__(
        self, circuit: cirq.FrozenCircuit, qubits: Sequence[cirq.Qid], precision: str
    ) -> None:
        self._precision = precision
        self.place = {q: len(qubits) - 1 - k for k, q in enumerate(qubits)}
        self.read = Reader(qubits[::-1]).read(circuit)
        self.size = 2 ** len(qubits)
        self.names: list[str] = self.read.circuit.parameters
        self.before_measurements = self.read.circuit.without_final_measurements()
        self.is_unitary = self.read.circuit.is_unitary
        self.is_sampled_at_end = self.before_measurements.is_unitary
        measured = self.read.circuit if self.read.records else ()
        self._bits = {op.bit: op.qubits[0] for op in measured if op.bit is not None}
        # Whether a classical control may depend on a measurement that errs.
        self.errs_before_controls = bool(self.read.confusions) and any(
            op.is_conditional for op in self.read.circuit
        )
        self._is_new = True
        self._programs = Remembered(_PROGRAMS)

    def rows(self, resolvers: Iterable[cirq.ParamResolver]) -> Floats:
        """Give the values of the circuit's symbols, a row a resolver."""
        rows = [[value_of(name, r) for name in self.names] for r in resolvers]
        return np.array(rows).reshape(len(rows), len(self.names))

    def program(self, observables: tuple[PauliSum, ...] = ()) -> Program:
        """Give the compiled circuit without the measurements that it ends with."""

        def make() -> Held[Program]:
            circuit, names = self.before_measurements, self.names or None
            return Held(compile(circuit, observables, names, self._precision))

        return self._programs.once(("pure", *_told(observables)), make).get()

    def noisy_program(
        self, observables: tuple[PauliSum, ...], initial_state: Any = None
    ) -> NoisyProgram:
        """Give the compiled circuit with its channels and measurements."""

        def make() -> Held[NoisyProgram]:
            circuit, names = self.read.circuit, self.names or None
            if initial_state is not None:
                begun = Circuit(circuit.qubit_registers, circuit.bit_registers)
                circuit = begun.initialize(initial_state).compose(circuit)
            return Held(compile_noisy(circuit, observables, None, names, self._precision))

        if initial_state is not None:  # which is a part of the circuit
            return make().get()
        return self._programs.once(("noisy", *_told(observables)), make).get()

    def inputs(self, rows: Floats) -> Any:
        """Give what programs take as inputs; None where there are no symbols."""
        return rows if self.names else None

    def memories(self, drawn: Any) -> Iterator[NDArray[np.uint8]]:
        """Give the bits, shape (shots, bits), of basis states drawn, shape (rows, shots)."""
        bits, qubits = list(self._bits), np.array(list(self._bits.values()), np.uint64)
        for row in drawn:
            out = np.zeros((len(row), self.read.circuit.n_bits), np.uint8)
            out[:, bits] = (row[:, None] >> qubits) & np.uint64(1)
            yield out

    def states(self, rows: Floats, initial_state: Any = None) -> Any:
        """Give the final state of each row, shape (rows, 2**n)."""
        first, self._is_new = self._is_new, False
        if first and not self.names and initial_state is None:
            # A circuit that comes once is not worth the plan that makes it faster later.
            found = self.before_measurements.state(precision=self._precision)
        else:
            found = self.program().state(inputs=self.inputs(rows), initial_state=initial_state)
        found = np.atleast_2d(found)[:, : self.size]
        return found if self.names else np.broadcast_to(found, (len(rows), self.size))


def _told(observables: tuple[PauliSum, ...]) -> Iterator[str]:
    """Give what tells observables apart, to the last bit."""
    return (observable.to_json() for observable in observables)


def value_of(name: str, resolver: cirq.ParamResolver) -> float:
    """Give the value of a symbol. Raises ValueError where the sweep has none that is real."""
    value = resolver.value_of(sympy.Symbol(name))
    if isinstance(value, sympy.Basic) and value.free_symbols:
        raise ValueError(f"{UNSPECIFIED}: {name}")
    try:
        number = complex(value)
    except TypeError as error:
        raise TypeError(f"the symbol {name} has the value {shown(value)}, no number") from error
    if abs(number.imag) > 0:
        raise ValueError(f"the symbol {name} has the value {value}, which is not real")
    return number.real
