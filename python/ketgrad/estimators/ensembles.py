"""Ensembles of states by class: how far apart they are, and coordinates in which that is seen."""

import numpy as np

from ketgrad._types import Array, ComplexArray, FloatArray


def ensembles_of(states: ComplexArray, labels: Array) -> ComplexArray:
    """Average |x><x| over the states of every label 0, 1, ..., all of which are there.

    >>> ensembles_of(np.array([[1, 0], [0, 1j], [1, 0]]), np.array([0, 1, 1])).real[1]
    array([[0.5, 0. ],
           [0. , 0.5]])
    """
    of_class = [states[labels == label] for label in range(int(labels.max()) + 1)]
    return np.array([np.einsum("ri,rj->ij", part, part.conj()) / len(part) for part in of_class])


def are_density_matrices(matrices: ComplexArray, tolerance: float) -> bool:
    """Tell whether finite matrices of shape (..., D, D) are Hermitian, of trace 1 and positive.

    >>> are_density_matrices(np.diag([0.5, 0.5, 0.0]), 0.0)
    True
    >>> are_density_matrices(np.diag([2.0, -1.0]), 1e-6)
    False
    """
    with np.errstate(over="ignore", invalid="ignore"):
        skew = np.abs(matrices - matrices.conj().swapaxes(-1, -2)).max()
        off = np.abs(np.trace(matrices, axis1=-2, axis2=-1) - 1).max()
        largest = np.abs(matrices).max()
    if not (skew <= tolerance and off <= tolerance and largest <= 1 + tolerance):
        return False
    return bool(np.linalg.eigvalsh(matrices).min() >= -tolerance)


def separation(states: ComplexArray, labels: Array) -> tuple[float, ComplexArray]:
    """Compute the loss of a batch, and its derivatives as `Program.vjp` takes them.

    It is 1 minus the mean purity of the ensembles plus the mean overlap of pairs, and 1 minus the
    purity where there is one class alone.

    >>> separation(np.eye(2, dtype=complex), np.array([3, 5]))[0]
    0.0
    """
    present, index = np.unique(labels, return_inverse=True)
    n = len(present)
    signs = np.full((n, n), -1 / max(1, n * (n - 1)))
    np.fill_diagonal(signs, 1 / n)
    ensembles = ensembles_of(states, index)
    against = np.tensordot(signs, ensembles, axes=1)
    loss = 1 - np.einsum("cij,cji->", against, ensembles).real
    # The loss is -<x|against|x> of every state, twice: an ensemble is in both factors.
    shares = 1 / np.bincount(index)[index]
    pulled = -4 * shares[:, None] * np.einsum("rij,rj->ri", against[index], states)
    return float(loss), pulled


def coordinates(states: ComplexArray) -> FloatArray:
    """Write |x><x| as vectors whose distances are those of Hilbert and Schmidt.

    >>> coordinates(np.array([[1, 0]]) + 0j)
    array([[1., 0., 0., 0.]])
    """
    size = states.shape[1]
    left, right = np.triu_indices(size, 1)
    above = np.sqrt(2) * states[:, left] * states[:, right].conj()
    return np.concatenate([np.abs(states) ** 2, above.real, above.imag], axis=1)
