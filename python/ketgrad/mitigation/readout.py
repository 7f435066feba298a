"""Bits that a machine misreads, undone by what it reads where the bits are known."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from ketgrad._core import Circuit, Result, _real_array
from ketgrad._numbers import integer
from ketgrad._types import FloatArray

_MOST_QUBITS = 24  # of distributions over outcomes
_ROUNDING = 1e-9  # of probabilities, and of matrices that have no inverse


def calibration_circuits(n_qubits: int) -> tuple[Circuit, Circuit]:
    """Make the circuits whose outcomes tell how bits are misread: of all 0, and of all 1.

    Parameters
    ----------
    n_qubits : int
        Of each, from 1 to 24.

    Returns
    -------
    zeros, ones : Circuit
        With all qubits measured.

    Examples
    --------
    >>> zeros, ones = calibration_circuits(2)
    >>> zeros.run(10).counts(), ones.run(10).counts()
    ({'00': 10}, {'11': 10})

    """
    n = integer("n_qubits", n_qubits, 1, _MOST_QUBITS)
    return Circuit(n).measure_all(), Circuit(n).x(range(n)).measure_all()


def confusion_matrices(
    zeros: Result | Mapping[str, float] | npt.ArrayLike,
    ones: Result | Mapping[str, float] | npt.ArrayLike,
) -> FloatArray:
    """Compute, qubit by qubit, how often each value is read for each.

    Parameters
    ----------
    zeros, ones : Result, dict or array-like of shape (2**n,)
        What was read where all bits were 0, and where all were 1, of `calibration_circuits`: a
        result, counts by their text, or counts or probabilities of all outcomes.

    Returns
    -------
    matrices : ndarray of shape (n, 2, 2)
        At [q, r, t] the probability that bit q is read as r where it is t. Columns sum to 1.

    Raises
    ------
    ValueError
        For outcomes of different numbers of bits, and for what is no distribution.

    Examples
    --------
    >>> confusion_matrices({"0": 98, "1": 2}, {"0": 5, "1": 95})
    array([[[0.98, 0.05],
            [0.02, 0.95]]])

    """
    read = [_distribution(name, given) for name, given in (("zeros", zeros), ("ones", ones))]
    if read[0].shape != read[1].shape or read[0].ndim != 1:
        raise ValueError(
            "zeros and ones must be of the same bits, got distributions of shapes "
            f"{read[0].shape} and {read[1].shape}"
        )
    n = read[0].size.bit_length() - 1
    lit = (np.arange(2**n) >> np.arange(n)[:, None]) & 1
    share = np.array([lit @ some for some in read])  # of bits that were read as 1
    return np.asarray(np.stack([1 - share, share]).transpose(2, 0, 1))


def invert_readout(
    outcomes: Result | Mapping[str, float] | npt.ArrayLike,
    matrices: npt.ArrayLike,
    *,
    project: bool = False,
) -> FloatArray:
    """Find the distribution that a machine which misreads bits would show as the one that was seen.

    Qubits are taken to be misread independently of each other. Probabilities may come out negative,
    which keeps expectation values without bias.

    Parameters
    ----------
    outcomes : Result, dict or array-like of shape (2**n,) or (batch, 2**n)
        What was read: a result, counts by their text, or counts or probabilities of all outcomes.
    matrices : array-like of shape (n, 2, 2)
        Of `confusion_matrices`.
    project : bool
        Whether to return the distribution without negative probabilities that is the nearest by
        the sum of squares (Smolin, Gambetta & Smith 2012, arXiv:1106.5458).

    Returns
    -------
    probabilities : ndarray of shape (2**n,) or (batch, 2**n)
        Bit q of an outcome is that of matrices[q]. They sum to 1.

    Raises
    ------
    ValueError
        For shapes that do not fit, what is no distribution, columns of matrices that do not sum to
        1, and matrices that have no inverse.

    Examples
    --------
    >>> matrices = [[[0.98, 0.05], [0.02, 0.95]]]
    >>> invert_readout({"0": 515, "1": 485}, matrices).round(6)
    array([0.5, 0.5])
    >>> invert_readout([0.99, 0.01], matrices).round(4)
    array([ 1.0108, -0.0108])
    >>> invert_readout([0.99, 0.01], matrices, project=True)
    array([1., 0.])

    """
    seen, inverses = _distribution("outcomes", outcomes), _inverses(matrices)
    n = len(inverses)
    if seen.shape[-1] != 2**n:
        raise ValueError(
            f"outcomes of shape {seen.shape} do not fit matrices of {n} qubits: those have {2**n} "
            "outcomes"
        )
    out = seen
    for q, inverse in enumerate(inverses):
        split = out.reshape(-1, 2 ** (n - 1 - q), 2, 2**q)  # the bit of qubit q apart
        out = np.einsum("rt,bhtl->bhrl", inverse, split)
    out = out.reshape(seen.shape)
    return _nearest_distribution(out) if project else out


def _inverses(matrices: npt.ArrayLike) -> FloatArray:
    given = np.asarray(_real_array(matrices, "matrices"))
    if given.ndim != 3 or given.shape[1:] != (2, 2) or not 1 <= len(given) <= _MOST_QUBITS:
        raise ValueError(
            f"matrices must have shape (n, 2, 2), n from 1 to {_MOST_QUBITS}, got {given.shape}"
        )
    for q, matrix in enumerate(given):
        if not ((matrix >= 0).all() and np.allclose(matrix.sum(axis=0), 1, atol=1e-6)):
            raise ValueError(
                f"matrices[{q}] is {matrix.tolist()}; its columns must be probabilities that sum "
                "to 1"
            )
        determinant = matrix[0, 0] - matrix[0, 1]
        if abs(determinant) < _ROUNDING:
            raise ValueError(
                f"matrices[{q}] is {matrix.tolist()}, which has no inverse: what is read does not "
                "depend on the bit"
            )
    return np.asarray(np.linalg.inv(given), dtype=np.float64)


def _nearest_distribution(values: FloatArray) -> FloatArray:
    """Move rows that sum to 1 to the nearest ones that have no negative entries."""
    falling = -np.sort(-values, axis=-1)
    count = np.arange(1, values.shape[-1] + 1)
    excess = (np.cumsum(falling, axis=-1) - 1) / count
    kept = np.count_nonzero(falling > excess, axis=-1, keepdims=True)  # the largest, a few
    return np.maximum(values - np.take_along_axis(excess, kept - 1, axis=-1), 0.0)


def _distribution(name: str, outcomes: Result | Mapping[str, float] | npt.ArrayLike) -> FloatArray:
    """Read probabilities of all outcomes, which sum to 1."""
    if isinstance(outcomes, Result):
        outcomes = outcomes.probabilities()
    if isinstance(outcomes, Mapping):
        out = _by_number(name, outcomes)
    else:
        out = np.asarray(_real_array(outcomes, name))
    size = out.shape[-1] if out.ndim in (1, 2) else 0
    if size < 2 or size > 2**_MOST_QUBITS or size & (size - 1):
        raise ValueError(
            f"{name} must have shape (2**n,) or (batch, 2**n), n from 1 to {_MOST_QUBITS}, got "
            f"{out.shape}"
        )
    total = out.sum(axis=-1, keepdims=True)
    if not ((out >= 0).all() and np.isfinite(total).all() and (total > 0).all()):
        raise ValueError(f"{name} must be at least 0 and finite, and not all 0")
    return np.asarray(out / total)


def _by_number(name: str, outcomes: Mapping[str, float]) -> FloatArray:
    texts = list(outcomes)
    n = len(texts[0]) if texts and isinstance(texts[0], str) else 0
    for text in texts:
        if not isinstance(text, str) or len(text) != n or set(text) - {"0", "1"}:
            raise ValueError(f"{name} has the key {text!r}; keys are texts of {n or 'n'} bits")
    if not 1 <= n <= _MOST_QUBITS:
        raise ValueError(f"{name} has keys of {n} bits; they must have 1 to {_MOST_QUBITS}")
    out = np.zeros(2**n)
    out[[int(text, 2) for text in texts]] = _real_array(list(outcomes.values()), name)
    return out
