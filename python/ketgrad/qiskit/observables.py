"""Observables of Qiskit as those of ketgrad."""

from cmath import isfinite
from collections.abc import Hashable
from typing import Any

import numpy as np
from qiskit.exceptions import QiskitError
from qiskit.quantum_info import Operator, Pauli, SparseObservable, SparsePauliOp

from ketgrad import PauliSum
from ketgrad._words import shown

_REAL = 1e-12  # of an imaginary part that is none


def pauli_sum(observable: Any) -> PauliSum:
    """Give an observable of Qiskit as a sum of Pauli strings.

    Parameters
    ----------
    observable : SparsePauliOp, SparseObservable, Pauli, Operator or str
        Projectors (`0`, `1`, `+`, `-`, `r`, `l`) of a `SparseObservable` become Pauli strings, two
        of them each: a term with k projectors becomes 2**k strings, of which all terms together may
        have 65536. Qubit 0 is the last letter. Coefficients may be complex numbers without an
        imaginary part.

    Returns
    -------
    observable : PauliSum
        On the same qubits.

    Raises
    ------
    qiskit.exceptions.QiskitError
        For other types and labels, coefficients that are parameters or not finite, what is not
        Hermitian, and too many projectors.

    Examples
    --------
    >>> from qiskit.quantum_info import SparsePauliOp
    >>> pauli_sum(SparsePauliOp(["ZZ", "IX"], [1.0, -0.5 + 0j]))
    PauliSum('ZZ - 0.5*IX')

    """
    if isinstance(observable, Operator):
        try:
            return PauliSum.from_sparse(observable.data)
        except ValueError as error:
            raise QiskitError(f"no observable: {error}") from error
    found = _sparse(observable)
    for coefficient in found.coeffs:
        _require_real(complex(coefficient))
    try:
        return PauliSum(found)
    except ValueError as error:  # of too many projectors
        raise QiskitError(f"no observable: {error}") from error


def _sparse(observable: Any) -> SparseObservable:
    try:
        if isinstance(observable, SparsePauliOp | Pauli | str):
            observable = SparseObservable(observable)
        if isinstance(observable, SparseObservable):
            return observable.simplify()
    except (TypeError, ValueError) as error:  # of parameters as coefficients, and of labels
        raise QiskitError(f"no observable {shown(observable)}: {error}") from error
    raise QiskitError(f"ketgrad has no observable of type {type(observable).__name__}")


def _require_real(coefficient: complex) -> None:
    if not isfinite(coefficient):
        raise QiskitError(f"an observable has the coefficient {coefficient}; it must be finite")
    if abs(coefficient.imag) > _REAL * max(1.0, abs(coefficient)):
        raise QiskitError(f"an observable has the complex coefficient {coefficient}")


def key(observable: Any) -> Hashable:
    """Give what equal observables share."""
    if isinstance(observable, Operator):
        return np.ascontiguousarray(observable.data).tobytes()
    found = _sparse(observable)
    arrays = (found.coeffs, found.bit_terms, found.indices, found.boundaries)
    return (found.num_qubits, *(np.asarray(array).tobytes() for array in arrays))
