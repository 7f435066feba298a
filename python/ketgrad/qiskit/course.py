"""Circuits whose course is decided while they run: by loops, and by what is stored on the way."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.exceptions import QiskitError

from ketgrad import Circuit, NoiseModel, State
from ketgrad.qiskit.instructions import Event, Gates, Instruction, Jump, Memory, Store, assemble
from ketgrad.qiskit.observables import pauli_sum

Floats = NDArray[np.float64]
_MOST_JUMPS = 1_000_000  # back, of a branch
_MOST_BRANCHES = 20_000  # of an exact mean
_LEAST = 1e-15  # of a branch's probability, below which an exact mean leaves it out
_LOST = 1e-9  # of probability, more than which may not be left out


@dataclass
class _Branch:
    """What shots with the same outcomes share: a state, a memory, and where they go on."""

    weight: float
    state: State
    memory: Memory
    at: int = 0
    jumps: int = 0


class Course:
    """A circuit that is run outcome by outcome, in the place of a compiled structure.

    All that has the same outcomes runs once. Raises QiskitError naming what ketgrad lacks.
    """

    def __init__(self, circuit: QuantumCircuit) -> None:
        self.inputs = self.names = [p.name for p in circuit.parameters]
        """Qiskit's parameters, in its order."""
        self.n_bits, self._n_qubits = circuit.num_clbits, circuit.num_qubits
        self._circuit = circuit
        self._assembled = {"": assemble(circuit)}  # by noise

    def rows(self, _: Floats, values: Floats) -> Floats:
        """Give the values of the parameters, a row a sample."""
        return values

    def program(self, observables: Sequence[Any], noise: NoiseModel | None) -> "CourseProgram":
        """Give what computes means of observables behind the circuit."""
        return CourseProgram(self, observables, noise)

    def sample(
        self, rows: Floats, shots: int, noise: NoiseModel | None, rng: np.random.Generator
    ) -> NDArray[np.bool_]:
        """Give the classical bits of every shot, shape (samples, shots, bits)."""
        out = np.zeros((len(rows), shots, self.n_bits), bool)
        for row, bits in zip(rows, out, strict=True):
            begin = 0
            for branch in self.drawn(row, shots, noise, rng):
                end = begin + int(branch.weight)
                bits[begin:end] = branch.memory.bits
                begin = end
            rng.shuffle(bits)
        return out

    def drawn(
        self, row: Floats, shots: int, noise: NoiseModel | None, rng: np.random.Generator
    ) -> Iterator[_Branch]:
        """Run shots: the weight of a branch is how many came there."""

        def split(weight: float, chances: Floats) -> Floats:
            return rng.multinomial(int(weight), chances / chances.sum()).astype(float)

        return self._run(row, noise, float(shots), split)

    def exact(self, row: Floats, noise: NoiseModel | None = None) -> Iterator[_Branch]:
        """Run all courses: the weight of a branch is its probability."""
        lost = 0.0

        def split(weight: float, chances: Floats) -> Floats:
            nonlocal lost
            out = weight * chances
            lost += float(out[out < _LEAST].sum())
            if lost > _LOST:
                raise QiskitError(f"courses of probability {lost:.1e} have not come to an end")
            return np.where(out < _LEAST, 0, out)

        for k, branch in enumerate(self._run(row, noise, 1.0, split)):
            if k == _MOST_BRANCHES:
                raise QiskitError(
                    f"more than {_MOST_BRANCHES} courses: have them estimated to a precision"
                )
            yield branch

    def _under(self, noise: NoiseModel | None) -> list[Instruction]:
        key = noise.to_json() if noise else ""
        if key not in self._assembled:
            self._assembled[key] = assemble(self._circuit, noise)
        return self._assembled[key]

    def _run(
        self,
        row: Floats,
        noise: NoiseModel | None,
        weight: float,
        split: Callable[[float, Floats], Floats],
    ) -> Iterator[_Branch]:
        instructions = self._under(noise)
        values = dict(zip(self.names, row.tolist(), strict=True))
        waiting = [_Branch(weight, State(self._n_qubits), Memory([0] * self.n_bits))]
        while waiting:
            branch = waiting.pop()
            if branch.at == len(instructions):
                yield branch
                continue
            instruction = instructions[branch.at]
            branch.at += 1
            match instruction:
                case Gates():
                    given = {k: values[k] for k in instruction.circuit.parameters}
                    branch.state.apply(instruction.circuit, given)
                case Store():
                    instruction.act(branch.memory)
                case Jump():
                    _jump(branch, instruction)
                case Event():
                    waiting += _outcomes(branch, instruction, split)
                    continue
            waiting.append(branch)


def _jump(branch: _Branch, jump: Jump) -> None:
    if jump.unless is not None and jump.unless(branch.memory):
        return
    branch.jumps += jump.to < branch.at
    if branch.jumps > _MOST_JUMPS:
        raise QiskitError(f"a 'while_loop' has not ended after {_MOST_JUMPS} rounds")
    branch.at = jump.to


def _outcomes(
    branch: _Branch, event: Event, split: Callable[[float, Floats], Floats]
) -> list[_Branch]:
    """Give a branch for each outcome that comes."""
    chances, after = (
        _projected(branch.state, event) if event.kraus is None else _mapped(branch.state, event)
    )
    out = []
    if event.bit is None:
        for k, weight in enumerate(split(branch.weight, chances)):
            if weight > 0:
                out.append(
                    replace(branch, weight=weight, state=after(k), memory=branch.memory.copy())
                )
        return out
    # What is there and what is told of it.
    wrong = np.array(event.misread)
    pairs = np.stack([chances * [1 - wrong[0], wrong[1]], chances * [wrong[0], 1 - wrong[1]]])
    for k, weight in enumerate(split(branch.weight, pairs.ravel())):
        if weight > 0:
            told, there = divmod(k, 2)
            memory = branch.memory.copy()
            memory.bits[event.bit] = told
            out.append(replace(branch, weight=weight, state=after(there), memory=memory))
    return out


def _projected(state: State, event: Event) -> tuple[Floats, Callable[[int], State]]:
    """Give what a measurement or a reset does: the chances of its outcomes, and states behind."""
    (qubit,) = event.qubits

    def after(k: int) -> State:
        out = state.copy()
        out.project(qubit, bool(k))
        return out.apply(Circuit(state.n_qubits).x(qubit)) if k and event.bit is None else out

    return state.probabilities(qubit), after


def _mapped(state: State, event: Event) -> tuple[Floats, Callable[[int], State]]:
    """Give the same of a channel, by its Kraus operators."""
    n = state.n_qubits
    axes = [n - 1 - q for q in reversed(event.qubits)]
    tensor = np.moveaxis(state.amplitudes().reshape([2] * n), axes, range(len(axes)))
    flat = tensor.reshape(2 ** len(axes), -1)
    vectors = [matrix @ flat for matrix in event.kraus or ()]

    def after(k: int) -> State:
        found = np.moveaxis(vectors[k].reshape([2] * n), range(len(axes)), axes).ravel()
        return State.from_amplitudes(found / np.linalg.norm(found))

    return np.array([np.linalg.norm(vector) ** 2 for vector in vectors]), after


class CourseProgram:
    """Means of observables behind a circuit that is run outcome by outcome."""

    def __init__(
        self, course: Course, observables: Sequence[Any], noise: NoiseModel | None
    ) -> None:
        self._course, self._noise = course, noise
        self._observables = [pauli_sum(observable) for observable in observables]

    def expval(
        self,
        inputs: Any = None,
        *,
        trajectories: int = 0,
        seed: int | None = None,
        return_std: bool = False,
    ) -> Any:
        """Compute means, shape (samples, observables): exact, or of this many courses.

        With `return_std` their standard errors as well.
        """
        rng = np.random.default_rng(seed)
        rows = np.zeros((1, 0)) if inputs is None else np.asarray(inputs)
        found = [self._means(row, trajectories, rng) for row in rows]
        values, errors = (np.array(each) for each in zip(*found, strict=True))
        return (values, errors) if return_std else values

    def _means(self, row: Floats, courses: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
        branches = (
            self._course.drawn(row, courses, self._noise, rng)
            if courses
            else self._course.exact(row, self._noise)
        )
        first = second = np.zeros(len(self._observables))
        for branch in branches:
            share = branch.weight / max(1, courses)
            values = np.array([branch.state.expval(o) for o in self._observables])
            first, second = first + share * values, second + share * values**2
        spread = np.sqrt(np.maximum(second - first**2, 0))
        return first, spread / np.sqrt(max(1, courses))
