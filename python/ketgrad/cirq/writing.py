"""Circuits of ketgrad as circuits of Cirq."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from itertools import groupby
from typing import Any

import cirq
import numpy as np
import sympy

from ketgrad import Circuit
from ketgrad._words import shown
from ketgrad.cirq.conditions import NotAll
from ketgrad.cirq.evolution import Evolution
from ketgrad.cirq.expressions import write

Row = dict[str, Any]
"""An operation as ketgrad's JSON text tells it."""

_FIXED: dict[str, cirq.Gate] = {
    "id": cirq.I,
    "x": cirq.X,
    "y": cirq.Y,
    "z": cirq.Z,
    "h": cirq.H,
    "s": cirq.S,
    "sdg": cirq.S**-1,
    "t": cirq.T,
    "tdg": cirq.T**-1,
    "sx": cirq.X**0.5,
    "sxdg": cirq.X**-0.5,
    "swap": cirq.SWAP,
    "iswap": cirq.ISWAP,
    "iswapdg": cirq.ISWAP**-1,
}
_SPECIAL: dict[tuple[str, int], cirq.Gate] = {
    ("x", 1): cirq.CNOT,
    ("z", 1): cirq.CZ,
    ("x", 2): cirq.CCNOT,
    ("z", 2): cirq.CCZ,
    ("swap", 1): cirq.CSWAP,
}
"""Gates with controls of 1 that Cirq has a gate of its own for."""


def _turns(angle: Any) -> Any:
    return angle / (sympy.pi if isinstance(angle, sympy.Basic) else np.pi)


def _power(gate: type, shift: float = -0.5) -> Callable[..., cirq.Gate]:
    return lambda angle: gate(exponent=_turns(angle), global_shift=shift)


_ANGLED: dict[str, Callable[..., cirq.Gate]] = {
    "rx": cirq.rx,
    "ry": cirq.ry,
    "rz": cirq.rz,
    "p": _power(cirq.ZPowGate, 0),
    "rxx": _power(cirq.XXPowGate),
    "ryy": _power(cirq.YYPowGate),
    "rzz": _power(cirq.ZZPowGate),
}


def to_cirq(circuit: Circuit, qubits: Sequence[cirq.Qid] | None = None) -> cirq.Circuit:
    """Make a circuit of Cirq of one of ketgrad's.

    Parameters become symbols; bits become measurement keys: the name of a register that is
    measured as a whole, and else the register's name and the bit, as in `c[0]`. Behind a barrier
    comes a new moment. States of Cirq have their first qubit as the most significant bit of an
    index, those of ketgrad as the least: `qubit_order=reversed(qubits)` gives ketgrad's.

    Parameters
    ----------
    circuit : ketgrad.Circuit
    qubits : sequence of cirq.Qid, default=None
        Which of Cirq's is qubit 0, 1, ...; None takes `cirq.LineQubit.range(n)`.

    Returns
    -------
    cirq.Circuit

    Raises
    ------
    TypeError
        For what is no circuit of ketgrad, and what is no qubit, or a set of them.
    ValueError
        For fewer qubits than the circuit has, and one that is there twice.

    Examples
    --------
    >>> from ketgrad import Circuit, Parameter
    >>> print(to_cirq(Circuit(2).h(0).cx(0, 1).rz(Parameter("a"), 1)))
    0: ───H───@───────────
              │
    1: ───────X───Rz(a)───

    """
    if not isinstance(circuit, Circuit):
        raise TypeError(f"a ketgrad.Circuit is wanted, not {shown(circuit)}")
    given = cirq.LineQubit.range(circuit.n_qubits) if qubits is None else _read_qubits(qubits)
    if len(given) < circuit.n_qubits:
        raise ValueError(f"the circuit has {circuit.n_qubits} qubits, {len(given)} were given")
    return _Writer(json.loads(circuit.to_json()), given).write()


def _read_qubits(given: Any) -> list[cirq.Qid]:
    """Give qubits in their order. Raises TypeError for what is none, ValueError for one twice."""
    if isinstance(given, str | Set) or not isinstance(given, Iterable):
        raise TypeError(f"qubits must be a sequence of cirq.Qid, not {shown(given)}")
    out: dict[cirq.Qid, None] = {}
    for k, qubit in enumerate(given):
        if not isinstance(qubit, cirq.Qid) or qubit.dimension != 2:
            raise TypeError(f"qubits[{k}] must be a qubit of Cirq, not {shown(qubit)}")
        if qubit in out:
            raise ValueError(f"qubits[{k}] is {qubit}, which comes before: each must be another")
        out[qubit] = None
    return list(out)


class _Writer:
    def __init__(self, told: dict[str, Any], qubits: Sequence[cirq.Qid]) -> None:
        self._rows, self._qubits = told["operations"], qubits
        self._bits: list[tuple[str, int, int]] = []  # register, its size, place in it
        for register in told.get("bit_registers", ()):
            size = register["size"]
            self._bits += [(register["name"], size, k) for k in range(size)]
        self._whole = self._measured_as_wholes()
        self._written: set[str] = set()  # keys

    def write(self) -> cirq.Circuit:
        """Write moments from barrier to barrier."""
        out = cirq.Circuit()
        for is_barrier, rows in groupby(self._rows, lambda row: row["gate"] == "barrier"):
            if not is_barrier:
                out += cirq.Circuit(self._operations(list(rows)))
        return out

    def _operations(self, rows: list[Row]) -> Iterator[cirq.Operation]:
        while rows:
            row = rows.pop(0)
            if row["gate"] == "measure":
                more = self._register_size(row) - 1
                yield self._measurement([row, *rows[:more]])
                del rows[:more]
            else:
                for op in self._gates(row):
                    yield from self._conditional(row, op)

    def _measured_as_wholes(self) -> set[str]:
        """Find the registers whose bits are always measured together, the last of them first."""
        names = {name for name, _, _ in self._bits}
        rows = iter(enumerate(self._rows))
        for k, row in rows:
            if row["gate"] != "measure":
                continue
            name, size, _ = self._bits[row["bit"]]
            own = [self._bits[r["bit"]] if "bit" in r else None for r in self._rows[k : k + size]]
            if own == [(name, size, place) for place in reversed(range(size))] and name in names:
                for _ in range(size - 1):
                    next(rows)
            else:
                names.discard(name)
        return names

    def _register_size(self, row: Row) -> int:
        name, size, _ = self._bits[row["bit"]]
        return size if name in self._whole else 1

    def _key(self, bit: int) -> str:
        name, size, place = self._bits[bit]
        return name if name in self._whole or size == 1 else f"{name}[{place}]"

    def _measurement(self, rows: list[Row]) -> cirq.Operation:
        key = self._key(rows[0]["bit"])
        self._written.add(key)
        return cirq.measure(*(self._on(row)[0] for row in rows), key=key)

    def _on(self, row: Row) -> list[cirq.Qid]:
        return [self._qubits[q] for q in row["targets"]]

    def _gates(self, row: Row) -> list[cirq.Operation]:
        targets = self._on(row)
        if not row.get("controls"):
            return _gates(row, targets)
        controls = [self._qubits[c["qubit"]] for c in row["controls"]]
        values = [int(c["value"]) for c in row["controls"]]
        special = _SPECIAL.get((row["gate"], len(controls)))
        if special is not None and all(values):
            return [special.on(*controls, *targets)]
        inner = _gates(row, targets)
        return [op.controlled_by(*controls, control_values=values) for op in inner]

    def _conditional(self, row: Row, op: cirq.Operation) -> Iterator[cirq.Operation]:
        conditions: list[cirq.Condition] = []
        for term in row.get("condition", ()):
            found = self._condition(term)
            if found is None:
                return
            conditions += found
        yield op.with_classical_controls(*conditions) if conditions else op

    def _condition(self, term: Row) -> list[cirq.Condition] | None:
        """Give conditions that must all hold; None where they cannot."""
        equal = term.get("equal", True)
        by_key: dict[str, tuple[int, int]] = {}  # mask and value
        possible = True
        for bit, value in zip(term["bits"], term["values"], strict=True):
            key = self._key(bit)
            if key not in self._written:  # the bit is 0 still
                possible = possible and not value
                continue
            place = 1 << self._bits[bit][2] if key in self._whole else 1
            mask, target = by_key.get(key, (0, 0))
            by_key[key] = (mask | place, target | place * value)
        if not possible:
            return None if equal else []
        conditions = [
            cirq.BitMaskKeyCondition(key, target_value=target, equal_target=True, bitmask=mask)
            for key, (mask, target) in by_key.items()
        ]
        return conditions if equal else _none_or(conditions)


def _none_or(conditions: list[cirq.BitMaskKeyCondition]) -> list[cirq.Condition] | None:
    """Give the condition that not all of these hold."""
    if not conditions:
        return None
    if len(conditions) == 1:
        c = conditions[0]
        return [cirq.BitMaskKeyCondition(c.key, target_value=c.target_value, bitmask=c.bitmask)]
    return [NotAll(conditions)]


def _complex(numbers: Any) -> Any:
    pairs = np.array(numbers, float)
    return pairs[..., 0] + 1j * pairs[..., 1]


def _gates(row: Row, targets: list[cirq.Qid]) -> list[cirq.Operation]:
    """Write what a row does, without its controls and conditions."""
    name = row["gate"]
    angles = [write(angle) for angle in row.get("angles", ())]
    if name in _FIXED:
        return [_FIXED[name].on(*targets)]
    if name in _ANGLED:
        return [_ANGLED[name](*angles).on(*targets)]
    if name == "u":
        return _u(angles, targets[0])
    return [_OTHERS[name](row, angles, targets)]


def _u(angles: list[Any], target: cirq.Qid) -> list[cirq.Operation]:
    x, left, right = map(_turns, angles)
    gate = cirq.PhasedXZGate(x_exponent=x, z_exponent=left + right, axis_phase_exponent=0.5 - right)
    return [gate.on(target), _phase(-angles[0] / 2)]  # that of X^x


def _phase(angle: Any) -> cirq.Operation:
    exp, i = (sympy.exp, sympy.I) if isinstance(angle, sympy.Basic) else (np.exp, 1j)
    return cirq.GlobalPhaseGate(exp(i * angle)).on()


def _pauli_rotation(row: Row, angles: list[Any], targets: list[cirq.Qid]) -> cirq.Operation:
    half = angles[0] / 2
    word = cirq.PauliString(dict(zip(targets, row["pauli"], strict=True)))
    if word:
        turns = _turns(half)
        return cirq.PauliStringPhasor(word, exponent_neg=turns, exponent_pos=-turns)
    return _phase(-half)


def _initialize(row: Row, angles: list[Any], targets: list[cirq.Qid]) -> cirq.Operation:
    given = _complex(row["amplitudes"]) if "amplitudes" in row else np.array(angles)
    if given.dtype == object:
        raise TypeError("Cirq has no state preparation whose amplitudes are symbols")
    state = np.zeros(2 ** len(targets), complex)
    state[: len(given)] = given / np.linalg.norm(given)
    return cirq.StatePreparationChannel(state).on(*targets[::-1])


def _channel(row: Row, _: list[Any], targets: list[cirq.Qid]) -> cirq.Operation:
    kraus = [_complex(operator) for operator in row["channel"]["kraus"]]
    return cirq.KrausChannel(kraus).on(*targets[::-1])


def _evolution(row: Row, angles: list[Any], targets: list[cirq.Qid]) -> cirq.Operation:
    return Evolution(angles[0], _complex(row["matrix"])).on(*targets[::-1])


_OTHERS: dict[str, Callable[[Row, list[Any], list[cirq.Qid]], cirq.Operation]] = {
    "pauli_rotation": _pauli_rotation,
    "unitary": lambda row, _, on: cirq.MatrixGate(_complex(row["matrix"])).on(*on[::-1]),
    "evolution": _evolution,
    "initialize": _initialize,
    "channel": _channel,
    "reset": lambda _row, _, on: cirq.reset(*on),
}
