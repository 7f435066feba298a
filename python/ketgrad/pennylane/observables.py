"""PennyLane's observables as those of programs."""

from cmath import isfinite
from typing import Any

import numpy as np
import pennylane as qml
from pennylane.exceptions import DeviceError
from pennylane.measurements import MeasurementProcess
from pennylane.operation import Operator

from ketgrad import MatrixObservable, PauliSum
from ketgrad.pennylane.outcomes import computed
from ketgrad.pennylane.reading import Numbers

Observable = PauliSum | MatrixObservable

_DENSE = 10  # wires of an observable that is measured as a matrix


def is_measured(obs: Operator) -> bool:
    """Whether programs have the observable: a Pauli sum, or a matrix on a few wires."""
    if obs.pauli_rep is not None:
        return True
    return len(obs.wires) <= _DENSE and bool(obs.has_matrix or obs.has_sparse_matrix)


def observable(mp: MeasurementProcess, n: int) -> Observable | None:
    """Make the observable, of n qubits, of a measurement; None where it is neither sum nor matrix.

    Of outcomes from inside a circuit, each held by a wire, it is a sum of products of Z.
    """
    obs = mp.obs
    if mp.mv is not None:
        return computed(mp).pauli_sum([n - 1 - w for w in mp.wires], n)
    if obs is None or not is_measured(obs):
        return None
    if obs.pauli_rep is None:
        return _on(_matrix(obs), mp, n)
    terms = [
        ("".join(word.values()), [n - 1 - w for w in word], real(factor, obs))
        for word, factor in obs.pauli_rep.items()
    ]
    return PauliSum.from_sparse(terms, n)


def _on(matrix: Numbers, mp: MeasurementProcess, n: int) -> MatrixObservable:
    return MatrixObservable(matrix, [n - 1 - w for w in reversed(mp.wires)])


def _matrix(obs: Operator) -> Numbers:
    if obs.has_matrix:
        return np.asarray(qml.matrix(obs, wire_order=obs.wires))
    return np.asarray(obs.sparse_matrix(obs.wires).toarray())


def real(factor: Any, obs: Operator) -> float:
    """Give a coefficient of an observable as a real number.

    Raises DeviceError where it is none, and where it is not finite.
    """
    factor = complex(qml.math.toarray(factor))
    if not isfinite(factor):
        told = factor if factor.imag else factor.real
        raise DeviceError(f"{obs} has the coefficient {told}; it must be finite")
    if abs(factor.imag) > 1e-12:
        raise DeviceError(f"{obs} has the complex coefficient {factor}")
    return float(factor.real)
