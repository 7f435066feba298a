"""Values from shots: the bases that measurements share, and what outcomes in them say.

Outcomes are basis states as `Program.sample` draws them, wire 0 their highest bit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pennylane as qml
from numpy.typing import NDArray
from pennylane.exceptions import DeviceError
from pennylane.measurements import (
    ClassicalShadowMP,
    ExpectationMP,
    MeasurementProcess,
    ShadowExpvalMP,
    Shots,
)
from pennylane.operation import Operator
from pennylane.ops import LinearCombination, Sum
from pennylane.wires import Wires

from ketgrad import Circuit
from ketgrad._clients import MOST_SHOTS
from ketgrad.pennylane import gates
from ketgrad.pennylane.observables import observable, real

Draws = NDArray[np.uint64]
Bits = NDArray[np.int64]
Pick = slice | NDArray[np.int64]
"""Which of the shots."""

_TURNS = {"X": ("h",), "Y": ("sdg", "h"), "Z": ()}  # of eigenstates to 0 and 1


@dataclass(frozen=True)
class Term:
    """A part of a measurement that one basis serves."""

    place: int
    """Which of the measurements."""
    factor: float
    mp: MeasurementProcess
    parity: tuple[int, ...] | None
    """The wires whose parity is the sign of an expectation value; None asks the measurement."""


@dataclass
class Group:
    """Terms that the same shots serve."""

    basis: dict[int, str] | None
    """A Pauli letter a wire; None is a basis of its own."""
    turn: Circuit | None = None
    """What turns that of its own to 0 and 1."""
    terms: list[Term] = field(default_factory=list)

    def rotation(self, n: int) -> Circuit:
        """Make the circuit that turns the basis to 0 and 1."""
        if self.turn is not None:
            return self.turn
        out = Circuit(max(1, n))
        for wire, letter in (self.basis or {}).items():
            for gate in _TURNS[letter]:
                out.gate(gate, [], [n - 1 - wire])
        return out


def require_shots(shots: Shots) -> None:
    """Raise DeviceError for shots that are True, which PennyLane takes for 1, or too many."""
    for of in shots.shot_vector:
        if isinstance(of.shots, bool):
            raise DeviceError(f"a number of shots must be a positive integer, not {of.shots}")
    if shots and shots.total_shots > MOST_SHOTS:
        raise DeviceError(f"{shots.total_shots} shots; there may be {MOST_SHOTS}")


def is_shadow(mp: MeasurementProcess) -> bool:
    """Whether every shot has a basis of its own."""
    return isinstance(mp, ClassicalShadowMP | ShadowExpvalMP)


def groups_of(measurements: Sequence[MeasurementProcess], n: int) -> list[Group]:
    """Put measurements of n wires together whose bases go together, first come first served."""
    out: list[Group] = []
    for place, mp in enumerate(measurements):
        if is_shadow(mp):
            continue
        for basis, term in _terms(place, 1.0, mp, n):
            if basis is None:
                out.append(Group(None, _turn(mp=term.mp, n=n), [term]))
                continue
            group = next((g for g in out if g.basis is not None and _agree(g.basis, basis)), None)
            if group is None:
                out.append(group := Group({}))
            assert group.basis is not None
            group.basis |= basis
            group.terms.append(term)
    return out


def _agree(one: dict[int, str], other: dict[int, str]) -> bool:
    return all(one.get(wire, letter) == letter for wire, letter in other.items())


def _terms(
    place: int, factor: float, mp: MeasurementProcess, n: int
) -> Iterable[tuple[dict[int, str] | None, Term]]:
    """Split a measurement into what can be measured at once, each with its basis."""
    obs = mp.obs
    if obs is None:
        wires = [wire for wire in mp.wires or range(n) if wire < n]
        yield dict.fromkeys(wires, "Z"), Term(place, factor, mp, None)
    elif isinstance(mp, ExpectationMP) and obs.pauli_rep is not None:
        for word, coefficient in obs.pauli_rep.items():
            yield dict(word), Term(place, factor * real(coefficient, obs), mp, tuple(word))
    elif isinstance(mp, ExpectationMP) and isinstance(obs, Sum | LinearCombination):
        for coefficient, part in zip(*obs.terms(), strict=True):
            yield from _terms(place, factor * real(coefficient, obs), ExpectationMP(part), n)
    else:
        observable(mp, n)  # refuses what has complex eigenvalues, or none
        if _is_word(obs):
            (word,) = obs.pauli_rep
            yield dict(word), Term(place, factor, mp, None)
        else:
            yield None, Term(place, factor, mp, None)


def _is_word(obs: Operator) -> bool:
    """Whether eigenvalues are in the order of the bits of the wires."""
    operands = getattr(obs, "operands", [obs])
    apart = sum(len(one.wires) for one in operands) == len(obs.wires)
    return apart and bool(qml.pauli.is_pauli_word(obs))


def _turn(mp: MeasurementProcess, n: int) -> Circuit:
    out = Circuit(max(1, n))
    for op in _as_gates(mp.diagonalizing_gates()):
        angles = map(float, gates.angles(op))
        out.compose(gates.circuit(op, angles), [n - 1 - w for w in op.wires] or [0])
    return out


def _as_gates(ops: Iterable[Operator]) -> Iterable[Operator]:
    for op in ops:
        if gates.is_gate(op):
            yield op
        elif op.has_decomposition:
            yield from _as_gates(op.decomposition())
        else:
            raise DeviceError(f"{op}, of a diagonal basis, is no gate and has no decomposition")


def bits_of(draws: Draws, n: int) -> Bits:
    """Give the bits of outcomes, an axis of wires behind the others."""
    shifts = np.arange(n - 1, -1, -1, dtype=np.uint64)
    return (draws[..., None] >> shifts & np.uint64(1)).astype(np.int64)


def _signs(draws: Draws, wires: Sequence[int], n: int) -> NDArray[np.float64]:
    """Give 1 where the parity of wires is even, else -1."""
    left = draws & np.uint64(sum(1 << (n - 1 - wire) for wire in wires))
    for shift in (32, 16, 8, 4, 2, 1):
        left = left ^ (left >> np.uint64(shift))
    return 1.0 - 2.0 * (left & np.uint64(1)).astype(np.float64)


class Outcomes:
    """What measurements say of the shots of each group.

    Parameters
    ----------
    groups : list of Group
    draws : list of numpy.ndarray
        Basis states of each, of shape (shots,) or (samples, shots).
    n : int
        The number of wires.
    beside : numpy.ndarray, optional
        Bits of shape (shots, m) of wires behind these, such as outcomes from inside the circuit.

    """

    def __init__(
        self, groups: list[Group], draws: list[Draws], n: int, beside: Bits | None = None
    ) -> None:
        self._groups, self._draws, self._n, self._beside = groups, draws, n, beside
        self._bits: dict[int, Bits] = {}

    def answers(self, n_measurements: int, pick: Pick) -> list[Any]:
        """Answer every measurement from some of the shots; None of those that are shadows."""
        out: list[Any] = [None] * n_measurements
        for k, (group, draws) in enumerate(zip(self._groups, self._draws, strict=True)):
            for term in group.terms:
                value = self._value(k, term, draws[..., pick], pick)
                before = out[term.place]
                out[term.place] = value if before is None else before + value
        return out

    def _value(self, k: int, term: Term, draws: Draws, pick: Pick) -> Any:
        if term.parity is not None:
            with np.errstate(invalid="ignore"):
                total = _signs(draws, term.parity, self._n).sum(-1)
                return term.factor * (total / np.float64(draws.shape[-1]))
        if k not in self._bits:
            bits = bits_of(self._draws[k], self._n)
            self._bits[k] = bits if self._beside is None else np.hstack([bits, self._beside])
        bits = self._bits[k][..., pick, :]
        value = term.mp.process_samples(bits, Wires(range(bits.shape[-1])))
        return value if term.factor == 1 else term.factor * value


def nested(found: list[list[Any]], shots: Shots) -> Any:
    """Give results of bins of shots in the form that PennyLane has."""
    each = [tuple(one) if len(one) > 1 else one[0] for one in found]
    return tuple(each) if shots.has_partitioned_shots else each[0]
