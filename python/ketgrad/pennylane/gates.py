"""PennyLane's operators as circuits of ketgrad.

A table has those with angles that may be differentiated. What is left and has a matrix on a few
wires becomes that unitary, of a batch rotations with angles of each sample (`unitaries`); anything
else PennyLane decomposes.
"""

from collections.abc import Callable, Hashable, Iterator
from typing import Any

import numpy as np
import pennylane as qml
from pennylane.exceptions import DeviceError
from pennylane.operation import Channel, Operator
from pennylane.ops import Adjoint, Controlled, Projector

from ketgrad import Channel as KrausChannel
from ketgrad import Circuit, Expression, Parameter
from ketgrad.pennylane import unitaries

Angle = Parameter | Expression | float
Build = Callable[[Circuit, Operator, list[Any]], object]
"""Append an operator to a circuit whose qubit k is the operator's wire k."""

_DENSE = 5  # wires of a matrix that is applied as one gate
_LARGEST = 10  # where there is nothing to decompose it into
_DIAGONAL = 20  # of a diagonal, which takes 2**n numbers
_BLOCK = 4  # qubits of a part of a diagonal


def _plain(name: str) -> Build:
    return lambda c, op, angles: c.gate(name, angles, range(len(op.wires)))


def _rot(c: Circuit, angles: list[Any]) -> None:
    phi, theta, omega = angles
    c.rz(phi, 0).ry(theta, 0).rz(omega, 0)


def _controlled_rot(c: Circuit, _: Operator, angles: list[Any]) -> None:
    inner = Circuit(1)
    _rot(inner, angles)
    c.compose(inner.control(), [1, 0])


def _ising_xy(c: Circuit, _: Operator, angles: list[Any]) -> None:
    c.rxx(-angles[0] / 2, 0, 1).ryy(-angles[0] / 2, 0, 1)


def _pauli_rotation(c: Circuit, op: Operator, angles: list[Any]) -> None:
    word = op.hyperparameters.get("pauli_word", "Z" * len(op.wires))
    c.pauli_rotation(angles[0], word, range(len(op.wires)))


def _phase(c: Circuit, op: Operator, angles: list[Any]) -> None:
    # On no wire it is of all: the circuit's first qubit serves.
    c.pauli_rotation(2 * angles[0], "I" * max(1, len(op.wires)), range(max(1, len(op.wires))))


def _generated(c: Circuit, op: Operator, angles: list[Any]) -> None:
    """Append exp(i angle G)."""
    generator = qml.generator(op, format="observable")
    dense = qml.matrix(generator, wire_order=op.wires)
    c.evolution(-angles[0], dense, range(len(op.wires))[::-1])


def _where(index: int) -> Build:
    """Give the phase exp(i angle) of one basis state of two wires."""
    values = [index >> 1, index & 1]
    return lambda c, _, angles: _phase_where(c, angles[0], [0, 1], values)


def _phase_where(c: Circuit, angle: Any, controls: list[int], values: list[int]) -> Circuit:
    """Append exp(i angle) of where the controls have their values."""
    *others, last = controls
    flips = [] if values[-1] else [last]
    return c.x(flips).p(angle, last, dict(zip(others, values, strict=False))).x(flips)


def _below(c: Circuit, op: Operator, angles: list[Any]) -> None:
    """Append exp(i angle) of the first basis states, exp(-i angle) of all others.

    Numbers below a bound agree with it up to a bit that it has and they lack: each bit of the bound
    has one phase.
    """
    bound, size = op.hyperparameters["dimension"]
    n = len(op.wires)
    sign = 1 if bound == size else -1
    c.pauli_rotation(-2 * sign * angles[0], "I" * n, range(n))
    if bound == size:
        return
    bits = [bound >> (n - 1 - k) & 1 for k in range(n)]
    for k in range(n):
        if bits[k]:
            _phase_where(c, 2 * angles[0], list(range(k + 1)), [*bits[:k], 0])


_BUILDS: dict[str, Build] = {
    "Identity": lambda c, *_: c,
    "PauliX": _plain("x"),
    "PauliY": _plain("y"),
    "PauliZ": _plain("z"),
    "Hadamard": _plain("h"),
    "S": _plain("s"),
    "T": _plain("t"),
    "SX": _plain("sx"),
    "CNOT": _plain("cx"),
    "CY": _plain("cy"),
    "CZ": _plain("cz"),
    "CH": _plain("ch"),
    "SWAP": _plain("swap"),
    "ISWAP": _plain("iswap"),
    "CSWAP": _plain("cswap"),
    "CCZ": _plain("ccz"),
    "Toffoli": _plain("ccx"),
    "RX": _plain("rx"),
    "RY": _plain("ry"),
    "RZ": _plain("rz"),
    "PhaseShift": _plain("p"),
    "U1": _plain("p"),
    "U2": lambda c, _, angles: c.u(np.pi / 2, angles[0], angles[1], 0),
    "U3": _plain("u"),
    "Rot": lambda c, _, angles: _rot(c, angles),
    "CRX": _plain("crx"),
    "CRY": _plain("cry"),
    "CRZ": _plain("crz"),
    "CRot": _controlled_rot,
    "ControlledPhaseShift": _plain("cp"),
    "IsingXX": _plain("rxx"),
    "IsingYY": _plain("ryy"),
    "IsingZZ": _plain("rzz"),
    "IsingXY": _ising_xy,
    "MultiRZ": _pauli_rotation,
    "PauliRot": _pauli_rotation,
    "GlobalPhase": _phase,
    "CPhaseShift00": _where(0b00),
    "CPhaseShift01": _where(0b01),
    "CPhaseShift10": _where(0b10),
    "PCPhase": _below,
    "SingleExcitation": _generated,
    "SingleExcitationMinus": _generated,
    "SingleExcitationPlus": _generated,
    "DoubleExcitation": _generated,
    "DoubleExcitationMinus": _generated,
    "DoubleExcitationPlus": _generated,
    "OrbitalRotation": _generated,
    "FermionicSWAP": _generated,
}
NAMES = frozenset(_BUILDS)


def _base(op: Operator) -> Operator | None:
    """Give what an operator controls or inverts, where it has nothing of its own beside."""
    return op.base if isinstance(op, Controlled | Adjoint) and op.name not in _BUILDS else None


def _phase_sign(op: Operator) -> int:
    """Give 1 for a phase of the whole, -1 for its inverse, 0 for anything else."""
    if op.name == "GlobalPhase":
        return 1
    return -_phase_sign(op.base) if isinstance(op, Adjoint) else 0


def has_angles(op: Operator) -> bool:
    """Whether the data of an operator are angles, which stay parameters."""
    base = _base(op)
    if base is not None and not base.wires and not _phase_sign(op):
        return isinstance(op, Controlled) and (base.name == "Identity" or _phase_sign(base) != 0)
    return op.name in _BUILDS if base is None else has_angles(base)


def angles(op: Operator) -> list[Any]:
    """Give the angles of an operator: its data, or what stands for a batch of matrices."""
    if has_angles(op):
        return list(op.data)
    base = _base(op)
    if base is not None:
        return angles(base)
    return unitaries.angles(_matrix(op)) if op.batch_size else []


def is_gate(op: Operator) -> bool:
    """Whether an operator becomes one gate or a few, and need not be decomposed."""
    if has_angles(op):
        return True
    if isinstance(op, Channel | Projector) or not (op.wires and op.has_matrix):
        return False
    if any(qml.math.requires_grad(number) for number in op.data):
        return False
    if len(op.wires) <= _DENSE or _is_diagonal(op) or _is_diagonal(_base(op)):
        return True
    return len(op.wires) <= _LARGEST and not op.has_decomposition


def _is_diagonal(op: Operator | None) -> bool:
    return op is not None and op.name == "DiagonalQubitUnitary" and not op.batch_size


def is_channel(op: Operator) -> bool:
    """Whether an operator is noise, whose numbers are no parameters."""
    return isinstance(op, Channel) and op.batch_size is None


def _kraus(op: Channel) -> Any:
    return np.array([qml.math.toarray(matrix) for matrix in op.kraus_matrices()], complex)


def structure(op: Operator, place: Callable[[Any], int]) -> Hashable:
    """Give what two operators share whose circuits differ by angles alone."""
    base = _base(op)
    if base is not None:
        own = tuple(op.control_values) if isinstance(op, Controlled) else "inverse"
        wires = tuple(map(place, op.wires)) if isinstance(op, Controlled) else ()
        return (own, wires, structure(base, place))
    wires = tuple(map(place, op.wires))
    if op.name in _BUILDS:
        own = op.hyperparameters.get("pauli_word") or op.hyperparameters.get("dimension")
        return (op.name, wires, own)
    if isinstance(op, Channel):
        return ("channel", wires, _kraus(op).tobytes())
    if op.batch_size:
        return ("unitaries", wires)
    own = _diagonal(op) if _is_diagonal(op) else _matrix(op)
    return ("unitary", op.name == "DiagonalQubitUnitary", wires, own.tobytes())


def _matrix(op: Operator) -> Any:
    return np.ascontiguousarray(qml.math.toarray(qml.matrix(op)), complex)


def _diagonal(op: Operator) -> Any:
    """Give the entries of a diagonal unitary.

    Raises DeviceError for more than can be held, and for what is not unitary.
    """
    n = len(op.wires)
    if n > _DIAGONAL:
        raise DeviceError(f"{op.name} on {n} wires; ketgrad has it on up to {_DIAGONAL}")
    entries = np.ascontiguousarray(qml.math.toarray(op.data[0]), complex)
    if not np.allclose(abs(entries), 1):
        raise DeviceError(f"{op.name} is not unitary: it has an entry of modulus {_worst(entries)}")
    return entries


def _worst(entries: Any) -> float:
    moduli = abs(entries)
    return float(moduli[np.argmax(abs(moduli - 1))])


def _append_diagonal(c: Circuit, entries: Any) -> None:
    """Append a diagonal in parts, each where the first qubits have one value: each is touched once.

    The first qubit is the most significant bit of the places of the entries.
    """
    n = c.n_qubits
    n_controls = max(0, n - _BLOCK)
    targets = list(range(n_controls, n))[::-1]
    for k, part in enumerate(entries.reshape(2**n_controls, -1)):
        if not np.all(part == 1):
            controls = {q: k >> (n_controls - 1 - q) & 1 for q in range(n_controls)}
            c.unitary(np.diag(part), targets, controls)


def circuit(op: Operator, angles: Iterator[Angle]) -> Circuit:
    """Make the circuit of an operator, whose qubit k is the operator's wire k.

    It takes as many of the angles as `angles` has.
    """
    base = _base(op)
    if isinstance(op, Controlled) and base is not None:
        places = {wire: k for k, wire in enumerate(op.wires)}
        controls = [places[wire] for wire in op.control_wires]
        values = [int(value) for value in op.control_values]
        if not base.wires and base.name == "Identity":
            return Circuit(len(op.wires))
        if sign := _phase_sign(base):
            return _phase_where(Circuit(len(op.wires)), -sign * next(angles), controls, values)
        inner = circuit(base, angles).control(values)
        return Circuit(len(op.wires)).compose(inner, [places[w] for w in base.wires] + controls)
    if base is not None:
        return circuit(base, angles).inverse()
    out = Circuit(max(1, len(op.wires)))
    if isinstance(op, Channel):
        out.channel(KrausChannel.from_kraus(_kraus(op)), range(len(op.wires))[::-1])
    elif op.name in _BUILDS:
        _BUILDS[op.name](out, op, [next(angles) for _ in op.data])
    elif op.batch_size:
        unitaries.append(out, angles)
    elif _is_diagonal(op):
        _append_diagonal(out, _diagonal(op))
    else:
        try:
            out.unitary(_matrix(op), range(len(op.wires))[::-1])
        except ValueError as error:  # of no unitary, and of one that is not of qubits
            raise DeviceError(f"{op} is no gate: {error}") from error
    return out
