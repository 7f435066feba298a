"""A tape's structure, which is compiled once, and its numbers, which change."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pennylane as qml
from numpy.typing import NDArray
from pennylane.exceptions import DeviceError
from pennylane.measurements import MeasurementProcess
from pennylane.operation import Operator, StatePrepBase
from pennylane.tape import QuantumScript
from scipy import sparse

from ketgrad._words import first_traced, written
from ketgrad.pennylane import gates
from ketgrad.pennylane.outcomes import computed

Floats = NDArray[np.float64]
Numbers = NDArray[Any]


@dataclass(frozen=True)
class Read:
    """What a tape says beside its structure."""

    angles: list[Any]
    """Numbers, or arrays of one a sample."""
    columns: list[int | None]
    """The place in them of each of the tape's parameters; None of those that are none."""
    batch: int | None
    state: Numbers | None
    """What it begins with."""

    def rows(self) -> Floats:
        """Give the angles, a row a sample. Raises DeviceError where they are no finite numbers."""
        out = np.empty((self.batch or 1, len(self.angles)))
        for k, angle in enumerate(self.angles):
            try:
                # NumPy drops the imaginary parts of arrays with no more than a warning.
                if np.iscomplexobj(angle) and np.any(np.imag(angle)):
                    raise TypeError("it has an imaginary part")
                out[:, k] = np.real(angle) if np.iscomplexobj(angle) else angle
            except (TypeError, ValueError, OverflowError) as error:
                raise DeviceError(f"angle {k} of the circuit is no real number: {error}") from error
        if not np.isfinite(out).all():
            row, k = np.argwhere(~np.isfinite(out))[0]
            raise DeviceError(f"angle {k} of the circuit is {out[row, k]}; it must be finite")
        return out


def read(tape: QuantumScript) -> tuple[Hashable, Read]:
    """Split a tape, of wires 0 to n - 1, into its structure and its numbers."""
    n = len(tape.wires)
    prepared = preparation(tape)
    angles: list[Any] = []
    columns: list[int | None] = []
    operations = []
    for op in tape.operations[prepared is not None :]:
        operations.append(gates.structure(op, int))
        own = gates.angles(op)
        trained = gates.has_angles(op)
        columns += range(len(angles), len(angles) + len(own)) if trained else [None] * len(op.data)
        angles += own
    if prepared is not None:
        columns = [*(None for _ in prepared.data), *columns]
    state = None if prepared is None else _state(prepared, n)
    sizes = {len(angle) for angle in angles if getattr(angle, "shape", ())}
    batch = max(sizes) if sizes else None
    if state is not None and state.ndim == 2:
        # A batch of one beside angles of more is for all of them.
        state, batch = (state[0], batch) if batch and len(state) == 1 else (state, len(state))
    key = (n, tuple(operations), tuple(_measured(mp) for mp in tape.measurements))
    return key, Read(angles, columns, batch, state)


def refuse_followed(tape: QuantumScript) -> None:
    """Raise DeviceError for numbers that PyTorch or JAX follows, which arrays would hide."""
    found = first_traced(tape.get_parameters(trainable_only=False))
    if found is not None:
        raise DeviceError(
            f"a parameter is {written(found)}, of whose derivatives a device by itself would lose "
            "track: run the circuit by a QNode or qml.execute"
        )


def preparation(tape: QuantumScript) -> StatePrepBase | None:
    """Give what prepares the state that a tape begins with."""
    first = tape.operations[0] if tape.operations else None
    return first if isinstance(first, StatePrepBase) else None


def prepared_state(tape: QuantumScript) -> tuple[Numbers | None, list[Operator]]:
    """Give the state that a tape begins with, None for that of zeros, and what comes behind."""
    prepared = preparation(tape)
    if prepared is None:
        return None, tape.operations
    return _state(prepared, len(tape.wires)), tape.operations[1:]


def _state(prepared: StatePrepBase, n: int) -> Numbers:
    state = qml.math.toarray(prepared.state_vector(wire_order=range(n)))
    state = np.asarray(state, complex).reshape(-1, 2**n)
    return state if prepared.batch_size else state[0]


def _measured(mp: MeasurementProcess) -> Hashable:
    if mp.obs is not None:  # whose eigenvalues may be those of a matrix of all wires
        seen = _observed(mp.obs)
    elif mp.mv is not None:
        seen = computed(mp).key()
    else:
        values = mp.eigvals()
        seen = None if values is None else values.tobytes()
    return (type(mp).__name__, tuple(mp.wires), mp.obs is not None, seen, mp.hash)


def _observed(obs: Operator) -> Hashable:
    """Give what tells observables apart; the hash of an operator is of its data as shown, cut."""
    if obs.pauli_rep is not None:
        return tuple(
            (tuple(word.items()), complex(qml.math.toarray(factor)))
            for word, factor in obs.pauli_rep.items()
        )
    return (obs.hash, tuple(_bytes(number) for number in qml.pytrees.flatten(obs)[0]))


def _bytes(number: Any) -> Hashable:
    if sparse.issparse(number):
        plain = number.tocsr()
        return (plain.data.tobytes(), plain.indices.tobytes(), plain.indptr.tobytes())
    return np.asarray(qml.math.toarray(number)).tobytes()
